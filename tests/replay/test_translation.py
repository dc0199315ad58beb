import json

import pytest

from mockwb.replay.recording import Recorded
from mockwb.replay.translation import Translation
from mockwb.target import Surface


def upload(path: str, method: str = "PUT") -> Recorded:
    return Recorded(1, 0.0, 0.0, method, path, "", Surface.STORAGE, [], b"", None, 200)


def learned(old: object, new: object) -> Translation:
    translation = Translation()
    translation.learn(json.dumps(old).encode(), json.dumps(new).encode())
    return translation


def run(entity: str, name: str, id_: str) -> dict[str, object]:
    project = {"name": "p", "entity": {"name": entity}}
    return {"data": {"upsertBucket": {"bucket": {"id": id_, "name": name, "project": project}}}}


def test_given_another_entity_and_run_then_paths_and_variables_name_them() -> None:
    translation = learned(run("ada", "r1", "X"), run("user 1", "r2", "Y"))
    assert translation.path("/files/ada/p/r1/file_stream") == "/files/user%201/p/r2/file_stream"
    assert translation.path("/files/p/ada/r/file_stream") == "/files/p/ada/r/file_stream"
    assert translation.path("/graphql") == "/graphql"
    query = {"query": "q", "variables": {"entity": "ada", "note": "ada", "run": "r1", "a": ["X"]}}
    body = json.loads(translation.graphql(json.dumps(query).encode()))
    assert body["variables"] == {"entity": "user 1", "note": "ada", "run": "r2", "a": ["Y"]}
    assert body["query"] == "q"


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"variables": null}', b'{"a":  1}'])
def test_given_nothing_to_translate_then_the_body_stays_as_it_is(body: bytes) -> None:
    translation = learned(run("ada", "r1", "X"), run("user 1", "r2", "Y"))
    assert translation.graphql(body) == body


def test_given_addresses_then_uploads_and_downloads_of_the_recorded_paths_go_there() -> None:
    old = {
        "files": [{"uploadUrl": "http://old/storage/x/a?token=[redacted]", "url": "http://old/b"}]
    }
    new = {
        "files": [{"uploadUrl": "http://new/storage/y/a?token=1", "url": "http://new/c?token=2"}]
    }
    translation = learned(old, new)
    assert translation.address(upload("/storage/x/a")) == "http://new/storage/y/a?token=1"
    assert translation.address(upload("/storage/x/a", "GET")) is None
    assert translation.address(upload("/b", "GET")) == "http://new/c?token=2"
    assert translation.address(upload("/storage/x/other")) is None


def test_given_no_recorded_answer_then_addresses_are_found_by_their_paths() -> None:
    translation = Translation()
    translation.learn(None, b'{"uploadUrl": "http://new/storage/a?token=1"}')
    assert translation.address(upload("/storage/a")) == "http://new/storage/a?token=1"
    translation.learn(b"no json", b"no json")
