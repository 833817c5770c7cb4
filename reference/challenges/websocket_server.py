"""WebSocket 服务器：回声、聊天室和一个聊天网页，协议（RFC 6455）由自己动手写（课程 21.7 任务 2）。

试一试：运行本文件，用浏览器打开 http://127.0.0.1:8765/ ，再开一个窗口，用另一个名字加入。
    --host、--port   监听的地址
    --push           在这个终端里输入的每一行，都推送给聊天室里的所有人
按 Ctrl+C 停止服务器。

A WebSocket server: an echo, a chat room and a page to chat in, with the protocol (RFC 6455) written by hand (lesson
21.7, task 2).

Try it: run this file, open http://127.0.0.1:8765/ in a browser, and join from a second window under another name.
--host and --port say where to listen; with --push every line typed in this terminal is pushed to all who are in the
chat room. Ctrl+C stops the server.

WebSocket 是什么 / What WebSocket is
    HTTP 只会一问一答，服务器不能先开口。WebSocket 从一个普通的 HTTP 请求开始（握手），双方同意之后，这个 TCP 连接就
    不再是 HTTP：谁都可以随时发一条消息。TCP 没有消息的边界，所以消息装在「帧」里，帧的开头写着它有多长。
    In HTTP the client asks and the server answers; the server cannot speak first. A WebSocket begins as an ordinary
    HTTP request (the handshake); once both agree, that TCP connection is HTTP no more, and either side may send a
    message at any time. TCP knows no messages, so they travel in frames, each of which begins with its length.

怎么做的 / How it works
    一个线程，一个 asyncio 事件循环，每个连接一个协程。只有 await 的地方才会换到别的协程，所以不用锁，广播的时候没有别人
    插进来，所有人看到的顺序相同。发送从不等待：发不出去的字节由 asyncio 记着，欠一个客户端太多时就断开它，因此不接收
    的客户端不会耽误别人。
    One thread, one asyncio event loop, one coroutine for each connection. Others run only where a coroutine says
    await: there is no lock, nobody gets in between while something is broadcast, and all see one and the same order.
    Sending never waits: asyncio keeps what cannot be sent yet, and a client that is owed too much is disconnected, so
    one that does not read delays nobody.

    文件从上到下 / From top to bottom:
    握手 the handshake → 帧 frames → 消息 messages → 回声和聊天室 echo and chat room → 服务器 the server → 网页 the page
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import http
import json
import re
import struct
import sys
import threading
import time
import unicodedata
from typing import Any, NamedTuple

MAX_MESSAGE = 2**20  # 一条消息最多多少字节，片段合计；没有它，一个客户端能占满内存 / or one client fills the memory
MAX_OWED = 8 * 2**20  # 不接收的客户端最多欠多少字节，再多就断开 / bytes owed to a client that does not read
MAX_NAME = 32  # 名字最多多少个字符 / characters of a name
HANDSHAKE_PATIENCE = 30.0  # 连上之后多少秒内要发来完整的请求 / seconds for the whole request to come
PING_EVERY = 30.0  # 每隔多少秒问一次对方还在不在 / seconds from one "are you still there?" to the next
LINGER = 2.0  # 关闭时最多等对方多少秒 / seconds that a client has to take the last bytes and to close its side
SHUTDOWN_PATIENCE = 1.0  # 停止服务器时等所有客户端多少秒 / seconds that all clients have when the server stops


# --- 握手 / the handshake (RFC 6455, 4) -------------------------------------------------------------------------------


class Request(NamedTuple):
    """一个 HTTP 请求，首部的名字是小写的。 An HTTP request; the names of the headers are in lower case."""

    method: str
    path: str
    version: str
    headers: dict[str, str]

    def tokens(self, header: str) -> list[str]:
        """首部里逗号分开的各项，小写。浏览器可能发 `Connection: keep-alive, Upgrade`，所以不能整个比较。

        The items of a list, in lower case. Browsers may send `Connection: keep-alive, Upgrade`: compare item by item.
        """
        return [token.strip().lower() for token in self.headers.get(header, "").split(",")]


class Refused(Exception):
    """不握手，用这个 HTTP 状态码回答。 No handshake: answer with this HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


