"""A person at a screen: sees windows, clicks, types, closes, takes a picture. Speaks X11 over TCP, nothing else.

Requests are few and simple, so no library is needed (X Window System Protocol, X Version 11, appendix B: encoding;
keys and clicks are the XTEST extension's). Standard library only: part of the replay scripts of windows.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import zlib
from typing import NamedTuple

SHIFT, RETURN, TAB = 0xFFE1, 0xFF0D, 0xFF09

# A window that has been the same for so many looks has put itself together; one without a frame may be a splash screen.
STILL, STILL_WITHOUT_FRAME = 3, 100

_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 2, 3, 4, 5, 6
_VIEWABLE, _ANY_TYPE, _Z_PIXMAP, _ALL_PLANES, _CLIENT_MESSAGE = 2, 0, 2, 0xFFFFFFFF, 33


class Gone(Exception):
    """The window is not there any more, or the screen itself."""


class Box(NamedTuple):
    """A window and where it is on the screen, in pixels."""

    window: int
    x: int
    y: int
    width: int
    height: int
    framed: bool = True  # a window manager puts a frame around it; not around splash screens, menus and tooltips


def is_still(windows: list[Box], looks: int) -> bool:
    """Whether these windows, the same for so many looks, will stay as they are."""
    return bool(windows) and looks >= (STILL if windows[0].framed else STILL_WITHOUT_FRAME)


class Screen:
    """One connection to an X server on this machine's TCP port 6000 + ``number``. Every method may raise Gone."""

    def __init__(self, number: int, cookie: bytes, seconds: float = 5.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", 6000 + number), seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sequence = 0
        name = b"MIT-MAGIC-COOKIE-1"
        hello = struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(cookie))
        self._socket.sendall(hello + _padded(name) + _padded(cookie))
        head = self._read(8)
        body = self._read(4 * struct.unpack_from("<H", head, 6)[0])
        if head[0] != 1:
            raise Gone(f"the X server refuses: {body.decode('latin-1')}")
        vendor, formats = struct.unpack_from("<H", body, 16)[0], body[21]
        self._first_key, last_key = body[26], body[27]
        root = 32 + (vendor + 3) // 4 * 4 + 8 * formats
        self.root: int = struct.unpack_from("<I", body, root)[0]
        self.width, self.height = struct.unpack_from("<HH", body, root + 20)
        self._test = self._ask(98, 0, struct.pack("<Hxx", 5) + _padded(b"XTEST"))[9]
        mapping = self._ask(101, 0, struct.pack("<BBxx", self._first_key, last_key - self._first_key + 1))
        self._per_key = mapping[1]
        self._symbols = struct.unpack_from(f"<{(len(mapping) - 32) // 4}I", mapping, 32)

    def close(self) -> None:
        self._socket.close()

    # -- what there is to see -----------------------------------------------------------------------------------------

    def windows(self) -> list[Box]:
        """The visible windows of programs, the uppermost last; those without a frame only where there are no others."""
        found = [box for child in self._children(self.root) if (box := self._seen(child)) and box.width > 1]
        return [box for box in found if box.framed] or found

    def parts(self, window: int) -> list[Box]:
        """What is visible inside a window and has no visible parts of its own: entries, buttons, texts."""
        found: list[Box] = []
        for child in self._children(window):
            if box := self._seen(child):
                found += self.parts(child) or [box]
        return found

    def _children(self, window: int) -> tuple[int, ...]:
        with contextlib.suppress(Gone):
            answer = self._ask(15, 0, struct.pack("<I", window))
            return struct.unpack_from(f"<{struct.unpack_from('<H', answer, 16)[0]}I", answer, 32)
        return ()

    def _seen(self, window: int) -> Box | None:
        with contextlib.suppress(Gone):
            attributes = self._ask(3, 0, struct.pack("<I", window))
            if attributes[26] == _VIEWABLE:
                width, height = struct.unpack_from("<HH", self._ask(14, 0, struct.pack("<I", window)), 16)
                x, y = struct.unpack_from("<hh", self._ask(40, 0, struct.pack("<IIhh", window, self.root, 0, 0)), 12)
                return Box(window, x, y, width, height, framed=not attributes[27])  # override-redirect
        return None

    def picture(self, box: Box | None = None) -> bytes:
        """What is on the screen, or on that part of it, as a PNG file."""
        box = box or Box(self.root, 0, 0, self.width, self.height)
        x, y = max(0, box.x), max(0, box.y)
        width, height = min(box.x + box.width, self.width) - x, min(box.y + box.height, self.height) - y
        if width <= 0 or height <= 0:
            raise Gone("it lies outside the screen")
        request = struct.pack("<IhhHHI", self.root, x, y, width, height, _ALL_PLANES)
        pixels = self._ask(73, _Z_PIXMAP, request)[32:]  # four bytes each: blue, green, red, nothing
        rgb = bytearray(3 * width * height)
        for place in range(3):
            rgb[place::3] = pixels[2 - place :: 4][: width * height]
        return png(width, height, bytes(rgb))

    # -- what a person does -------------------------------------------------------------------------------------------

    def focus(self, window: int) -> None:
        """What a window manager does with a new window: the keyboard is its now."""
        self._say(42, 1, struct.pack("<II", window, 0))

    def click(self, x: int, y: int) -> None:
        self._fake(_MOTION, 0, x, y)
        self._fake(_BUTTON_PRESS, 1)
        self._fake(_BUTTON_RELEASE, 1)

    def type(self, text: str) -> None:
        """Press and release a key for each character; only what is on an American keyboard."""
        for character in text:
            self.press(ord(character))

    def press(self, symbol: int) -> None:
        """Press and release the key with this symbol (a character's code, RETURN, TAB), with Shift if need be."""
        place = self._symbols.index(symbol)
        key, column = self._first_key + place // self._per_key, place % self._per_key
        shift = self._first_key + self._symbols.index(SHIFT) // self._per_key
        if column == 1:
            self._fake(_KEY_PRESS, shift)
        self._fake(_KEY_PRESS, key)
        self._fake(_KEY_RELEASE, key)
        if column == 1:
            self._fake(_KEY_RELEASE, shift)

    def write(self, window: Box, text: str, way: int) -> None:
        """Go to where one writes in the window, type the text and press Return.

        ``way``: 0 where one is there already, -n to press Tab n times before, n to click the nth of the ``entries``.
        """
        self.focus(window.window)
        for _ in range(-way):
            self.press(TAB)
        found = entries(self.parts(window.window)) if way > 0 else []
        if way <= len(found) and found:
            box = found[way - 1]
            self.click(box.x + min(box.width // 2, 30), box.y + box.height // 2)
        self.type(text)
        self.press(RETURN)

    def ask_to_close(self, window: int) -> None:
        """What the cross in the corner of a window does: WM_DELETE_WINDOW (ICCCM 4.2.8.1)."""
        protocols, delete = self._atom(b"WM_PROTOCOLS"), self._atom(b"WM_DELETE_WINDOW")
        event = struct.pack("<BBHIIII12x", _CLIENT_MESSAGE, 32, 0, window, protocols, delete, 0)
        self._say(25, 0, struct.pack("<II", window, 0) + event)

    def _atom(self, name: bytes) -> int:
        atom: int = struct.unpack_from("<I", self._ask(16, 0, struct.pack("<Hxx", len(name)) + _padded(name)), 8)[0]
        return atom

    def _fake(self, kind: int, detail: int, x: int = 0, y: int = 0) -> None:
        self._say(self._test, 2, struct.pack("<BBxxII8xhh8x", kind, detail, 0, self.root, x, y))

    # -- requests, answers --------------------------------------------------------------------------------------------

    def _say(self, opcode: int, detail: int, body: bytes) -> None:
        """A request without an answer; returns when the server has done it."""
        self._send(opcode, detail, body)
        self._ask(43, 0, b"")  # GetInputFocus: its answer comes after everything before

    def _ask(self, opcode: int, detail: int, body: bytes) -> bytes:
        """A request and its answer. Gone where the server answers by an error: the window is not there."""
        wanted = self._send(opcode, detail, body)
        while True:
            head = self._read(32)
            kind, sequence = head[0] & 0x7F, struct.unpack_from("<H", head, 2)[0]
            more = self._read(4 * struct.unpack_from("<I", head, 4)[0]) if kind in (1, 35) else b""
            if sequence == wanted and kind == 1:
                return head + more
            if sequence == wanted and kind == 0:
                raise Gone(f"X error {head[1]}")

    def _send(self, opcode: int, detail: int, body: bytes) -> int:
        self._sequence = (self._sequence + 1) & 0xFFFF
        try:
            self._socket.sendall(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)
        except OSError as error:
            raise self._lost(error) from None
        return self._sequence

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                piece = self._socket.recv(size - len(data))
            except OSError as error:
                raise self._lost(error) from None
            if not piece:
                raise Gone("the X server has ended the connection")
            data += piece
        return bytes(data)

    def _lost(self, error: OSError) -> Gone:
        """A program may hold the server up, or break it: nothing more is asked, as answers would not fit questions."""
        self._socket.close()
        return Gone(str(error))


def entries(parts: list[Box]) -> list[Box]:
    """Where a person would click in order to write a line: what is about as high as a line, the widest first."""
    lines = [box for box in parts if 14 <= box.height <= 120 and box.width >= 60]
    return sorted(lines, key=lambda box: (-box.width, -box.y))


def png(width: int, height: int, rgb: bytes) -> bytes:
    """A PNG file of 8-bit RGB pixels (RFC 2083)."""
    rows = b"".join(b"\0" + rgb[3 * width * row : 3 * width * (row + 1)] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
