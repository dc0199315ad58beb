"""Source: wandb SDK 0.31, retry policies of its clients, most of it also seen on the wire."""

import pytest

from mockwb.sdkmodel.status import Client, Verdict, judge

STREAM, GRAPHQL, UPSERT, FILES = Client


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("status", [200, 201, 204, 206, 299])
def test_2xx_is_accepted(client: Client, status: int) -> None:
    assert judge(client, status) is Verdict.OK


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_429_and_server_errors_are_retried(client: Client, status: int) -> None:
    assert judge(client, status) is Verdict.RETRY


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 410, 413, 422, 501])
def test_what_repeating_cannot_mend_is_final(client: Client, status: int) -> None:
    assert judge(client, status) is Verdict.FATAL


def test_300_is_success_for_the_stream_alone() -> None:
    assert [judge(client, 300) for client in Client] == [Verdict.OK] + [Verdict.FATAL] * 3


def test_409_is_retried_by_upsert_bucket_alone() -> None:
    assert [client for client in Client if judge(client, 409) is Verdict.RETRY] == [UPSERT]


@pytest.mark.parametrize("status", [402, 405, 408, 418, 425, 451])
def test_other_4xx_are_retried_except_for_file_transfers(status: int) -> None:
    assert [judge(client, status) for client in (STREAM, GRAPHQL, UPSERT)] == [Verdict.RETRY] * 3
    assert judge(FILES, status) is Verdict.FATAL
