"""Workload kind `virtual`: modelled clients that share this process, hundreds to a core."""

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.virtual import drive
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.sdkmodel.settings import SdkSettings


class VirtualWorkload(Workload, frozen=True, kw_only=True, tag="virtual"):
    """N clients that batch, pace, retry and beat as wandb-core does."""

    settings: SdkSettings = SdkSettings()
    """Of the SDK, by the same names; those that the model knows."""

    @property
    def transmit_interval(self) -> float:
        """As the SDK understands the setting."""
        return self.settings.transmit_interval

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients in this event loop."""
        return await drive(self, around)
