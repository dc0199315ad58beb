from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.errors import TooLargeError
from mockwb.backend.store import BlobInfo


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(memory_threshold=10, max_size=100, folder=str(tmp_path / "blobs"))


def files(blobs: BlobStore, tmp_path: Path) -> list[Path]:
    return list((tmp_path / "blobs").glob("*"))


async def put(blobs: BlobStore, key: str, *chunks: bytes) -> BlobInfo:
    writer = blobs.writer(key)
    for chunk in chunks:
        await writer.write(chunk)
    return await writer.commit()


async def joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize(("size", "on_disk"), [(0, False), (10, False), (11, True), (100, True)])
async def test_bytes_come_back_wherever_they_are_kept(
    blobs: BlobStore, tmp_path: Path, size: int, on_disk: bool
) -> None:
    content = bytes(range(size))
    info = await put(blobs, "k", content[:7], content[7:])
    assert info.size == size
    assert bool(files(blobs, tmp_path)) is on_disk
    assert await joined(blobs.read("k")) == content
    assert await joined(blobs.read("k", 2, 5)) == content[2:5]
    assert await joined(blobs.read("k", 5, 1000)) == content[5:]


async def test_the_digest_is_the_one_that_clients_compute(blobs: BlobStore) -> None:
    assert (await put(blobs, "k", b"hello")).md5 == "XUFAKrxLKna5cZ2REBfFkg=="


async def test_too_many_bytes_are_refused_and_leave_nothing(
    blobs: BlobStore, tmp_path: Path
) -> None:
    writer = blobs.writer("k")
    await writer.write(bytes(100))
    with pytest.raises(TooLargeError, match="larger than the configured 100B"):
        await writer.write(b"x")
    await writer.abort()
    assert blobs.info("k") is None
    assert files(blobs, tmp_path) == []


async def test_an_upload_shows_only_once_it_is_whole(blobs: BlobStore) -> None:
    await put(blobs, "k", b"old")
    writer = blobs.writer("k")
    await writer.write(b"new content")
    assert await joined(blobs.read("k")) == b"old"
    await writer.commit()
    assert await joined(blobs.read("k")) == b"new content"


async def test_replaced_and_deleted_bytes_free_their_files(
    blobs: BlobStore, tmp_path: Path
) -> None:
    await put(blobs, "k", bytes(50))
    await put(blobs, "k", bytes(60))
    assert len(files(blobs, tmp_path)) == 1
    assert blobs.delete("k")
    assert not blobs.delete("k")
    assert files(blobs, tmp_path) == []


async def test_closing_removes_the_temporary_folder() -> None:
    blobs = BlobStore(memory_threshold=0, max_size=100)
    info = await put(blobs, "k", b"x")
    assert info.path is not None
    folder = Path(info.path).parent
    assert folder.exists()
    blobs.close()
    assert not folder.exists()


async def test_large_blobs_that_are_not_kept_have_size_and_digest_and_take_no_space(
    tmp_path: Path,
) -> None:
    content = bytes(range(1, 251)) * 4000
    kept = BlobStore(10, 10**7, folder=str(tmp_path / "kept"))
    blobs = BlobStore(10, 10**7, folder=str(tmp_path / "blobs"), keep_large=False)
    info = await put(blobs, "k", content[:600_000], content[600_000:])
    assert (info.size, info.md5) == (1_000_000, (await put(kept, "k", content)).md5)
    (file,) = files(blobs, tmp_path)
    assert file.stat().st_size == 1_000_000
    assert file.stat().st_blocks * 512 < 100_000
    assert await joined(blobs.read("k")) == bytes(1_000_000)
    assert await joined(blobs.read("k", 5, 9)) == bytes(4)
    await put(blobs, "small", b"12345")
    assert await joined(blobs.read("small")) == b"12345"