async def read_request(reader: asyncio.StreamReader) -> Request:
    """读到首部之后的空行为止。请求可能分成许多段到来；空行之后也许已经有帧，它们留在 reader 里。

    Read up to the empty line behind the headers. The request may come in many pieces; and frames may already stand
    behind the empty line: they stay in the reader.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:  # 超过 64 KiB 还没有空行 / over 64 KiB and no empty line yet
        raise Refused(431, "首部太长 / the headers are too long") from None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    match = re.fullmatch(r"([!-~]+) ([!-~]+) (HTTP/1\.[0-9])", first)
    if not match:
        raise Refused(400, "这不是 HTTP 请求 / this is no HTTP request")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise Refused(400, "首部的写法不对 / a header is malformed")
        # 同名的首部等于一个用逗号连起来的首部。 Headers of one name are the same as one header with commas.
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    method, target, version = match.groups()
    return Request(method, target.partition("?")[0], version, headers)


def handshake_response(request: Request) -> bytes:
    """同意升级的回答（101）；请求不合格时抛出 Refused。

    The answer that agrees to the upgrade (101); raises Refused when the request does not qualify.
    """
    if request.method != "GET" or request.version == "HTTP/1.0":
        raise Refused(400, "握手是一个 HTTP/1.1 的 GET 请求 / the handshake is a GET request of HTTP/1.1")
    if "websocket" not in request.tokens("upgrade"):
        raise Refused(426, "这个地址只用于 WebSocket / this address is for WebSocket only")
    if "upgrade" not in request.tokens("connection"):
        raise Refused(400, "缺少 Connection: Upgrade / there is no Connection: Upgrade")
    if request.headers.get("sec-websocket-version") != "13":
        raise Refused(426, "只会 WebSocket 第 13 版 / only version 13 of WebSocket is spoken here")
    key = request.headers.get("sec-websocket-key", "")
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            raise ValueError("not 16 bytes")
    except ValueError:  # binascii.Error 也是 ValueError / binascii.Error is a ValueError, too
        raise Refused(400, "Sec-WebSocket-Key 不是 16 个字节的 base64 / is no base64 of 16 bytes") from None
    return (
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_for(key)}\r\n\r\n"
    ).encode("ascii")


def accept_for(key: str) -> str:
    """证明我们懂 WebSocket，而不是碰巧会回答 101 的别的什么：这个字符串是协议规定的。

    The proof that we speak WebSocket and are not something else that happens to answer 101. The string is the RFC's.
    """
    digest = hashlib.sha1(key.encode("ascii") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return base64.b64encode(digest).decode("ascii")


def http_response(status: int, body: str, kind: str = "text/plain") -> bytes:
    """一个完整的 HTTP 回答，之后连接就关闭。 A whole HTTP answer, after which the connection is closed."""
    data = body.encode("utf-8")
    head = [
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}",
        f"Content-Type: {kind}; charset=utf-8",
        f"Content-Length: {len(data)}",
    ]
    if status == 426:  # 告诉对方应当怎样来 / say how to come instead
        head += ["Connection: close, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    else:
        head += ["Connection: close", *(["Allow: GET"] if status == 405 else [])]
    return "\r\n".join([*head, "", ""]).encode("ascii") + data


# --- 帧 / frames (RFC 6455, 5) ----------------------------------------------------------------------------------------
#
#      字节 0           字节 1           然后 / then           客户端才有 / clients only
#    ┌───┬───┬──────┐ ┌────┬────────┐ ┌───────────────────┐ ┌─────────────┐ ┌──────────────┐
#    │FIN│RSV│opcode│ │MASK│ length │ │126: 2, 127: 8 字节 │ │ 掩码 4 字节   │ │ 数据 payload  │
#    └───┴───┴──────┘ └────┴────────┘ └───────────────────┘ └─────────────┘ └──────────────┘
#      1   3    4 位     1     7 位      bytes of length       bytes of mask    length 字节 bytes
#
# 一条长消息可以分成几帧：第一帧说明是文字还是二进制，后面的都是 CONTINUATION，最后一帧有 FIN。
# 控制帧（CLOSE、PING、PONG）很短，不分片，可以夹在一条消息的两帧之间。
# A long message may come in several frames: the first says whether it is text or binary, all others are CONTINUATION,
# and the last one has FIN. Control frames (CLOSE, PING, PONG) are short and whole, and may come between those.

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# 关闭码 / close codes (RFC 6455, 7.4.1)
NORMAL, GOING_AWAY, PROTOCOL_ERROR, INVALID_DATA, POLICY, TOO_BIG = 1000, 1001, 1002, 1007, 1008, 1009


class Frame(NamedTuple):
    final: bool
    opcode: int
    payload: bytes


class FailConnection(Exception):
    """客户端犯了错：发 Close，带上这个关闭码，然后断开。

    The client has made a mistake: send a Close with this code and end the connection ("fail the connection" in the
    RFC, 7.1.7).
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


