"""Workload kind `virtual`: modelled clients that share this process, hundreds to a core."""

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.virtual import VirtualLoad, run_virtual
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
        return await run_virtual(self._load(around), around.clock, around.stop)

    def _load(self, around: Surroundings) -> VirtualLoad:
        return VirtualLoad(
            workload=self.name,
            base_url=around.base_url,
            api_key=around.api_key,
            entity=self.project.entity,
            project=self.project.project,
            clients=self.count,
            metrics=self.metrics,
            row_interval=self.every,
            rows=self.rows,
            start_spread=self.start_spread,
            run_prefix=self.run_prefix(around),
            settings=self.settings,
        )
