"""Which Authorization headers name a user."""

import base64

import pytest

from mockwb.backend.api_keys import ApiKeys
from mockwb.backend.blob_store import BlobStore
from mockwb.backend.memory_store import MemoryStore
from mockwb.clock import VirtualClock
from mockwb.config.model import ApiKey, AuthConfig
from mockwb.gate.authentication import Authenticator, UnauthorizedError, user_of_key

KEY = "0123456789abcdef0123456789abcdef01234567"


def basic(key: str, user: str = "api") -> str:
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


@pytest.mark.parametrize("key", [KEY, f"local-{KEY}", f"wandb_v1_{KEY}{KEY}", "aaaa.bbbb.cccc"])
def test_given_a_well_formed_key_then_it_names_a_user_of_its_own(key) -> None:
    users = Authenticator(AuthConfig())
    assert users.user(basic(key)) == user_of_key(key)
    assert users.user(basic(key)) != users.user(basic(KEY[::-1]))
    assert key not in users.user(basic(key))


def test_given_a_bearer_token_then_it_counts_like_a_key() -> None:
    assert Authenticator(AuthConfig()).user(f"Bearer {KEY}") == user_of_key(KEY)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "no API key was sent"),
        (basic("short"), "40 or more characters, got 5"),
        ("Basic !!!", "not base64"),
        ("Basic \u00e9", "not base64"),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), "not base64 text"),
        ("Basic " + base64.b64encode(b"nocolon").decode(), "expected `api:<key>`"),
        ("Digest abc", "expected Basic or Bearer"),
        ("", "expected Basic or Bearer"),
    ],
)
def test_given_a_bad_header_then_the_message_says_what_is_wrong(header, message) -> None:
    with pytest.raises(UnauthorizedError) as caught:
        Authenticator(AuthConfig()).user(header)
    assert message in str(caught.value)


def test_given_configured_keys_then_only_they_are_good_and_carry_their_users() -> None:
    config = AuthConfig(keys=[ApiKey(key=KEY, user="ada"), ApiKey(key="x" * 40)])
    users = Authenticator(config)
    assert users.user(basic(KEY)) == "ada"
    assert users.user(basic("x" * 40)) == user_of_key("x" * 40)
    with pytest.raises(UnauthorizedError, match="not known here"):
        users.user(basic("y" * 40))


async def test_given_keys_that_come_and_go_then_what_is_remembered_is_forgotten() -> None:
    keys = ApiKeys(MemoryStore(BlobStore(100, 1000)), VirtualClock())
    users = Authenticator(AuthConfig(), keys)
    made_up = users.user(basic(KEY))
    key = await keys.add("ada", KEY)
    assert (made_up, users.user(basic(KEY))) == (user_of_key(KEY), "ada")
    await keys.delete(key)
    with pytest.raises(UnauthorizedError, match="was deleted"):
        users.user(basic(KEY))
    assert users.user(basic("x" * 40)) == user_of_key("x" * 40)
    keys.accept_only_known(only=True)
    with pytest.raises(UnauthorizedError, match="not known here"):
        users.user(basic("x" * 40))
    await keys.add("bob", "b")
    assert users.user(basic("b")) == "bob"
    await keys.forget()
    assert users.user(basic(KEY)) == user_of_key(KEY)