async def read_frame(reader: asyncio.StreamReader, most: int) -> Frame:
    """读一帧客户端的帧，数据已经去掉掩码；most 是数据帧最多还能有多少字节。

    能看出错误就马上抛出 FailConnection，不等数据到齐：长度是对方说的，照着它去等、去占内存，就上当了。

    Read one of the client's frames and unmask it; `most` is how many bytes a data frame may have. FailConnection is
    raised as soon as a mistake can be seen, not when the payload is there: the length is only what the client claims,
    and whoever waits for it, or gives it memory, has been fooled.
    """
    first, second = await reader.readexactly(2)  # 不管网络怎么切，readexactly 都等到够数 / however the network cuts
    final, reserved, opcode = bool(first & 0x80), first & 0x70, first & 0x0F
    masked, length = bool(second & 0x80), second & 0x7F
    if reserved:
        raise FailConnection(PROTOCOL_ERROR, "保留位不是 0 / a reserved bit is set")
    if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        raise FailConnection(PROTOCOL_ERROR, "没有这种帧 / no such opcode")
    if not masked:
        raise FailConnection(PROTOCOL_ERROR, "客户端的帧要有掩码 / a client must mask its frames")
    if opcode >= CLOSE and (not final or length > 125):
        raise FailConnection(PROTOCOL_ERROR, "控制帧不分片，不超过 125 字节 / control frames are whole and short")
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    if opcode < CLOSE and length > most:
        raise FailConnection(TOO_BIG, "消息超过 1 MiB / the message is over 1 MiB")
    mask = await reader.readexactly(4)
    return Frame(final, opcode, apply_mask(await reader.readexactly(length), mask))


def apply_mask(data: bytes, mask: bytes) -> bytes:
    """每个字节与掩码的四个字节轮流异或；再做一次就变回来。

    掩码不是加密：它让客户端发出的字节无法预料，恶意网页就不能借 WebSocket 骗过路上的旧代理服务器。
    逐字节循环，1 MiB 要几百毫秒，期间谁都得等；把全部字节当作一个大整数，只要几毫秒。

    XOR with the four bytes of the mask in turn; done twice it gives the data back. The mask is no encryption: it makes
    the bytes that a client sends unpredictable, so that no malicious page can fool old proxies on the way. Byte by
    byte 1 MiB would take some hundred milliseconds, during which everybody waits; as one large integer it takes a few.
    """
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(len(data))


def encode_frame(opcode: int, payload: bytes) -> bytes:
    """服务器的帧：不分片，没有掩码。 One of the server's frames: whole and without a mask."""
    length = len(payload)
    if length <= 125:
        head = struct.pack("!BB", 0x80 | opcode, length)
    elif length < 2**16:
        head = struct.pack("!BBH", 0x80 | opcode, 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 127, length)
    return head + payload


def check_close(payload: bytes) -> None:
    """Close 帧的数据：什么都没有，或者两个字节的关闭码，后面是 UTF-8 的原因。

    The payload of a Close: nothing, or two bytes of code with a reason in UTF-8 behind them.
    """
    if not payload:
        return
    if len(payload) == 1:
        raise FailConnection(PROTOCOL_ERROR, "关闭码有两个字节 / a close code has two bytes")
    (code,) = struct.unpack("!H", payload[:2])
    # 1004–1006 和 1015 只在程序内部使用，不能出现在网络上。 1004–1006 and 1015 are never sent over the network.
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise FailConnection(PROTOCOL_ERROR, "无效的关闭码 / an invalid close code")
    decode_text(payload[2:])


def decode_text(data: bytes | bytearray) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise FailConnection(INVALID_DATA, "不是 UTF-8 / not UTF-8") from None


# --- 消息 / messages --------------------------------------------------------------------------------------------------


class ConnectionClosed(Exception):
    """双方已经互相告别。 Both sides have said goodbye."""


