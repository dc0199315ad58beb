"""The manifest document."""

import pytest

from mockwb.backend.artifact_manifest import Manifest, ManifestEntry, overlay, parse_manifest
from mockwb.backend.errors import InvalidError
from tests.backend.artifact_client import md5


def test_given_no_entries_then_the_digest_is_the_one_that_sdks_compute() -> None:
    assert Manifest(1, {}).digest == "64e7c61456b10382e2f3b571ac24b659"


def test_given_one_entry_then_the_digest_is_the_one_that_sdks_compute() -> None:
    manifest = Manifest(1, {"file1.txt": ManifestEntry(digest="XUFAKrxLKna5cZ2REBfFkg==")})
    assert manifest.digest == "a00c2239f036fb656c1dcbf9a32d89b4"


def test_given_the_same_entries_in_another_order_then_the_digest_is_the_same() -> None:
    a, b = ManifestEntry(digest=md5(b"a")), ManifestEntry(digest=md5(b"b"))
    assert Manifest(1, {"a": a, "b": b}).digest == Manifest(1, {"b": b, "a": a}).digest


def test_when_an_entry_has_keys_only_clients_read_then_it_parses_all_the_same() -> None:
    manifest = parse_manifest(
        b'{"version":1,"storagePolicy":"wandb-storage-policy-v1",'
        b'"storagePolicyConfig":{"storageLayout":"V2"},"contents":{"a/b":{"digest":"x",'
        b'"birthArtifactID":"QXJ0aWZhY3Q6MQ==","size":5,"local_path":"/home/x","skip_cache":true}}}'
    )
    assert manifest.contents["a/b"] == ManifestEntry(
        digest="x", birth_artifact="QXJ0aWZhY3Q6MQ==", size=5
    )


def test_when_encoded_and_parsed_then_nothing_is_lost() -> None:
    entry = ManifestEntry(digest="etag", ref="s3://bucket/key", size=7, extra={"etag": "e"})
    manifest = Manifest(1, {"k": entry})
    assert parse_manifest(manifest.encode()) == manifest


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (b"not json", "artifact manifest"),
        (b'{"version":2,"contents":{}}', "version must be 1"),
        (b'{"version":1,"contents":{},"storagePolicy":"other"}', "storagePolicy"),
        (b'{"version":1,"contents":{"a":{}}}', "digest"),
        (b'{"version":1,"contents":{"a":{"digest":5}}}', "expected `str`, got `int`"),
    ],
)
def test_given_a_broken_document_then_the_error_says_what_is_wrong(
    document: bytes, complaint: str
) -> None:
    with pytest.raises(InvalidError, match="artifact manifest") as error:
        parse_manifest(document)
    assert complaint.lower() in str(error.value).lower()


def test_when_manifests_are_laid_over_each_other_then_the_last_wins() -> None:
    old, new = ManifestEntry(digest="old"), ManifestEntry(digest="new")
    merged = overlay([Manifest(1, {"a": old, "b": old}), Manifest(1, {"b": new, "c": new})])
    assert merged.contents == {"a": old, "b": new, "c": new}
