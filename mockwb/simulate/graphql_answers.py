"""The GraphQL operations of the SDK model, answered: the few fields that it reads.

Called by `server` once a request is admitted.
"""

import msgspec

from mockwb.sdkmodel.requests import GraphQLCall
from mockwb.simulate.served_run import ServedRun

_EMPTY = b'{"data":{}}'


def listed_items(call: GraphQLCall) -> int:
    """Items that the answer lists: what query time is reckoned by."""
    return len(_files(call))


def answer_to(call: GraphQLCall, run: ServedRun, now: float) -> bytes:
    """Do what an operation asks for at `now`; the answer's body."""
    if call.operation == "UpsertBucket":
        inserted = not run.exists
        run.exists = True
        run.heard_at = now
        return _data({"upsertBucket": {"bucket": _bucket(run), "inserted": inserted}})
    if call.operation == "CreateRunFiles":
        files = [{"name": name, "uploadUrl": run.upload_url(name)} for name in _files(call)]
        return _data({"createRunFiles": {"runID": "", "uploadHeaders": [], "files": files}})
    return _EMPTY


def _bucket(run: ServedRun) -> dict[str, object]:
    return {
        "id": "",
        "name": run.name,
        "historyLineCount": run.history.end,
        "project": {"id": "", "name": run.project, "entity": {"id": "", "name": run.entity}},
    }


def _files(call: GraphQLCall) -> list[str]:
    return list((call.variables or {}).get("files") or ())


def _data(data: object) -> bytes:
    return msgspec.json.encode({"data": data})
