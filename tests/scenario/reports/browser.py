"""What a real browser makes of a report's page: Chromium, without a window."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

Points = list[tuple[float, float]]


class Page(HTMLParser):
    """The charts of a document, and its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.curves: dict[str, dict[str, Points]] = {}
        """Chart -> curve -> its points, read back by the scales that the chart was drawn with."""
        self.spoken: dict[str, str] = {}
        """Chart -> what a screen reader says."""
        self.titles: dict[str, list[str]] = {}
        """Chart -> texts under the pointer."""
        self.texts: list[str] = []
        self._chart = ""
        self._scales: list[list[float]] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "figure":
            self._chart = given["id"]
            self.curves[self._chart], self.titles[self._chart] = {}, []
        elif tag == "svg" and given.get("class") == "chart":
            self._scales = [[float(n) for n in given[a].split()] for a in ("data-x", "data-y")]
            self.spoken[self._chart] = given["aria-label"]
        elif tag == "path" and "data-name" in given:
            points = re.findall(r"([\d.]+) ([\d.]+)", given["d"])
            self.curves[self._chart][given["data-name"]] = [self._read(p) for p in points]
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._in_title and self._chart:
            self.titles[self._chart].append(data)

    def _read(self, point: tuple[str, str]) -> tuple[float, float]:
        (left, right, x_most), (bottom, top, y_most) = self._scales
        x, y = map(float, point)
        return (x - left) / (right - left) * x_most, (y - bottom) / (top - bottom) * y_most


def rendered(page: Path, profile: Path) -> Page:
    """The document as it stands when the scripts of `page` have run."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "chromium is missing: install Debian's package chromium"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    quiet = ["--disable-background-networking", f"--user-data-dir={profile}"]
    done = subprocess.run(
        [chromium, *flags, *quiet, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    read = Page()
    read.feed(done.stdout)
    return read
