"""Reading GraphQL answers as the SDK does: leniently for data, by the messages for errors."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from mockwb.sdkmodel.delivery import Outcome


class Adopted(NamedTuple):
    """What a run takes over from the answer to its first UpsertBucket."""

    entity: str
    project: str
    run: str
    history_offset: int


def data(outcome: Outcome) -> dict[str, Any]:
    """The answer's data; ValueError with the server's message if the call failed."""
    if not outcome.ok:
        raise ValueError(_messages(outcome.body) or outcome.error)
    answer = json.loads(outcome.body)
    if not isinstance(answer, dict):
        raise ValueError("the answer is not a JSON object")
    if answer.get("errors"):
        raise ValueError(f"input: {_messages(outcome.body)}")
    return dict(answer.get("data") or {})


def adopted(answer: Mapping[str, Any], entity: str | None, project: str, run: str) -> Adopted:
    """The names in an UpsertBucket answer, or those given where it has none."""
    bucket = _at(answer, "upsertBucket", "bucket")
    in_project = _at(bucket, "project")
    return Adopted(
        entity=str(_at(in_project, "entity").get("name") or entity or ""),
        project=str(in_project.get("name") or project),
        run=str(bucket.get("name") or run),
        history_offset=int(bucket.get("historyLineCount") or 0),
    )


def uploads(answer: Mapping[str, Any], asked: int) -> tuple[dict[str, str], dict[str, str]]:
    """File name -> upload URL, and the headers to upload with, from a CreateRunFiles answer.

    Nothing at all if the server named another number of files than it was asked for.
    """
    created = _at(answer, "createRunFiles")
    files = created.get("files") or []
    if len(files) != asked:
        return {}, {}
    pairs = (header.split(":", 1) for header in created.get("uploadHeaders") or [])
    headers = {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}
    return {file["name"]: file["uploadUrl"] for file in files if file.get("uploadUrl")}, headers


def enabled_features(answer: Mapping[str, Any]) -> set[str]:
    """Names of what a ServerFeaturesQuery answer says the server can do."""
    features = _at(answer, "serverInfo").get("features") or []
    return {str(feature.get("name")) for feature in features if feature.get("isEnabled")}


def _at(value: Mapping[str, Any], *path: str) -> dict[str, Any]:
    for key in path:
        value = value.get(key) or {}
    return dict(value)


def _messages(body: bytes) -> str:
    """The texts of `errors`, or of an answer that is not JSON."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body.decode(errors="replace").strip()
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return "; ".join(str(error.get("message")) for error in errors or [])
