"""Artifacts from the first request of an upload to the bytes of a download."""

import pytest

from mockwb.backend.artifact import TTL_NONE, Artifact, ArtifactState, DigestAlgorithm, ManifestType
from mockwb.backend.artifact_files import NewFile
from mockwb.backend.artifact_manifest import Manifest, ManifestEntry
from mockwb.backend.artifact_versions import ArtifactChange
from mockwb.backend.errors import BackendError, ConflictError, InvalidError, NotFoundError
from mockwb.backend.run import RunKey
from tests.backend.artifact_client import ArtifactClient, md5

FILES = {"a.txt": b"alpha", "deep/down/b.bin": b"\x00beta"}


@pytest.fixture
def client() -> ArtifactClient:
    return ArtifactClient()


async def test_when_a_version_is_committed_then_its_names_lead_to_its_bytes(
    client: ArtifactClient,
) -> None:
    logged = await client.log("data", FILES, aliases=("latest", "best"))
    assert logged.state is ArtifactState.COMMITTED
    assert (logged.version_index, logged.size, logged.file_count) == (0, 10, 2)
    for name in ("data", "data:latest", "data:v0", "data:best"):
        assert await client.named(name) == logged.id
    assert await client.download(logged) == FILES


async def test_before_it_is_committed_then_no_name_leads_to_a_version(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    await client.send(pending, FILES)
    assert pending.state is ArtifactState.PENDING
    assert await client.named("data:latest") is None
    assert await client.artifacts.files.listing(pending) == ()


async def test_when_the_same_content_is_logged_again_then_there_is_no_new_version(
    client: ArtifactClient,
) -> None:
    first = await client.log("data", FILES)
    client.sent.clear()
    again = await client.log("data", dict(reversed(FILES.items())), aliases=("latest", "x"))
    assert again.id == first.id
    assert again.state is ArtifactState.COMMITTED
    assert client.sent == []
    assert await client.aliases(first) == {"latest", "x"}


async def test_when_deduplication_is_not_asked_for_then_equal_content_is_a_new_version(
    client: ArtifactClient,
) -> None:
    await client.log("data", FILES)
    again = await client.log("data", FILES, deduplicate=False)
    assert again.version_index == 1


async def test_when_an_old_content_is_logged_again_then_its_old_version_becomes_latest(
    client: ArtifactClient,
) -> None:
    first = await client.log("data", FILES)
    second = await client.log("data", {"a.txt": b"other"})
    assert await client.named("data") == second.id
    assert (await client.log("data", FILES)).id == first.id
    assert await client.named("data") == first.id


async def test_when_one_byte_changes_then_only_that_file_is_sent_for_the_next_version(
    client: ArtifactClient,
) -> None:
    first = await client.log("data", FILES)
    client.sent.clear()
    changed = {**FILES, "a.txt": b"alphA"}
    second = await client.log("data", changed)
    assert client.sent == ["a.txt"]
    assert second.version_index == 1
    assert await client.download(second) == changed
    assert await client.download(first) == FILES
    assert await client.named("data:v0") == first.id
    assert await client.named("data:latest") == second.id
    assert await client.aliases(first) == set()


async def test_given_equal_content_in_another_collection_then_it_is_sent_again(
    client: ArtifactClient,
) -> None:
    await client.log("one", FILES)
    client.sent.clear()
    await client.log("two", FILES)
    assert client.sent == list(FILES)


async def test_given_a_file_whose_bytes_never_came_then_it_is_asked_for_again(
    client: ArtifactClient,
) -> None:
    files = client.artifacts.files
    first = await client.artifacts.versions.create(client.new_version("data", FILES))
    wish = NewFile(name="a.txt", md5=md5(b"alpha"))
    assert (await files.request(first, wish, "V2")).stored is False
    second = await client.artifacts.versions.create(client.new_version("data", {"b": b""}))
    upload = await files.request(second, wish, "V2")
    assert (upload.stored, upload.birth.id) == (False, second.id)


async def test_given_bytes_that_are_not_what_was_announced_then_they_are_asked_for_again(
    client: ArtifactClient,
) -> None:
    artifact = await client.artifacts.versions.create(client.new_version("data", FILES))
    wish = NewFile(name="a.txt", md5=md5(b"alpha"))
    upload = await client.artifacts.files.request(artifact, wish, "V2")
    await client.put(upload.path, b"broken")
    assert (await client.artifacts.files.request(artifact, wish, "V2")).stored is False


@pytest.mark.parametrize("digest", ["", "***"])
async def test_given_a_file_without_a_proper_digest_then_it_is_refused(
    client: ArtifactClient, digest: str
) -> None:
    artifact = await client.artifacts.versions.create(client.new_version("data", FILES))
    with pytest.raises(InvalidError):
        await client.artifacts.files.request(artifact, NewFile(name="a", md5=digest), "V2")


async def test_when_a_client_id_comes_twice_then_it_is_one_version(client: ArtifactClient) -> None:
    new = client.new_version("data", FILES, client_id="c1", sequence_client_id="s1")
    first = await client.artifacts.versions.create(new)
    assert await client.artifacts.versions.create(new) == first
    assert await client.artifacts.versions.by_client_id("c1") == first
    sequence = await client.artifacts.collections.by_client_id("s1")
    assert sequence is not None
    assert sequence.id == first.sequence


async def test_when_a_client_id_comes_with_another_digest_then_it_is_refused(
    client: ArtifactClient,
) -> None:
    await client.artifacts.versions.create(client.new_version("data", FILES, client_id="c1"))
    with pytest.raises(InvalidError, match="Invalid Client ID digest"):
        await client.artifacts.versions.create(client.new_version("data", {}, client_id="c1"))


async def test_when_content_is_known_then_the_new_client_id_means_the_known_version(
    client: ArtifactClient,
) -> None:
    first = await client.log("data", FILES, client_id="c1")
    await client.log("data", FILES, client_id="c2")
    found = await client.artifacts.versions.by_client_id("c2")
    assert found is not None
    assert found.id == first.id


async def test_when_committed_twice_then_nothing_changes(client: ArtifactClient) -> None:
    first = await client.log("data", FILES)
    assert await client.artifacts.commit(first.id) == first
    assert len(await client.artifacts.memberships.of_collection(first.sequence)) == 1


async def test_given_no_manifest_then_a_version_cannot_be_committed(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    with pytest.raises(InvalidError, match="no manifest"):
        await client.artifacts.commit(pending.id)
    await client.artifacts.manifests.announce(
        pending, "run1", ManifestType.FULL, "wandb_manifest.json", "", None
    )
    with pytest.raises(InvalidError, match="has not been uploaded"):
        await client.artifacts.commit(pending.id)
    with pytest.raises(NotFoundError):
        await client.artifacts.commit("QXJ0aWZhY3Q6OTk=")


async def test_given_a_manifest_that_arrived_broken_then_a_version_cannot_be_committed(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    await client.send(pending, FILES)
    await client.artifacts.manifests.announce(
        pending, "run1", ManifestType.FULL, "wandb_manifest.json", md5(b"else"), None
    )
    with pytest.raises(ConflictError, match="was announced with digest"):
        await client.artifacts.commit(pending.id)


async def test_given_a_file_that_never_arrived_then_the_refusal_names_it(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    manifest = Manifest(1, {"a.txt": ManifestEntry(digest=md5(b"alpha"), size=5)})
    await client.send_manifest(pending, manifest.encode())
    with pytest.raises(InvalidError, match=r"'a\.txt' has not been uploaded"):
        await client.artifacts.commit(pending.id)
    assert await client.named("data") is None


async def test_given_a_file_that_arrived_broken_then_the_refusal_names_it(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    await client.send(pending, FILES)
    wish = NewFile(name="a.txt", md5=md5(b"alpha"))
    upload = await client.artifacts.files.request(pending, wish, "V2")
    await client.put(upload.path, b"broken")
    with pytest.raises(InvalidError, match=r"'a\.txt' has not been uploaded, or not as announced"):
        await client.artifacts.commit(pending.id)


async def test_given_references_then_they_are_listed_with_what_they_point_to(
    client: ArtifactClient,
) -> None:
    new = client.new_version("refs", {})
    pending = await client.artifacts.versions.create(new)
    entry = ManifestEntry(digest="not base64 at all", ref="s3://b/k", size=11)
    await client.send_manifest(pending, Manifest(1, {"k": entry}).encode())
    committed = await client.artifacts.commit(pending.id)
    (file,) = await client.artifacts.files.listing(committed)
    assert (file.name, file.ref, file.path, file.size) == ("k", "s3://b/k", None, 11)
    assert (committed.size, committed.file_count) == (11, 1)


async def test_given_layout_v1_then_bytes_are_found_by_entity_and_digest(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    wish = NewFile(name="a.txt", md5=md5(b"alpha"))
    upload = await client.artifacts.files.request(pending, wish, "V1")
    await client.put(upload.path, b"alpha")
    manifest = Manifest(1, {"a.txt": ManifestEntry(digest=md5(b"alpha"), size=5)})
    await client.send_manifest(pending, manifest.encode())
    committed = await client.artifacts.commit(pending.id)
    assert await client.download(committed) == {"a.txt": b"alpha"}
    assert await client.artifacts.files.by_content("team", upload.path.name) == upload.path
    assert await client.artifacts.files.by_birth(pending.id, upload.path.name) == upload.path


async def test_when_an_increment_is_committed_then_it_comes_on_top_of_its_base(
    client: ArtifactClient,
) -> None:
    first = await client.log("rows", {"0": b"zero", "1": b"one"}, ManifestType.INCREMENTAL)
    increment = {"1": b"ONE", "2": b"two"}
    second = await client.log("rows", increment, ManifestType.INCREMENTAL, base=first.id)
    assert await client.download(second) == {"0": b"zero", "1": b"ONE", "2": b"two"}
    assert second.version_index == 1
    assert await client.download(first) == {"0": b"zero", "1": b"one"}
    whole = {"0": b"zero", "1": b"ONE", "2": b"two"}
    assert second.digest == client.new_version("rows", whole).digest


async def test_when_runs_share_a_version_then_it_holds_what_each_of_them_sent(
    client: ArtifactClient,
) -> None:
    shares = {"run1": {"a": b"1"}, "run2": {"b": b"2"}, "run3": {}}
    ids = set()
    for run, files in shares.items():
        shared = await client.artifacts.versions.create(
            client.new_version("shared", files, run=run, distributed_id="group", client_id=run)
        )
        ids.add(shared.id)
        await client.send(shared, files, ManifestType.PATCH, run=run)
    assert len(ids) == 1
    committed = await client.artifacts.commit(ids.pop())
    assert await client.download(committed) == {"a": b"1", "b": b"2"}
    after = await client.artifacts.versions.create(
        client.new_version("shared", {"c": b"3"}, distributed_id="group")
    )
    assert after.id != committed.id


async def test_when_a_run_logs_and_uses_versions_then_both_sides_know(
    client: ArtifactClient,
) -> None:
    logged = await client.log("data", FILES)
    await client.log("data", FILES, run="run2")
    usage = client.artifacts.usage
    for _ in range(2):
        await usage.note_input(RunKey("team", "proj", "run3"), logged.id)
    assert await usage.outputs(RunKey("team", "proj", "run1")) == [logged.id]
    assert await usage.outputs(RunKey("team", "proj", "run2")) == [logged.id]
    assert await usage.inputs(RunKey("team", "proj", "run3")) == [logged.id]
    assert await usage.users(logged.id) == [RunKey("team", "proj", "run3")]


async def test_when_a_user_makes_a_version_then_no_run_has_logged_it(
    client: ArtifactClient,
) -> None:
    await client.log("data", FILES, run=None)
    assert await client.artifacts.usage.outputs(RunKey("team", "proj", "run1")) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"collection": "a/b"}, "may only have"),
        ({"collection": ""}, "may only have"),
        ({"aliases": ("v3",)}, "reserved"),
        ({"aliases": ("a:b",)}, "no ':'"),
        ({"type": ""}, "type name"),
        ({"storage_region": "moon-1"}, "moon-1"),
        ({"digest_algorithm": DigestAlgorithm.MANIFEST_XXH128}, "not enabled"),
    ],
)
async def test_given_something_that_no_server_takes_then_nothing_is_created(
    client: ArtifactClient, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidError, match=complaint):
        await client.log("data", FILES, **{"collection": "data", **changes})
    assert await client.artifacts.collections.of_project("team", "proj") == []


async def test_given_a_collection_of_another_type_then_it_is_refused(
    client: ArtifactClient,
) -> None:
    await client.log("data", FILES)
    with pytest.raises(InvalidError, match="type 'dataset', not 'model'"):
        await client.log("data", {}, type="model")


async def test_when_a_type_is_first_used_then_its_project_has_it(client: ArtifactClient) -> None:
    await client.log("data", FILES)
    await client.log("more", FILES)
    await client.log("net", FILES, type="model")
    types = client.artifacts.types
    assert [kept.name for kept in await types.of_project("team", "proj")] == ["dataset", "model"]
    collections = client.artifacts.collections
    named = await collections.of_project("team", "proj", "dataset")
    assert [collection.name for collection in named] == ["more", "data"]


async def test_when_aliases_are_given_and_dropped_then_each_names_one_member(
    client: ArtifactClient,
) -> None:
    first = await client.log("data", FILES)
    second = await client.log("data", {"a": b""})
    members = client.artifacts.memberships
    await members.give_alias(first.sequence, first.id, "prod")
    await members.give_alias(first.sequence, second.id, "prod")
    assert await client.named("data:prod") == second.id
    await members.drop_alias(first.sequence, first.id, "prod")
    assert await client.named("data:prod") == second.id
    await members.drop_alias(first.sequence, second.id, "prod")
    assert await client.named("data:prod") is None
    with pytest.raises(NotFoundError):
        await members.give_alias(first.sequence, "QXJ0aWZhY3Q6OTk=", "prod")


async def test_when_a_version_is_changed_then_only_what_was_named_changes(
    client: ArtifactClient,
) -> None:
    logged = await client.log("data", FILES, description="first", tags=("x", "y"))
    changed = await client.artifacts.versions.change(
        logged,
        ArtifactChange(
            metadata='{"k": 1}', tags_to_add=("z", "x"), tags_to_delete=("y", "unknown")
        ),
    )
    assert (changed.description, changed.metadata) == ("first", '{"k": 1}')
    assert changed.tags == ("x", "z")
    cleared = await client.artifacts.versions.change(changed, ArtifactChange(description=""))
    assert cleared.description == ""


@pytest.mark.parametrize(
    ("asked", "expires_after", "inherited"),
    [(None, TTL_NONE, True), (-1, TTL_NONE, True), (-2, TTL_NONE, False), (60, 60, False)],
)
async def test_given_a_time_to_live_then_it_is_told_as_w_and_b_tells_it(
    client: ArtifactClient, asked: int | None, expires_after: int, inherited: bool
) -> None:
    logged = await client.log("data", FILES, ttl_seconds=asked)
    assert (logged.expires_after, logged.ttl_is_inherited) == (expires_after, inherited)


async def test_given_an_unknown_birth_artifact_then_the_commit_is_refused(
    client: ArtifactClient,
) -> None:
    pending = await client.artifacts.versions.create(client.new_version("data", FILES))
    entry = ManifestEntry(digest=md5(b"alpha"), birth_artifact="QXJ0aWZhY3Q6OTk=")
    await client.send_manifest(pending, Manifest(1, {"a": entry}).encode())
    with pytest.raises(BackendError, match="has not been uploaded"):
        await client.artifacts.commit(pending.id)


async def test_when_no_alias_is_asked_for_then_latest_follows_all_the_same(
    client: ArtifactClient,
) -> None:
    await client.log("data", FILES)
    second = await client.log("data", {"b": b""}, aliases=())
    assert await client.named("data") == second.id


async def test_given_a_shared_version_then_a_client_may_come_back_with_another_digest(
    client: ArtifactClient,
) -> None:
    shared = {"distributed_id": "group", "client_id": "c1"}
    first = await client.artifacts.versions.create(client.new_version("s", {"a": b"1"}, **shared))
    again = await client.artifacts.versions.create(client.new_version("s", {"b": b"2"}, **shared))
    assert again.id == first.id


async def test_when_manifests_are_merged_then_each_entry_says_whose_bytes_it_has(
    client: ArtifactClient,
) -> None:
    async def log(path: str, kind: ManifestType, base: str | None = None) -> Artifact:
        """Layout V1: manifests do not say where their files were born."""
        content = path.encode()
        version = await client.artifacts.versions.create(client.new_version("r", {path: content}))
        wish = NewFile(name=path, md5=md5(content))
        await client.put((await client.artifacts.files.request(version, wish, "V1")).path, content)
        manifest = Manifest(1, {path: ManifestEntry(digest=md5(content), size=len(content))})
        await client.send_manifest(version, manifest.encode(), kind, base)
        return await client.artifacts.commit(version.id)

    first = await log("0", ManifestType.FULL)
    second = await log("1", ManifestType.INCREMENTAL, first.id)
    assert second.manifest is not None
    stored = await client.artifacts.manifests.get(second.manifest)
    assert stored is not None
    merged = await client.artifacts.manifests.read(second, stored)
    births = {path: entry.birth_artifact for path, entry in merged.contents.items()}
    assert births == {"0": first.id, "1": second.id}


async def test_when_a_version_is_committed_then_its_collection_has_changed(
    client: ArtifactClient,
) -> None:
    await client.log("data", FILES)
    client.clock.set(client.clock.now() + 60)
    await client.log("data", {"b": b""})
    collection = await client.artifacts.collections.find("team", "proj", "data")
    assert collection is not None
    assert collection.updated_at - collection.created_at == 60
