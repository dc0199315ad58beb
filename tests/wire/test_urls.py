import pytest

from mockwb.wire.urls import StorageUrls

URLS = StorageUrls("http://host:1/", b"secret")


def test_names_are_percent_encoded_and_slashes_stay() -> None:
    url = URLS.run_file_download("team é", "p", "r", "a b/#?.txt")
    assert url == "http://host:1/files/team%20%C3%A9/p/r/a%20b/%23%3F.txt"


def test_a_token_is_good_for_one_method_one_path_and_one_server() -> None:
    token = URLS.upload("runs", "e", "p", "r", "a/b").rpartition("=")[2]
    path = ["runs", "e", "p", "r", "a", "b"]
    assert URLS.verify("PUT", path, token)
    assert not URLS.verify("GET", path, token)
    assert not URLS.verify("PUT", [*path[:-1], "c"], token)
    assert not StorageUrls("http://host:1", b"other").verify("PUT", path, token)


def test_a_download_may_be_asked_for_its_head_too() -> None:
    token = URLS.run_file_direct("e", "p", "r", "a").rpartition("=")[2]
    path = ["runs", "e", "p", "r", "a"]
    assert URLS.verify("GET", path, token)
    assert URLS.verify("HEAD", path, token)
    assert not URLS.verify("PUT", path, token)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_anything_else_is_no_token(token: str) -> None:
    assert not URLS.verify("PUT", ["runs"], token)
