"""What HAR 1.2 demands of a file, as its specification lists it: every member that is not optional.

http://www.softwareishard.com/blog/har-12-spec/
"""

import re
from datetime import datetime
from typing import Any

_PAIR = {"name": str, "value": str}
_NUMBER = (int, float)

LOG = {"version": str, "creator": dict, "entries": list}
CREATOR = {"name": str, "version": str}
ENTRY = {
    "startedDateTime": str,
    "time": _NUMBER,
    "request": dict,
    "response": dict,
    "cache": dict,
    "timings": dict,
}
REQUEST = {
    "method": str,
    "url": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "queryString": list,
    "headersSize": int,
    "bodySize": int,
}
RESPONSE = {
    "status": int,
    "statusText": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "content": dict,
    "redirectURL": str,
    "headersSize": int,
    "bodySize": int,
}
TIMINGS = {"send": _NUMBER, "wait": _NUMBER, "receive": _NUMBER}
OPTIONAL = {
    "log": {"browser", "pages"},
    "entry": {"pageref", "serverIPAddress", "connection"},
    "request": {"postData"},
    "response": set(),
    "postData": {"params", "text"},
    "content": {"compression", "text", "encoding"},
}


def check_har(har: Any) -> None:
    """AssertionError at the first rule that `har` breaks."""
    assert list(har) == ["log"]
    log = har["log"]
    _check("log", log, LOG)
    assert log["version"] == "1.2"
    _check("creator", log["creator"], CREATOR)
    started = [_check_entry(entry) for entry in log["entries"]]
    assert started == sorted(started), "entries are not sorted by startedDateTime"


def _check_entry(entry: Any) -> datetime:
    _check("entry", entry, ENTRY)
    assert entry["time"] >= 0
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    assert re.fullmatch(pattern, entry["startedDateTime"])
    _check("timings", entry["timings"], TIMINGS)
    known = [value for value in entry["timings"].values() if value >= 0]
    assert sum(known) == entry["time"], "time is not the sum of the timings"
    request, response = entry["request"], entry["response"]
    _check("request", request, REQUEST)
    assert re.match(r"https?://[^/]+/", request["url"]), "url is not absolute"
    assert "#" not in request["url"]
    _check("response", response, RESPONSE)
    for pair in [*request["headers"], *request["queryString"], *response["headers"]]:
        _check("pair", pair, _PAIR)
    if "postData" in request:
        _check("postData", request["postData"], {"mimeType": str, "text": str})
    _check("content", response["content"], {"size": int, "mimeType": str})
    if "encoding" in response["content"]:
        assert response["content"]["encoding"] == "base64"
    return datetime.fromisoformat(entry["startedDateTime"])


def _check(what: str, found: Any, members: dict[str, Any]) -> None:
    for name, kind in members.items():
        assert name in found, f"{what}.{name} is missing"
        assert isinstance(found[name], kind), f"{what}.{name} is {found[name]!r}"
    others = {name for name in found if not name.startswith("_")} - set(members)
    assert others <= OPTIONAL.get(what, set()) | {"comment"}, f"{what} has {others}"
    assert None not in found.values() or what == "entry", f"{what} has a null"
