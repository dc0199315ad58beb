"""What goes from headers, queries and bodies, and what stays."""

import base64
import json

import pytest

from mockwb.observe.redaction import REDACTED, Redactor, without_tokens

KEY = "0123456789abcdef0123456789abcdef01234567"
NEW_KEY = "wandb_v1_" + "Ab3_" * 20
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "query",
    [
        "token={}",
        "file=a&token={}",
        "X-Amz-Signature={}&X-Amz-Date=1",
        "x-goog-signature={}",
        "X-Amz-Security-Token={}",
        "AWSAccessKeyId={}",
        "sig={}",
        "apiKey={}",
    ],
)
def test_given_a_token_in_a_query_then_only_it_goes(query: str) -> None:
    assert without_tokens(query.format("s3cret")) == query.format(REDACTED)


@pytest.mark.parametrize("query", ["", "run=a*&project=b", "key=team/*", "page=2&tokens", "a=b=c"])
def test_given_a_query_without_secrets_then_it_stays(query: str) -> None:
    assert without_tokens(query) == query


@pytest.mark.parametrize(
    "name",
    ["Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token"],
)
def test_given_a_header_that_is_a_secret_then_its_value_goes(name: str) -> None:
    assert Redactor().headers([(name, "anything"), ("Accept", "*/*")]) == [
        (name, REDACTED),
        ("Accept", "*/*"),
    ]


@pytest.mark.parametrize("key", [KEY, NEW_KEY, JWT, f"local-{KEY}"])
def test_given_a_key_in_any_header_or_body_then_it_goes(key: str) -> None:
    redactor = Redactor()
    bare = key.removeprefix("local-")
    ((_, value),) = redactor.headers([("X-Custom", f"my key is {key}")])
    assert bare not in value
    for body in (key, f'{{"config": "{{\\"k\\": \\"{key}\\"}}"}}', f"WANDB_API_KEY={key}\n"):
        assert bare.encode() not in redactor.body(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"variables": {"commit": "%s"}}',
        '{"config": "{\\"git\\": {\\"commit\\": \\"%s\\"}}"}',
    ],
)
def test_given_a_git_commit_then_it_stays(body: str) -> None:
    text = (body % KEY).encode()
    assert Redactor().body(text) == text


@pytest.mark.parametrize(
    "body",
    [
        '{"data": {"generateApiKey": {"apiKey": {"id": "1", "name": "short-key"}}}}',
        '{"apiKey":"short-key"}',
        '{"user": {"api_key": "short-key", "name": "x"}}',
        '{"config": "{\\"openai_api_key\\": {\\"value\\": 1}, \\"secret\\": \\"short-key\\"}"}',
        '{"password": "short-key"}',
        '{"hf": {"access_token" : "short-key"}}',
        '{"uploadUrl": "http://h/storage/a?token=short-key"}',
        '{"url": "https://h/a?X-Amz-Signature=short-key&x=1"}',
    ],
)
def test_given_a_value_that_is_named_as_a_secret_then_it_goes(body: str) -> None:
    redacted = Redactor().body(body.encode()).decode()
    assert "short-key" not in redacted
    assert REDACTED in redacted
    assert isinstance(json.loads(redacted), dict)


@pytest.mark.parametrize(
    "body",
    [
        '{"tokens": 12, "tokenizer": "bert", "keys": ["a"], "name": "n"}',
        '{"md5": "0123456789abcdef0123456789abcdef"}',
        '{"files": {"wandb-history.jsonl": {"offset": 0, "content": ["{\\"loss\\": 1}"]}}}',
        "0" * 64,
    ],
)
def test_given_what_is_no_secret_then_it_stays(body: str) -> None:
    assert Redactor().body(body.encode()) == body.encode()


def test_given_a_key_of_another_form_then_it_goes_once_a_request_came_with_it() -> None:
    redactor = Redactor()
    assert redactor.text("ada-key") == "ada-key"
    redactor.learn("Basic " + base64.b64encode(b"api:ada-key").decode())
    redactor.learn("Bearer other.key")
    assert redactor.text("ada-key, other.key") == f"{REDACTED}, {REDACTED}"


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic YXBpOg==", "Bearer ", "\udce9"]
)
def test_given_a_header_without_a_key_then_nothing_is_learned(header: str) -> None:
    redactor = Redactor()
    redactor.learn(header)
    assert redactor.text("plain text: api, é") == "plain text: api, é"