class Connection:
    """一个握手之后的连接：收消息，发消息，关闭。 A connection behind the handshake: receive, send, close.

    heard:      最后一次收到帧的时间（time.monotonic()）。 When the last frame came.
    close_sent: 我们已经发了 Close，以后什么也不再发。 We have sent a Close, and send nothing more.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.heard = time.monotonic()
        self.close_sent = False

    async def receive(self) -> str | bytes:
        """下一条完整的消息，文字是 str，二进制是 bytes；控制帧在这里处理掉。

        对方关闭时抛出 ConnectionClosed，连接断了抛出 EOFError 或 OSError，对方犯错抛出 FailConnection。

        The next whole message, str for text and bytes for binary; control frames are dealt with here. Raises
        ConnectionClosed when the client closes, EOFError or OSError when the connection is lost, FailConnection when
        the client breaks the protocol.
        """
        kind = None  # 正在收的消息的种类；None 表示下一帧是一条新消息 / None: the next frame begins a new message
        message = bytearray()
        while True:
            final, opcode, payload = await read_frame(self.reader, MAX_MESSAGE - len(message))
            self.heard = time.monotonic()
            if opcode == PING:
                self.send_frame(encode_frame(PONG, payload))
            elif opcode == CLOSE:
                check_close(payload)
                self.send_close(payload[:2])  # 回一个同样的关闭码 / the same code back
                raise ConnectionClosed
            elif opcode != PONG:
                if (opcode == CONTINUATION) != (kind is not None):
                    raise FailConnection(PROTOCOL_ERROR, "片段的顺序不对 / a fragment out of order")
                kind = kind or opcode
                message += payload
                if final:
                    # 一个汉字可能分在两个片段里，所以合起来再解码。
                    # A character may be split between two fragments: decode the whole, not the parts.
                    return decode_text(message) if kind == TEXT else bytes(message)

    def send(self, message: str | bytes) -> None:
        """发一条消息，从不等待。 Send a message; never waits."""
        if isinstance(message, str):
            self.send_frame(encode_frame(TEXT, message.encode("utf-8")))
        else:
            self.send_frame(encode_frame(BINARY, message))

    def send_frame(self, frame: bytes) -> None:
        """发一帧。对方不接收，欠它的又太多时，断开：要么得到全部，要么断开，不会中间缺一段。

        Send a frame. A client that does not read and is owed too much is disconnected: it gets everything or is gone,
        and never has a gap.
        """
        if self.close_sent or self.writer.is_closing():
            return
        if self.writer.transport.get_write_buffer_size() > MAX_OWED:
            print("一个客户端一直不接收，断开")
            self.writer.transport.abort()
            return
        self.writer.write(frame)

    def close(self, code: int, reason: str = "") -> None:
        """告诉对方我们要关闭了，只说一次。 Tell the client, once, that we are closing."""
        self.send_close(struct.pack("!H", code) + reason.encode("utf-8"))

    def send_close(self, payload: bytes) -> None:
        self.send_frame(encode_frame(CLOSE, payload))
        self.close_sent = True


# --- 回声和聊天室 / the echo and the chat room ------------------------------------------------------------------------


async def echo(connection: Connection) -> None:
    """每条消息原样送回。 Every message comes back as it was."""
    while True:
        connection.send(await connection.receive())
        # 对方不接收，就先不读它的下一条；只有它自己在等。 One that does not read is not read from: only it waits.
        await connection.writer.drain()


class ChatRoom:
    """聊天室：消息是 JSON，和练习 1 的聊天服务器一样，另有私聊和推送。

    The chat room: messages in JSON, as in the chat server of exercise 1, with direct messages and pushes besides.
    """

    def __init__(self) -> None:
        self.members: dict[str, Connection] = {}  # 名字 → 连接 / name → connection

    async def welcome(self, connection: Connection) -> None:
        """接待一个客户端，从它的第一条消息，直到它离开。 One client, from its first message until it has left."""
        request = parse(await connection.receive())
        reason = self.objection(request)
        if reason:
            self.refuse(connection, reason)
            raise FailConnection(POLICY, "没有加入 / not joined")
        name = request["name"].strip()
        self.members[name] = connection
        print(f"{name} 加入，共 {len(self.members)} 人")
        self.broadcast({"type": "join", "name": name})
        try:
            while (request := parse(await connection.receive())).get("type") != "leave":
                self.handle(name, request)
        finally:
            # 不管怎样离开都经过这里。先空出名字，再通知：看到通知的人马上就能用这个名字。
            # However it leaves, it passes here. The name is free before anybody is told, so that who sees the notice
            # may use it.
            del self.members[name]
            print(f"{name} 离开，还有 {len(self.members)} 人")
            self.broadcast({"type": "leave", "name": name})

    def objection(self, request: dict[str, Any]) -> str | None:
        """为什么不能这样加入；可以时是 None。 Why it cannot join like this; None when it can."""
        name = request.get("name")
        if request.get("type") != "join":
            return "先要加入 / join first"
        if not isinstance(name, str):
            return "名字要是字符串 / a name is a string"
        name = name.strip()
        if not 1 <= len(name) <= MAX_NAME:
            return f"名字要有 1 到 {MAX_NAME} 个字符 / a name has 1 to {MAX_NAME} characters"
        if any(unicodedata.category(character) == "Cc" for character in name):
            return "名字里不能有控制字符 / no control characters in a name"
        if name in self.members:
            return "名字已经有人用了 / the name is taken"
        return None

    def handle(self, name: str, request: dict[str, Any]) -> None:
        """已加入的人说了什么。 What a member says."""
        connection = self.members[name]
        kind, text, to = request.get("type"), request.get("text"), request.get("to")
        if kind == "message" and isinstance(text, str):
            self.broadcast({"type": "message", "name": name, "text": text})
        elif kind == "direct" and isinstance(text, str) and isinstance(to, str):
            if to not in self.members:
                self.refuse(connection, "没有这个人 / nobody has that name")
                return
            event = encode_event({"type": "direct", "name": name, "to": to, "text": text})
            for receiver in {self.members[to], connection}:  # 集合：对自己说的话只收到一次 / a set: once to oneself
                receiver.send_frame(event)
        elif kind == "join":
            self.refuse(connection, "已经加入了 / already joined")
        else:
            self.refuse(connection, "不明白这条消息 / this message is not understood")

    def broadcast(self, event: dict[str, str]) -> None:
        """发给所有已加入的人；帧只做一次。 For all who have joined; the frame is made once."""
        frame = encode_event(event)
        for member in self.members.values():
            member.send_frame(frame)

    def refuse(self, connection: Connection, reason: str) -> None:
        """只告诉这一个客户端出了什么错。 Tell this client alone what was wrong."""
        connection.send_frame(encode_event({"type": "error", "reason": reason}))


def parse(message: str | bytes) -> dict[str, Any]:
    """消息里的 JSON 对象；不是的话（二进制也算）返回空的。

    The JSON object in the message; an empty one where there is none (in a binary message, for example).
    """
    try:
        value = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):  # RecursionError：嵌套几千层 / nested thousands deep
        return {}
    return value if isinstance(value, dict) else {}


def encode_event(event: dict[str, str]) -> bytes:
    """一个事件的帧。 The frame of an event."""
    # json.dumps 默认把非 ASCII 字符写成 \uXXXX；这样 JSON 里单独的代理字符 (\ud800) 也能送出，UTF-8 却写不出它。
    # By default json.dumps writes \uXXXX for what is not ASCII, which can carry half a surrogate pair, too: JSON may
    # have one (\ud800), and UTF-8 has no bytes for it.
    return encode_frame(TEXT, json.dumps(event).encode("ascii"))


# --- 服务器 / the server ----------------------------------------------------------------------------------------------


class WebSocketServer:
    """WebSocket 服务器：/echo 是回声，/chat 是聊天室，/ 是聊天网页。

    The WebSocket server: /echo is the echo, /chat the chat room, / the page to chat in.

    host: 监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port: 监听的端口。 The port to listen on.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 8765) -> None:
        self.host = host
        self.port = port
        self.room = ChatRoom()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()  # 每个 TCP 连接一个 / one for each TCP connection
        self.connections: set[Connection] = set()  # 握手之后的 / those behind the handshake

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C。地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C. If the address cannot be used (taken, not this machine's, port out of range), print why and
        return; never raise.
        """
        try:
            asyncio.run(self.serve())
        except KeyboardInterrupt:
            print("收到 Ctrl+C，服务器停止")
        finally:
            self.loop = None

    def push(self, text: str) -> None:
        """把一段文字推送给聊天室里的所有人；可以在任何线程里调用，马上返回。服务器没在运行时什么也不做。

        Push a text to all who are in the chat room; may be called from any thread, and returns at once. Does nothing
        while the server is not running.
        """
        # asyncio 的东西只能在事件循环的线程里使用；call_soon_threadsafe 是唯一的门。
        # What belongs to asyncio may be used in the event loop's thread only; call_soon_threadsafe is the one door in.
        loop = self.loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # 事件循环刚刚关闭 / the loop has just been closed
                loop.call_soon_threadsafe(self.room.broadcast, {"type": "push", "text": text})

    async def serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        try:
            listener = await asyncio.start_server(self.accept, self.host, self.port)
        # 端口大于 65535 时抛出的是 OverflowError，主机名写法不对时是 UnicodeError，两者都不是 OSError。
        # A port over 65535 raises OverflowError and a malformed host name UnicodeError: neither is an OSError.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"无法监听 {self.host}:{self.port}: {error}")
            return
        address = "127.0.0.1" if self.host == "0.0.0.0" else self.host
        print(f"WebSocket 服务器正在运行，用浏览器打开 http://{address}:{self.port}/ ，按 Ctrl+C 停止", flush=True)
        try:
            await self.keep_asking()
        finally:  # Ctrl+C
            listener.close()
            for connection in self.connections:
                connection.close(GOING_AWAY, "服务器停止 / the server stops")
            if self.tasks:
                await asyncio.wait(self.tasks, timeout=SHUTDOWN_PATIENCE)

    async def keep_asking(self) -> None:
        """定期 PING 每个客户端，断开一直没有回音的：拔掉网线的电脑不会告诉我们它走了，它的名字会一直占着。

        PING every client now and then, and drop those from whom nothing comes: a computer whose cable was pulled does
        not tell us that it has gone, and would keep its name for ever.
        """
        while True:
            await asyncio.sleep(PING_EVERY)
            for connection in self.connections:
                if time.monotonic() - connection.heard > 2 * PING_EVERY:
                    connection.writer.transport.abort()
                else:
                    connection.send_frame(encode_frame(PING, b""))

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """照顾一个 TCP 连接，从头到尾；不管它怎样结束，都不影响别人。

        Look after one TCP connection from its beginning to its end; however it ends, nobody else is affected.
        """
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with contextlib.suppress(ConnectionClosed, EOFError, OSError):  # 对方走了 / the client has gone
                await self.answer(reader, writer)
            await say_goodbye(reader, writer)
        except asyncio.CancelledError:
            pass  # 服务器停止了，这个客户端还没走 / the server has stopped and this client was still there
        finally:
            writer.transport.abort()
            self.tasks.discard(task)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """读请求：网页、错误，或者握手之后开始谈话。 Read the request: the page, an error, or a conversation."""
        try:
            async with asyncio.timeout(HANDSHAKE_PATIENCE):
                request = await read_request(reader)
            if request.path == "/" and request.method == "GET":
                writer.write(http_response(200, PAGE, "text/html"))
                return
            talk = {"/echo": echo, "/chat": self.room.welcome}.get(request.path)
            if talk is None:
                raise Refused(405 if request.path == "/" else 404, "这里没有东西 / there is nothing here")
            writer.write(handshake_response(request))
        except Refused as refused:
            writer.write(http_response(refused.status, refused.reason))
            return
        connection = Connection(reader, writer)
        self.connections.add(connection)
        try:
            await talk(connection)
            connection.close(NORMAL)
        except FailConnection as failure:
            connection.close(failure.code, failure.reason)
        finally:
            self.connections.discard(connection)


async def say_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """礼貌地关闭：还有没读的数据时直接关闭，系统会发出 RST，对方可能因此丢失刚发出的最后几个字节（比如 Close）。
    所以先只关闭发送的方向，再把对方发来的读完丢掉，等它也关闭；最多等 LINGER 秒。

    Close politely. Closing with unread data sends RST, and the client may lose the last bytes, such as our Close. So
    only the sending direction is closed; what still comes is read and thrown away until the client closes, too, for
    LINGER seconds at most.
    """
    try:
        async with asyncio.timeout(LINGER):
            writer.write_eof()
            while await reader.read(65_536):
                pass
            writer.close()
            await writer.wait_closed()
    except OSError:  # TimeoutError 也是 OSError / TimeoutError is an OSError, too
        pass


# --- 网页 / the page --------------------------------------------------------------------------------------------------
#
# 别人写的东西只用 textContent 放进网页：它只放文字，<script> 也只是八个字符。用 innerHTML 的话，谁都能在别人的浏览器
# 里运行程序。
# What others write gets into the page by textContent only, which takes text: a <script> is eight characters. With
# innerHTML anybody could run programs in everybody's browser.

PAGE = r"""<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>聊天室 Chat room</title>
<link rel="icon" href="data:,">
<style>
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  body {
    margin: 0; height: 100vh; height: 100dvh; display: flex; justify-content: center;
    background: #eef1f5; color: #1f2933; font: 16px/1.5 system-ui, "Microsoft YaHei", "PingFang SC", sans-serif;
  }
  main { width: 100%; max-width: 46rem; display: flex; flex-direction: column; padding: 0 1rem; }
  header { display: flex; align-items: baseline; gap: 1rem; padding: 1rem .25rem .75rem; }
  h1 { font-size: 1.25rem; margin: 0; white-space: nowrap; }
  h1 small { font-weight: normal; color: #66727f; }
  #state { margin-left: auto; font-size: .9rem; color: #66727f; }
  #state::before { content: "● "; }
  #state.on { color: #2b8a3e; }
  #state.off { color: #c92a2a; }
  #messages {
    flex: 1; min-height: 0; overflow-y: auto; padding: 1rem;
    background: #fff; border: 1px solid #d5dbe1; border-radius: .75rem;
  }
  .notice { text-align: center; font-size: .875rem; color: #66727f; margin: .5rem 0; overflow-wrap: anywhere; }
  .notice.error { color: #c92a2a; }
  .notice.push { color: inherit; background: #fff3bf; border-radius: .5rem; padding: .5rem; white-space: pre-wrap; }
  .message { display: flex; flex-direction: column; align-items: flex-start; margin: .75rem 0; }
  .message .head { font-size: .875rem; color: #66727f; }
  .message .name { font-weight: 600; margin-right: .5rem; }
  .message .text {
    max-width: 85%; padding: .4rem .8rem; border-radius: .25rem 1rem 1rem 1rem; background: #eef1f5;
    white-space: pre-wrap; overflow-wrap: anywhere;
  }
  .message.own { align-items: flex-end; }
  .message.own .text { background: #1971c2; color: #fff; border-radius: 1rem .25rem 1rem 1rem; }
  .message.direct .text { border: 2px dashed #9c36b5; }
  .message.own.direct .text { background: #862e9c; border: none; }
  form { display: flex; flex-wrap: wrap; gap: .5rem; padding: .75rem 0 1rem; }
  input, select, button { font: inherit; padding: .5rem .75rem; border-radius: .5rem; border: 1px solid #b8c1cb; }
  input { flex: 1; min-width: 8rem; background: #fff; }
  select { max-width: 11rem; background: #fff; }
  #writing.private select, #writing.private #text { border: 2px dashed #9c36b5; }
  button { background: #1971c2; border-color: #1971c2; color: #fff; cursor: pointer; }
  button:hover { background: #1864ab; }
  button.quiet { background: none; border: none; color: #1971c2; padding: 0; font-size: .9rem; }
  @media (max-width: 30rem) { h1 small { display: none; } select { flex-basis: 100%; max-width: none; } }
  :focus-visible { outline: 3px solid #74c0fc; outline-offset: 1px; }
</style>
</head>
<body>
<main>
  <header>
    <h1>聊天室 <small>Chat room</small></h1>
    <span id="state" role="status">未加入 Not joined</span>
    <button id="leave" class="quiet" hidden>离开 Leave</button>
  </header>
  <div id="messages" role="log" tabindex="0" aria-label="对话 Conversation"></div>
  <form id="joining">
    <input id="name" placeholder="你的名字 Your name" aria-label="你的名字 Your name" maxlength="32" required autofocus
           autocomplete="nickname">
    <button id="join">加入 Join</button>
  </form>
  <form id="writing" hidden>
    <select id="to" aria-label="说给谁 To whom"><option value="">所有人 Everyone</option></select>
    <input id="text" placeholder="按回车发送 Enter sends" aria-label="消息 Message"
           autocomplete="off">
    <button id="send">发送 Send</button>
  </form>
</main>
<script>
"use strict";
const $ = id => document.getElementById(id);
let socket = null;   // 现在的连接 / the connection
let me = null;       // 加入之后的名字 / my name once I have joined

$("joining").onsubmit = event => {
  event.preventDefault();
  if (socket) return;
  show_state("正在连接… Connecting…", "");
  // http: → ws:，https: → wss:
  socket = new WebSocket(location.origin.replace("http", "ws") + "/chat");
  socket.onopen = () => say({type: "join", name: $("name").value});
  socket.onmessage = message => hear(JSON.parse(message.data));
  socket.onclose = closed;
};

$("writing").onsubmit = event => {
  event.preventDefault();
  const text = $("text").value, to = $("to").value;
  if (text === "") return;
  say(to ? {type: "direct", to, text} : {type: "message", text});
  // 自己的话由服务器发回来才显示，大家看到的顺序就一样。 Shown when it comes back: everybody sees the same order.
  $("text").value = "";
  $("text").focus();
};

$("leave").onclick = () => say({type: "leave"});

$("to").onchange = mark_private;

function say(event) {
  socket.send(JSON.stringify(event));
}

function hear(event) {
  switch (event.type) {
    case "join":
      if (me === null) joined(event.name);   // 第一个通知是自己的 / the first notice is one's own
      know(event.name);
      return notice(`${event.name} 加入了 joined`);
    case "leave":
      forget(event.name);
      return notice(`${event.name} 离开了 left`);
    case "message":
    case "direct":
      know(event.name);
      return show_message(event);
    case "push":
      return notice(`公告 Announcement: ${event.text}`, "push");
    case "error":
      return notice(`出错了 Error: ${event.reason}`, "error");
  }
}

function joined(name) {
  me = name;
  show_state(`${name} · 已连接 Connected`, "on");
  show_forms();
  $("text").focus();
}

function closed(event) {
  if (me === null) {
    // 1006：没有收到 Close，连接就断了。 1006: the connection broke without a Close.
    if (event.code === 1006) notice("连不上服务器 The server cannot be reached", "error");
    show_state("未加入 Not joined", "off");
  } else if (event.code === 1000) {
    notice("你离开了聊天室 You have left");
    show_state("未加入 Not joined", "");
  } else {
    notice("连接断开了，可以重新加入 The connection was lost; you may join again", "error");
    show_state("连接断开 Connection lost", "off");
  }
  socket = me = null;
  for (const option of [...$("to").options].slice(1)) forget(option.value);
  show_forms();
  $("name").focus();
}

// --- 画出来 / drawing

function show_state(text, kind) {
  $("state").textContent = text;
  $("state").className = kind;
}

function show_forms() {
  $("joining").hidden = me !== null;
  $("writing").hidden = $("leave").hidden = me === null;
}

function mark_private() {   // 谁也不想把私聊发给所有人 / nobody wants to tell everyone what is private
  $("writing").classList.toggle("private", $("to").value !== "");
}

function add(parent, tag, kind, text = "") {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;   // 只放文字，从不解释 / text only, never interpreted
  return parent.appendChild(element);
}

function in_messages(draw) {
  // 正在往回翻的人不要打断。 Do not disturb somebody who is reading further up.
  const box = $("messages"), at_the_end = box.scrollTop + box.clientHeight > box.scrollHeight - 40;
  draw(box);
  if (at_the_end) box.scrollTop = box.scrollHeight;
}

function notice(text, kind = "") {
  in_messages(box => add(box, "div", `notice ${kind}`, text));
}

function show_message(event) {
  in_messages(box => {
    const own = event.name === me;
    const message = add(box, "div", `message ${event.type} ${own ? "own" : ""}`);
    const head = add(message, "div", "head");
    add(head, "span", "name", event.name).style.color = own ? "" : colour(event.name);
    const time = new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", hour12: false});
    add(head, "span", "", event.type === "direct" ? `${time} · 私聊 private → ${event.to}` : time);
    add(message, "div", "text", event.text);
    if (own) box.scrollTop = box.scrollHeight;
  });
}

function colour(name) {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  return `hsl(${hue} 65% 35%)`;
}

// 可以私聊的人：听说过的、还在的。 Whom one can write to: all who were heard of and have not left.
function know(name) {
  if (name !== me && ![...$("to").options].some(option => option.value === name))
    add($("to"), "option", "", name).value = name;
}

function forget(name) {
  for (const option of [...$("to").options]) if (option.value === name) option.remove();
  mark_private();
}
</script>
</body>
</html>
"""


# --- 脚本 / the script ------------------------------------------------------------------------------------------------


def push_lines(server: WebSocketServer) -> None:
    """把终端里输入的每一行推送出去。 Push every line that is typed in the terminal."""
    for line in sys.stdin:
        server.push(line.rstrip("\n"))


def main() -> None:
    parser = argparse.ArgumentParser(description="WebSocket 服务器 / a WebSocket server")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--push", action="store_true", help="推送终端里输入的每一行 / push every line typed here")
    options = parser.parse_args()
    server = WebSocketServer(options.host, options.port)
    if options.push:
        threading.Thread(target=push_lines, args=[server], daemon=True).start()
    server.start()


if __name__ == "__main__":
    main()
