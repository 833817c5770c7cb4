"""The person at the screen: what looks like an entry, and pictures that others can read."""

from __future__ import annotations

import struct
import zlib

from graders.core.wire.x11 import STILL, STILL_WITHOUT_FRAME, Box, entries, is_still, png


def test_the_widest_line_is_tried_first() -> None:
    label, button = Box(1, 0, 0, 40, 20), Box(2, 400, 560, 80, 30)
    entry, conversation = Box(3, 0, 560, 380, 30), Box(4, 0, 40, 500, 500)
    assert entries([label, button, entry, conversation]) == [entry, button]


def test_of_two_as_wide_the_lower_one() -> None:
    above, below = Box(1, 0, 0, 300, 25), Box(2, 0, 400, 300, 25)
    assert entries([above, below]) == [below, above]


def test_a_picture_is_a_png_file() -> None:
    data = png(2, 1, b"\xff\0\0\0\0\xff")
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack_from(">II", data, 16) == (2, 1)
    length = struct.unpack_from(">I", data, 33)[0]
    assert data[37:41] == b"IDAT"
    assert zlib.decompress(data[41 : 41 + length]) == b"\0\xff\0\0\0\0\xff"
    assert data[-8:-4] == b"IEND" and struct.unpack(">I", data[-4:])[0] == zlib.crc32(b"IEND")


def test_a_splash_screen_is_not_taken_for_the_window() -> None:
    window, splash = Box(1, 0, 0, 500, 300), Box(2, 0, 0, 164, 99, framed=False)
    assert not is_still([], 1000)
    assert [is_still([window], looks) for looks in (STILL - 1, STILL)] == [False, True]
    assert [is_still([splash], looks) for looks in (STILL, STILL_WITHOUT_FRAME)] == [False, True]
