from pathlib import Path

import pytest

from mockwb.coverage.package import PackageError, from_release, from_wheel
from tests.coverage.wheels import wheel


def test_given_a_wheel_then_its_sources_are_read_and_vendored_libraries_are_not(
    tmp_path: Path,
) -> None:
    package = from_wheel(wheel(tmp_path, apis__public="A = 1", vendor__gql__tests="B = 2"))
    assert package.version == "9.9.9"
    assert package.sources == {"wandb/apis/public.py": b"A = 1"}


def test_given_a_file_that_is_no_wheel_then_the_error_names_it(tmp_path: Path) -> None:
    path = tmp_path / "wandb-1.0.whl"
    path.write_text("not a zip")
    with pytest.raises(PackageError, match=r"wandb-1\.0\.whl: not a readable wheel"):
        from_wheel(path)


def test_given_a_wheel_of_something_else_then_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="has a folder wandb/, this one has none"):
        from_wheel(wheel(tmp_path))


def test_given_a_release_that_was_downloaded_before_then_the_kept_wheel_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wheel(tmp_path / "mockwb" / "wheels" / "9.9.9", apis="A = 1")
    assert from_release("9.9.9").sources == {"wandb/apis.py": b"A = 1"}
