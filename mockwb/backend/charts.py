"""Custom charts: Vega presets that scripts name by id."""

import msgspec

from mockwb.backend.entities import check_name
from mockwb.backend.errors import ConflictError, InvalidError
from mockwb.backend.json_text import parse_object
from mockwb.backend.store import Store
from mockwb.clock import Clock

SPEC_TYPES = ("vega2",)
ACCESS = ("PRIVATE", "PUBLIC")


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One preset."""

    entity: str
    name: str
    display_name: str
    type: str
    """`vega2`."""
    access: str
    """PRIVATE: for the entity alone; PUBLIC: for everybody."""
    spec: str
    """JSON text, exactly as it came."""
    user: str
    """Who made it."""
    created_at: float
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """What `vega_spec_name` of the SDK's plots says."""
        return f"{self.entity}/{self.name}"


class Charts:
    """All presets."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def create(
        self,
        entity: str,
        name: str,
        user: str,
        *,
        display_name: str,
        type_: str,
        access: str,
        spec: str,
    ) -> Chart:
        """Make a preset; ConflictError for a name that is taken, InvalidError for bad values."""
        check_name("chart", name)
        if type_ not in SPEC_TYPES:
            raise InvalidError(f"chart type must be {SPEC_TYPES[0]}, got {type_!r}")
        if access not in ACCESS:
            raise InvalidError(f"chart access must be one of {', '.join(ACCESS)}, got {access!r}")
        parse_object(spec, "chart spec")
        chart = Chart(
            entity=entity,
            name=name,
            display_name=display_name,
            type=type_,
            access=access,
            spec=spec,
            user=user,
            created_at=self._clock.wall(),
        )
        if await self.find(chart.id) is not None:
            raise ConflictError(f"custom chart {chart.id} already exists")
        await self._store.put("chart", chart.id, chart)
        return chart

    async def find(self, chart_id: str) -> Chart | None:
        """The preset with that id, or None."""
        chart: Chart | None = await self._store.get("chart", chart_id)
        return chart
