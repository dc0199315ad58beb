"""`api.create_custom_chart`."""

from typing import Any

from mockwb.backend.charts import Chart
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "createCustomChart")
async def create_custom_chart(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Keep a preset for the entity."""
    chart = await context.world.charts.create(
        values["entity"],
        values["name"],
        context.user,
        display_name=values["display_name"],
        type_=values["type"],
        access=values["access"],
        spec=values["spec"],
    )
    return {"chart": chart}


@field("Query", "customChart")
async def custom_chart(_root: None, context: GraphQLContext, id: str) -> Chart | None:  # noqa: A002
    """A preset; null for none, and for one that is private to others."""
    chart = await context.world.charts.find(id)
    if chart is None or chart.access == "PUBLIC":
        return chart
    seen = await context.world.permissions.may_see(context.user, chart.entity)
    return chart if seen else None
