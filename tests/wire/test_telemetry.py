"""The SDK's own telemetry is turned away, or taken and forgotten."""

from tests.wandb_client import WandbClient

METRICS = "/sdk/otel/v1/metrics"


async def test_given_a_probe_without_a_body_then_404_ends_the_asking(client: WandbClient) -> None:
    async with client.session.post(f"{client.url}{METRICS}") as answer:
        assert answer.status == 404


async def test_given_a_report_then_it_counts_as_taken(client: WandbClient) -> None:
    async with client.session.post(f"{client.url}{METRICS}", data=b"\x0a\x00") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert answer.content_type == "application/x-protobuf"
