"""Workload kind `files`: modelled runs that save checkpoints along with their rows."""

from typing import Annotated

import msgspec

from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.sdkmodel.checkpoint_files import CheckpointFiles, Together
from mockwb.sdkmodel.handed_files import FileSource
from mockwb.sdkmodel.shaped_lines import ShapedLines
from mockwb.units import Size


class Upload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client saves, as with `run.save`."""

    size: Size
    """Of each file."""
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Files that are saved together."""
    every: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Rows from one save to the next; the first row has one."""
    overwrite: bool = False
    """Each time under the same names; else the names tell the row."""


class FilesWorkload(VirtualWorkload, frozen=True, kw_only=True, tag="files"):
    """N clients that log rows and upload files."""

    upload: Upload
    """The files."""

    def files(self, rows: ShapedLines, index: int) -> FileSource:
        """Media in the rows, and the files that are saved with them."""
        saved = CheckpointFiles(
            rows,
            count=self.upload.count,
            size=int(self.upload.size),
            every=self.upload.every,
            overwrite=self.upload.overwrite,
            client=index,
        )
        media = super().files(rows, index)
        return saved if media is None else Together(media, saved)
