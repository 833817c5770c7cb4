"""How WebSocket frames (RFC 6455) are told to a person.

Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

from graders.core.models.websocket_frames import CLOSE, begun_frame, items_of, message_lines, without_head
from graders.core.replay.octets import Octets, show
from graders.core.replay.values import Json

OPCODES = {0: "CONTINUATION", 1: "TEXT", 2: "BINARY", 8: "CLOSE", 9: "PING", 10: "PONG"}

# So many frames of one step are told.
MOST_FRAMES = 8


def frames_text(data: Octets, lang: str, *, masked: bool = False) -> str:
    """A row for each frame: its kind, what is unusual about it, and its payload without the mask.

    ``masked``: they should have one, as a client's have.
    """
    rows: list[str] = []
    head = data.head
    while head and len(rows) < MOST_FRAMES:
        frame, size, length = begun_frame(head)
        if frame is None:
            rows.append(show(Octets(head, data.omitted, data.tail), lang))
            return "\n".join(rows)
        said = [OPCODES.get(frame.opcode, f"opcode {frame.opcode}")]
        said += [f"RSV {frame.reserved:03b}"] if frame.reserved else []
        said += ["FIN 0"] if not frame.final else []
        said += [{"zh": "没有掩码", "en": "unmasked"}[lang]] if masked and frame.mask is None else []
        payload, missing = frame.payload, length - len(frame.payload)
        if frame.opcode == CLOSE and len(payload) >= 2:
            said.append(str(int.from_bytes(payload[:2], "big")))
            payload = payload[2:]
        if payload or missing:
            said.append(show(Octets(payload, missing), lang))
        rows.append(" ".join(said))
        head = head[size + len(frame.payload) :] if not missing else b""
    if head:
        rows.append("…")
    return "\n".join(rows)


def heard_instead(data: bytes, as_lines: bool) -> Json:
    """What came in place of the messages that were wanted, as one side of a comparison."""
    items = [item for item in items_of(data) if item.opcode < CLOSE]
    if items:
        said = message_lines(data) if as_lines else b"".join(item.payload for item in items)
        return {"bytes": {"hex": said.hex(), "bytes": len(said)}}
    told = {lang: frames_text(Octets(without_head(data)), lang) for lang in ("zh", "en")}
    return {"text": told}
