"""Workload kind `virtual`: many modelled runs in one event loop, over real HTTP.

How a run behaves is `sdkmodel`'s business.
"""

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.modelled import modelled, run_modelled
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.settings import SdkSettings


class VirtualWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="virtual"):
    """N clients that batch, pace, retry and beat as wandb-core does."""

    settings: SdkSettings = SdkSettings()
    """Of the SDK, by the same names; those that the model knows."""

    @property
    def transmit_interval(self) -> float:
        """As the SDK understands the setting."""
        return self.settings.transmit_interval

    def client(self, around: Surroundings, index: int) -> VirtualClient:
        """Client number `index` (0-based), not started yet."""
        return modelled(self, self.settings, around, index)

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients in this event loop."""
        return await run_modelled(self, around)
