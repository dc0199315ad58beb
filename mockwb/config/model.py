"""The server's configuration, typed. Unknown keys and wrong types are errors.

Units are written as people write them (`10MB`, `5m`, `60/1m`); see `mockwb.units`.
"""

from typing import Annotated, Literal

import msgspec

from mockwb.config.guidance import GuidanceConfig
from mockwb.config.network import Network
from mockwb.config.people import PeopleConfig, check_keys
from mockwb.faults.rule import FaultRule, check_names
from mockwb.limits.rules import LimitRules
from mockwb.units import Duration, Size


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that the server accepts, and whose it is."""

    key: str
    user: str | None = None
    """User name; None makes one up from the key."""


class AuthConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may log in."""

    keys: list[ApiKey] = []
    """The only keys accepted; empty accepts every well-formed key, each as a user of its own."""


class RunsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How runs live and die."""

    crash_after: Duration = Duration(300)
    """A running run without any request for this long counts as crashed."""
    parquet_history: bool = False
    """Serve histories of ended runs as Parquet files too, as W&B does; needs pyarrow.

    SDKs keep the files under the run's name and take them for current when a new server has a run
    of the same name: where runs are given fixed ids, give readers a fresh WANDB_CACHE_DIR.
    """


class StorageConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where uploaded files go."""

    memory_threshold: Size = Size(1_000_000)
    """Files up to this many bytes stay in memory, larger ones go to `folder`."""
    max_file_size: Size = Size(10_000_000_000)
    """Larger uploads are answered with 413."""
    folder: str | None = None
    """None makes a temporary folder that goes with the server."""
    keep_large: bool = True
    """False keeps nothing but size and digest of what would go to `folder`: it reads as zeros.
    For loads of checkpoints that would fill the disk."""


class BodiesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large a request body may be (uploads to storage excepted)."""

    max_size: Size = Size(64_000_000)
    """Bytes on the wire."""
    max_decompressed: Size = Size(256_000_000)
    """Bytes after gunzip."""
    timeout: Duration = Duration(60)
    """A body of which nothing arrives for this long is answered with 408."""


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """HTTPS instead of HTTP; plain HTTP unless both files are given."""

    certificate: str | None = None
    """PEM file with the server's certificate and what leads to one that clients trust."""
    key: str | None = None
    """PEM file with its private key."""

    def __post_init__(self) -> None:
        """Refuse one without the other."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both or neither")


class MetricsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `/metrics` shows."""

    max_projects: int = 100
    """Projects with a label of their own, first come first served; the rest is `other`."""


class AccountConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `/_mockwb/account` remembers."""

    max_runs: int = 100_000
    """Runs kept; beyond it the ones heard of longest ago are forgotten, and counted."""


class JournalConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of every request. Keys and tokens are left out wherever they occur."""

    max_entries: Annotated[int, msgspec.Meta(ge=0)] = 10_000
    """Requests that `/_mockwb/journal` remembers; beyond it the oldest are forgotten."""
    max_memory: Size = Size(256_000_000)
    """Bytes of headers and bodies that it remembers; beyond it the oldest entries go."""
    file: str | None = None
    """Where every request is appended too, a line of JSON each."""
    bodies: bool = False
    """Keep headers and bodies as well."""
    max_body: Size = Size(1_000_000)
    """Larger bodies are left out."""


class ControlConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mockwb's own HTTP API under `/_mockwb/`."""

    enabled: bool = True
    admin_token: Annotated[str, msgspec.Meta(pattern="^[!-~]+$")] | None = None
    """What callers have to send as `Authorization: Bearer ...`; None lets everybody in."""


class LogConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server's own log, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    summary_every: Duration = Duration(5)
    """Refusals are summed up in one line per project this often."""


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything `mockwb serve` can be told."""

    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes a free one."""
    fixture_port: int | None = None
    """Where the fixture service of W&B's own tests is; 0 takes a free one, None has none."""
    tls: TlsConfig = TlsConfig()
    trusted_proxies: list[Network] = []
    """Peers whose X-Forwarded-For says where a request comes from."""
    proxy: Annotated[str, msgspec.Meta(pattern="^https?://[!-~]+$")] | None = None
    """URL of a W&B server that W&B's own paths are passed on to; None serves them here."""
    plan: str = "unlimited"
    limits: LimitRules = LimitRules()
    auth: AuthConfig = AuthConfig()
    people: PeopleConfig = PeopleConfig()
    runs: RunsConfig = RunsConfig()
    storage: StorageConfig = StorageConfig()
    bodies: BodiesConfig = BodiesConfig()
    metrics: MetricsConfig = MetricsConfig()
    account: AccountConfig = AccountConfig()
    journal: JournalConfig = JournalConfig()
    guidance: GuidanceConfig = GuidanceConfig()
    control: ControlConfig = ControlConfig()
    log: LogConfig = LogConfig()
    fault_profile: str | None = None
    """Faults that come with mockwb, under those of `faults`."""
    faults: list[FaultRule] = []
    """What befalls requests on command. A rule takes the place of a profile's of the same name."""
    fault_seed: int = 0
    """What decides all that is random about faults: the same seed fails the same requests."""
    features: dict[str, bool] = {}
    """W&B server features to switch on or off, over mockwb's own list."""
    shutdown_timeout: Duration = Duration(5)
    """How long requests under way may take to end after SIGTERM or Ctrl-C."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself: keys and names of people, and names of faults."""
        check_names(self.faults)
        check_keys(self.people, {entry.key: entry.user or "" for entry in self.auth.keys})
