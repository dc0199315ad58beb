"""Somebody else's tests, run with the plugin in a process of their own."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


class Suite:
    """Their folder and their environment."""

    def __init__(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, **modules: str
    ) -> None:
        """`modules` are for the tests to import."""
        self._pytester = pytester
        if modules:
            pytester.makepyfile(**modules)
        pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error")
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("HOME", str(pytester.path))
        # Only this plugin, whether or not the environment's metadata name it already.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(self, tests: str, *options: str) -> pytest.RunResult:
        """What came of `tests`, a module's text."""
        self._pytester.makepyfile(test_theirs=tests)
        return self._pytester.runpytest_subprocess("-p", "mockwb.testing.plugin", *options)
