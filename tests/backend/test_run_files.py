import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.run import RunKey
from mockwb.backend.run_files import RunFile, blob_key, check_file_name
from mockwb.backend.world import World
from mockwb.clock import VirtualClock


async def upload(world: World, key: RunKey, name: str, content: bytes = b"hello") -> RunFile:
    writer = world.store.blob_writer(blob_key(key, name))
    await writer.write(content)
    return await world.run_files.stored(key, name, await writer.commit())


async def test_an_uploaded_file_is_listed_with_size_digest_and_time(
    world: World, key: RunKey, clock: VirtualClock
) -> None:
    await upload(world, key, "media/images/a b é.png")
    (file,) = await world.run_files.all(key)
    assert (file.name, file.size, file.mimetype) == ("media/images/a b é.png", 5, "image/png")
    assert file.md5 == "XUFAKrxLKna5cZ2REBfFkg=="
    assert file.updated_at == clock.wall()
    assert file.exists


async def test_a_second_upload_replaces_the_first_and_keeps_the_id(
    world: World, key: RunKey, clock: VirtualClock
) -> None:
    first = await upload(world, key, "a.txt")
    await clock.advance(1)
    await upload(world, key, "a.txt", b"longer text")
    (file,) = await world.run_files.all(key)
    assert file.id == first.id
    assert (file.size, file.updated_at) == (11, clock.wall())


async def test_files_are_listed_by_name(world: World, key: RunKey) -> None:
    for name in ("b", "a/z", "c"):
        await upload(world, key, name)
    assert [file.name for file in await world.run_files.all(key)] == ["a/z", "b", "c"]


async def test_a_name_that_is_not_there_gets_a_place_to_upload_to(
    world: World, key: RunKey
) -> None:
    await upload(world, key, "here")
    gone, here = await world.run_files.named(key, ["gone", "here"])
    assert (gone.name, gone.size, gone.updated_at, gone.exists) == ("gone", 0, None, False)
    assert here.exists


async def test_given_a_name_from_the_folder_it_lies_in_then_the_file_is_found(
    world: World, key: RunKey
) -> None:
    await upload(world, key, "a b.txt")
    (found,) = await world.run_files.named(key, ["./a b.txt"])
    assert (found.name, found.exists) == ("a b.txt", True)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("%.json", ["a.json", "sub/b.json"]),
        ("_.json", ["a.json"]),
        ("a.json", ["a.json"]),
        ("a", []),
        ("%", ["a.json", "ajson", "sub/b.json"]),
        ("%A%", []),
        ("sub/%", ["sub/b.json"]),
        (".*", []),
        (r"a\.json", []),
    ],
)
async def test_patterns_are_those_of_sql_like(
    world: World, key: RunKey, pattern: str, names: list[str]
) -> None:
    for name in ("a.json", "ajson", "sub/b.json"):
        await upload(world, key, name)
    assert [file.name for file in await world.run_files.matching(key, pattern)] == names


async def test_every_character_of_a_name_stands_for_itself_in_a_pattern(
    world: World, key: RunKey
) -> None:
    names = [f"a{c}b" for c in (*map(chr, range(1, 128)), "é", "😀") if c not in "/\\"]
    for name in names:
        await upload(world, key, name)
    found = {
        name: [file.name for file in await world.run_files.matching(key, name)]
        for name in names
        if name not in ("a%b", "a_b")
    }
    assert found == {name: [name] for name in found}
    assert len(await world.run_files.matching(key, "a_b")) == len(names)


async def test_a_pattern_of_many_wildcards_is_answered(world: World, key: RunKey) -> None:
    await upload(world, key, "a" * 200)
    assert await world.run_files.matching(key, "%a" * 40 + "b") == []


@pytest.mark.parametrize("pattern", ["\ud800", "_" * 1_000_000])
async def test_a_pattern_that_cannot_be_matched_is_refused(
    world: World, key: RunKey, pattern: str
) -> None:
    with pytest.raises(InvalidError, match="pattern "):
        await world.run_files.matching(key, pattern)


async def test_a_deleted_file_is_gone_with_its_bytes(world: World, key: RunKey) -> None:
    file = await upload(world, key, "odd:name")
    assert await world.run_files.delete(file.id) == key
    assert await world.run_files.all(key) == []
    assert await world.store.blob_info(blob_key(key, "odd:name")) is None
    with pytest.raises(NotFoundError, match="file odd:name not found"):
        await world.run_files.delete(file.id)


async def test_an_id_that_is_none_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError, match="file nonsense not found"):
        await world.run_files.delete("nonsense")


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/passwd", "a//b", "a/", "", ".", "..\\x", "a\\..\\b", "a\0b"]
)
def test_a_name_that_could_leave_its_run_is_refused(name: str) -> None:
    with pytest.raises(InvalidError, match="file name"):
        blob_key(RunKey("e", "p", "r"), name)


def test_an_overlong_name_is_refused() -> None:
    with pytest.raises(InvalidError, match="1 to 4096 characters, got 4097"):
        check_file_name("x" * 4097)


def test_ordinary_names_are_kept_as_they_are() -> None:
    key = RunKey("e", "p", "r")
    assert blob_key(key, "media/ä b/#1?..%2F.txt") == "runs/e/p/r/media/ä b/#1?..%2F.txt"
