"""The kinds of workload: one line for each."""

from mockwb.scenario.kinds.files import FilesWorkload
from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.kinds.replay import ReplayWorkload
from mockwb.scenario.kinds.script import ScriptWorkload
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload

Kind = (
    SdkWorkload
    | VirtualWorkload
    | ScriptWorkload
    | PublicApiWorkload
    | SweepWorkload
    | ReplayWorkload
    | FilesWorkload
)
"""What `kind:` in a scenario file chooses from, by the tags of these classes."""
