"""Makes a virtual machine hand out its memory before anything is measured.

A guest's first touch of a page is a fault in the host, some ten times what the guest's own costs
(4 to 12 microseconds a page were seen), and a host takes idle pages back. A server that stores what
it is sent would be measured by that; the floor, which stores nothing, would not.
"""

import subprocess
import sys

_TOUCH = """
import sys
block = bytearray(int(sys.argv[1]))
block[::4096] = bytes(len(range(0, len(block), 4096)))
"""


def touch(size: int) -> None:
    """Write to every page of so many bytes of memory, then give it back."""
    subprocess.run([sys.executable, "-c", _TOUCH, str(size)], check=True)
