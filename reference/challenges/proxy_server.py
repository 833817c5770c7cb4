"""HTTP 代理服务器：替客户端取网页，记住可以记住的，能过滤、能要求登录、写日志；HTTPS 走隧道（课程 21.7 任务 1）。

试一试：
    python reference/challenges/proxy_server.py --port 8080 --log proxy.log
    curl -i -x http://127.0.0.1:8080 http://example.com/       （再来一次，看看 X-Cache 和 Age）
    curl -i -x http://127.0.0.1:8080 https://example.com/      （CONNECT：代理看不到里面）
    tail -f proxy.log
参数 --host 和 --port 指定监听的地址；--user 名字:密码 要求登录，--block 主机 不让访问；按 Ctrl+C 停止。

An HTTP proxy: it fetches pages for its clients, remembers what may be remembered, filters, can ask for a login, and
keeps a log; HTTPS goes through a tunnel (lesson 21.7, task 1). Try it with the commands above: ask for a page twice and
look at X-Cache and Age. --user NAME:PASSWORD asks for a login, --block HOST forbids a host; Ctrl+C stops it.

怎么做的 / How it works
    客户端                             代理                               源服务器（origin）
      │ GET http://host/a HTTP/1.1     │                                       │
      ├───────────────────────────────►│ 请求过滤器 → 缓存里有新鲜的？ ──没有─►│ GET /a HTTP/1.1, Host: host
      │◄───────────────────────────────┤ ◄─ 回答过滤器 ◄─ 存进缓存 ◄───────────┤
      │ CONNECT host:443 HTTP/1.1      │                                       │
      ├───────────────────────────────►├──────────── TCP 连接 ────────────────►│
      │◄═══════════════ 从此以后，两个方向的字节原样传递（TLS）══════════════►│

    一个客户端连接，一个线程；隧道再加一个，每个方向一个线程，谁也不等谁。报文整个读进内存，然后才转发：这样过滤器看得到
    完整的正文，源服务器半路断开时，客户端得到的是 502，而不是半个网页。代价是内存，所以有 MAX_BODY。
    全文分为几段：报文 → 缓存（只算数，不碰网络，时间由调用者给）→ 登录 → 日志 → 隧道 → 源服务器 → 代理。

    A thread for each client connection, and one more for a tunnel: one a direction, so that neither waits for the
    other. Messages are read as a whole before they are passed on: filters see whole bodies, and when an origin breaks
    off half-way the client gets a 502 and not half a page. The price is memory, hence MAX_BODY. The sections:
    messages → cache (it only computes: no network, the caller tells the time) → login → log → tunnel → origin → proxy.
"""

import argparse
import base64
import binascii
import calendar
import contextlib
import datetime
import email.utils
import hmac
import http
import json
import os
import re
import selectors
import socket
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

MAX_HEAD = 64 * 1024  # 首部最多多少字节：没有上限，一个客户端就能占满内存 / without a limit one client fills the memory
MAX_BODY = 256 * 2**20  # 正文最多多少字节，原因相同 / of a body, for the same reason
IDLE = 60.0  # 客户端沉默多少秒之后放弃它 / seconds after which a silent client is given up
LINGER = 2.0  # 关闭之前，等对方多少秒 / seconds that a client has to close its side after us
NAME = "netgrade-proxy"  # Via 里的名字 / our name in Via

Headers = list[tuple[str, str]]


# === 报文 messages (RFC 9112) =========================================================================================


@dataclass
class Request:
    """一个请求；url 是完整的（http://…）。 A request; url is absolute (http://…)."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass
class Response:
    """一个回答。 A response."""

    status: int
    reason: str
    headers: Headers
    body: bytes


class Refused(Exception):
    """代理自己用这个回答，不再往下走。 The proxy itself answers with this and goes no further."""

    def __init__(self, status: int, why: str, *headers: tuple[str, str]) -> None:
        super().__init__(why)
        headers = (*headers, ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))
        self.response = Response(status, http.HTTPStatus(status).phrase, list(headers), f"{status} {why}\n".encode())


class Malformed(Refused):
    """收到的不是正确的 HTTP。 What came is not right HTTP."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(status, why)


# --- 首部 header fields ---


def values_of(headers: Headers, name: str) -> list[str]:
    """名叫 name（小写）的首部的所有值：同名的首部可以有好几行。 All values of a name (in lower case), line by line."""
    return [value for key, value in headers if key.lower() == name]


def value_of(headers: Headers, name: str) -> str | None:
    """好几行的意思，和用逗号连成一行相同；没有时是 None。 Several lines mean the same as one with commas; else None."""
    found = values_of(headers, name)
    return ", ".join(found) if found else None


def items_of(headers: Headers, name: str) -> list[str]:
    """用逗号分开的各项，小写。 The items of a list with commas, in lower case."""
    return [item for value in values_of(headers, name) for part in value.split(",") if (item := part.strip().lower())]


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """去掉这些（小写的）名字之后的首部，顺序不变。 The headers but those names (in lower case), in their order."""
    return [(name, value) for name, value in headers if name.lower() not in names]


# 只说给这一段连接听的首部，不能传到下一段去。 Headers that are meant for this one connection only, never passed on.
HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
HOP_BY_HOP |= {"proxy-authorization", "proxy-authenticate", "proxy-authentication-info"}


def end_to_end(headers: Headers) -> Headers:
    """去掉逐跳的首部，包括 Connection 点了名的那些。 Without what is hop-by-hop, including what Connection names."""
    return without(headers, HOP_BY_HOP.union(items_of(headers, "connection")))


# --- 读 reading ---

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEAD_END = re.compile(rb"\r?\n\r?\n")
REQUEST_LINE = re.compile(rf"({TOKEN.pattern}) ([!-~\x80-\xff]+) HTTP/(1\.[01])")
STATUS_LINE = re.compile(r"HTTP/(1\.[0-9]) ([1-9][0-9][0-9])(?: (.*))?")
# 单独的 CR、单独的 LF、NUL：两个程序对“一行在哪里结束”理解不同时，攻击者就能在其中一个里藏进一个请求。
# A CR or an LF alone, or NUL: where two programs disagree on where a line ends, an attacker hides a request from one.
STRAY = re.compile(r"\r(?!\n)|(?<!\r)\n|\0")


class Stream:
    """一个连接和从它那里收到、还没有用掉的字节。TCP 没有报文：收到的可能是半个，也可能是好几个。

    A connection, and the bytes that came from it and are not used yet. TCP knows no messages: what comes may be half of
    one, or several.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = bytearray()

    def fill(self) -> bool:
        """再收一次；对方不再发送时是 False。 Receive once more; False when the other side has finished sending."""
        data = self.sock.recv(65_536)
        self.buffer += data
        return bool(data)

    def take(self, count: int) -> bytes:
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def read_head(self) -> bytes | None:
        """到空行为止（包括它）；还什么都没有来、连接就结束了时是 None。

        Up to and including the empty line; None when the connection ended before anything came.
        """
        searched = 0
        while True:
            while self.buffer.startswith(b"\r\n"):  # 请求之前的空行，不理会 / empty lines before a request do not count
                del self.buffer[:2]
            # 从上次停下的地方接着找，免得每来一个字节都从头找起。 Go on where it stopped: no search over and over.
            if end := HEAD_END.search(self.buffer, max(0, searched - 3)):
                return self.take(end.end())
            if len(self.buffer) > MAX_HEAD:
                raise Malformed("the head is too long", 431)
            searched = len(self.buffer)
            if not self.fill():
                if not self.buffer:
                    return None
                raise Malformed("the connection ended inside the head")

    def read_line(self) -> bytes:
        """一行，不带行尾；行尾必须是 CRLF。 A line without its end, which must be CRLF."""
        searched = 0
        while (end := self.buffer.find(b"\n", searched)) < 0:
            searched = len(self.buffer)
            if searched > MAX_HEAD:
                raise Malformed("a line is too long")
            if not self.fill():
                raise Malformed("the connection ended inside the body")
        line = self.take(end + 1)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise Malformed("a line does not end with CRLF")
        return line[:-2]

    def read_exactly(self, count: int) -> bytes:
        if count > MAX_BODY:
            raise Malformed("the body is too large", 413)
        while len(self.buffer) < count:
            if not self.fill():
                raise Malformed("the connection ended inside the body")
        return self.take(count)

    def read_to_end(self) -> bytes:
        while self.fill():
            if len(self.buffer) > MAX_BODY:
                raise Malformed("the body is too large", 413)
        return self.take(len(self.buffer))

    def read_chunked(self) -> bytes:
        """分块的正文：每块先是十六进制的长度，最后是长度为 0 的一块，然后可以有尾部首部（丢掉）。

        A chunked body: each chunk comes behind its length in hexadecimal; a chunk of length 0 is the last, and trailers
        may follow (dropped).
        """
        body = bytearray()
        while True:
            size, _, _extension = self.read_line().partition(b";")
            # int(…, 16) 还接受 "+5"、"0x5"、"1_0"：HTTP 不允许。 int(…, 16) takes "+5", "0x5", "1_0" as well: not HTTP.
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size := size.rstrip(b" \t")):
                raise Malformed("a chunk size is no number")
            if int(size, 16) == 0:
                break
            body += self.read_exactly(int(size, 16))
            if self.read_exactly(2) != b"\r\n":
                raise Malformed("a chunk is longer than its size")
            if len(body) > MAX_BODY:
                raise Malformed("the body is too large", 413)
        length = 0
        while line := self.read_line():
            length += len(line)
            if length > MAX_HEAD:
                raise Malformed("the trailers are too long")
        return bytes(body)


def parse_head(head: bytes, lenient: bool = False) -> tuple[str, Headers]:
    """第一行和首部。对请求严格，对回答宽容（lenient）：旧的服务器什么都发得出来，而攻击来自请求。

    The first line and the headers. Strict with requests, lenient with responses: old servers send all kinds of things,
    while attacks come in requests.
    """
    text = head.decode("latin-1")  # 一个字节对一个字符，转回去时一个不少 / a byte a character: nothing gets lost
    if lenient:
        # 只有 LF 的行尾；用空格开头、接着上一行的行（obs-fold）。 Lines ended by LF alone, and continued lines.
        text = re.sub(r"\r\n[ \t]+", " ", re.sub(r"\r?\n", "\r\n", text))
    if STRAY.search(text):
        raise Malformed("a CR, LF or NUL that stands alone")
    first, *lines = text[:-4].split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if lenient:
            name = name.rstrip(" \t")
        # 冒号前的空格也在这里拒绝：有的程序会忽略它，有的会忽略整个首部。
        # This refuses a space before the colon, too: some programs ignore it, others the whole header.
        if not colon or not TOKEN.fullmatch(name):
            raise Malformed("a header line that is none")
        headers.append((name, value.strip(" \t")))
    return first, headers


def content_length(headers: Headers) -> int | None:
    """Content-Length，没有时是 None。 Content-Length, or None."""
    found = {item.strip(" \t") for value in values_of(headers, "content-length") for item in value.split(",")}
    if not found:
        return None
    # int() 还接受 "+5"、"1_000"、" 5"；HTTP 只允许 ASCII 数字，有几个时必须相同。
    # int() takes "+5", "1_000" and " 5" as well; HTTP allows ASCII digits only, and several must be the same.
    if len(found) > 1 or not re.fullmatch(r"[0-9]+", text := found.pop()):
        raise Malformed("Content-Length is no number, or differs")
    return int(text) if len(text) < 16 else MAX_BODY + 1  # 太长的数 int() 也拒绝 / int() refuses very long numbers


def read_request_body(stream: Stream, version: str, headers: Headers) -> bytes:
    """请求的正文。它在哪里结束，只能有一种理解（否则就是请求走私，request smuggling）。

    The body of a request. There may be only one way to tell where it ends (or requests can be smuggled).
    """
    length = content_length(headers)
    if not values_of(headers, "transfer-encoding"):
        return stream.read_exactly(length or 0)
    if length is not None or version == "1.0":
        raise Malformed("Transfer-Encoding with Content-Length, or in HTTP/1.0")
    codings = items_of(headers, "transfer-encoding")
    if codings != ["chunked"]:
        raise Malformed("a Transfer-Encoding other than chunked", 501 if codings[-1:] == ["chunked"] else 400)
    return stream.read_chunked()


def read_response(stream: Stream, method: str) -> tuple[str, Response]:
    """(HTTP 版本, 回答)，整个的。 (HTTP version, response), as a whole."""
    while True:
        if (head := stream.read_head()) is None:
            raise Malformed("no answer")
        line, headers = parse_head(head, lenient=True)
        if not (match := STATUS_LINE.fullmatch(line)):
            raise Malformed("not an HTTP answer")
        if (status := int(match[2])) >= 200:  # 1xx 只是前奏，真正的回答在后面 / 1xx is but a prelude to the answer
            break
    if method == "HEAD" or status in (204, 304):
        body = b""  # 不管首部说什么，这些回答没有正文 / these have no body, whatever the headers say
    elif codings := items_of(headers, "transfer-encoding"):
        if codings != ["chunked"]:
            raise Malformed("a Transfer-Encoding that we did not ask for")
        body = stream.read_chunked()
    elif (length := content_length(headers)) is not None:
        body = stream.read_exactly(length)
    else:
        body = stream.read_to_end()  # 老办法：连接结束，正文就结束 / the old way: it ends with the connection
    return match[1], Response(status, match[3] or "", headers, body)


# --- 写 writing ---


def serialise(first_line: str, headers: Headers, body: bytes) -> bytes:
    """一个报文的字节，首部和正文在一起：分两次发送，第二次可能要等对方确认第一次（40 毫秒）。

    A message's bytes, head and body together: of two sends the second may wait for the other side's acknowledgement of
    the first (40 ms).
    """
    head = "".join([first_line, "\r\n", *[f"{name}: {value}\r\n" for name, value in headers], "\r\n"])
    # 值里混进了换行，就能伪造首部，甚至整个报文。 A line end inside a value would forge headers, or a whole message.
    if head.count("\n") != len(headers) + 2 or head.count("\r") != len(headers) + 2 or "\0" in head:
        raise ValueError("a line end inside a header")
    return head.encode("latin-1") + body


def send_all(sock: socket.socket, data: bytes) -> None:
    """全部发出。sendall() 的超时是总时间，会冤枉很慢、但一直在接收的对方；这里每一步重新计时。

    Send everything. sendall() takes the time-out for the whole, which is unfair to a side that is slow but reads on;
    here every step has it anew.
    """
    left = memoryview(data)
    while left:
        left = left[sock.send(left) :]


# --- 地址 addresses ---

HOST = r"\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+"
VISIBLE = r"[^?#\x00-\x20\x7f]"
URL = re.compile(rf"http://(?:[^/?#]*@)?({HOST})(?::([0-9]*))?((?:/{VISIBLE}*)?(?:\?(?:{VISIBLE}|\?)*)?)(?:#.*)?", re.I)
AUTHORITY = re.compile(rf"(?:{HOST}):[0-9]+", re.I)


def split_url(url: str) -> tuple[str, int, str]:
    """(主机, 端口, 路径和查询)；用户名、密码和 #片段 丢掉。 (host, port, path and query), nothing else."""
    if not (match := URL.fullmatch(url)):
        raise Malformed("not an absolute http URL")
    port = match[2] or "80"
    if len(port) > 5 or not 0 < int(port) < 65_536:
        raise Malformed("not a port")
    return match[1].lower(), int(port), match[3] if match[3].startswith("/") else "/" + match[3]


def normalise(url: str) -> str:
    """同一个地址的各种写法变成同一种，缓存就只存一份。 One spelling for an address, so that the cache keeps it once."""
    host, port, path = split_url(url)
    return f"http://{host}{'' if port == 80 else f':{port}'}{path}"


# === 缓存 cache (RFC 9111) ============================================================================================
#
# 一个回答有“年龄”（age，从源服务器生成它算起）和“寿命”（lifetime，源服务器允许用多久）；年龄小于寿命，就是新鲜的，
# 可以直接用来回答。不新鲜了也不必扔掉：带上 ETag 问一声“还是这个吗？”，304 表示是，它又新鲜了。
#
# A response has an age (since the origin made it) and a lifetime (how long the origin allows its use). While its age is
# below its lifetime it is fresh and answers requests at once. When it is not, it need not be thrown away: ask the
# origin, with its ETag, "is it still this one?", and a 304 says yes and makes it fresh again.

DIRECTIVE = re.compile(rf'({TOKEN.pattern})(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?')
HTTP_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
FOREVER = 2**31
KNOWN_STATUS = frozenset(int(status) for status in http.HTTPStatus)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
# 有这些首部的请求由源服务器自己判断。 Requests with these are the origin's to judge.
NOT_FOR_CACHE = {"range", "if-range", "if-match", "if-unmodified-since"}
# 304 不更新这些：它们说的是正文，而正文还是原来那个。 A 304 does not change these: they tell of the body, which stays.
ABOUT_THE_BODY = ("content-encoding", "content-length", "content-md5", "content-range", "etag")
# 记录一个回答，除了看得见的字节还要多少内存（实测，CPython 3.11，偏多）：很多很小的回答，主要就是它。
# What an entry takes beside the bytes one sees (measured, CPython 3.11, rounded up): for small answers, most of it.
ENTRY_OVERHEAD = 1_000
HEADER_OVERHEAD = 170


def directives(headers: Headers) -> dict[str, str | None]:
    """Cache-Control 的各个指令；重复时第一个算数。 The directives of Cache-Control; of several the first counts."""
    found: dict[str, str | None] = {}
    for match in DIRECTIVE.finditer(value_of(headers, "cache-control") or ""):
        found.setdefault(match[1].lower(), match[2] if match[2] is not None else match[3])
    return found


def seconds(text: str | None) -> int:
    """max-age 这样的秒数；写错了是 0，就是说，不新鲜。 Seconds as of max-age; 0, not fresh, where it is no number."""
    if text is None or not re.fullmatch(r"[0-9]+", text):
        return 0
    return int(text) if len(text) < 10 else FOREVER  # int() 不接受几千位的数 / int() refuses thousands of digits


def parse_date(text: str | None) -> float | None:
    """HTTP 的时间（三种写法都要认识）；不是时间时是 None。 A date of HTTP, in its three forms, or None."""
    for form in HTTP_DATES if text else ():
        with contextlib.suppress(ValueError, OverflowError):
            return calendar.timegm(time.strptime(text or "", form))
    return None


def lifetime_of(response: Response, now: float) -> float:
    """源服务器允许这个回答用多少秒。 For how many seconds the origin allows the use of this response."""
    told = directives(response.headers)
    for name in ("s-maxage", "max-age"):  # s-maxage 是专门说给代理这样的共享缓存的 / meant for shared caches like ours
        if name in told:
            return seconds(told[name])
    expires = values_of(response.headers, "expires")
    if not expires:
        return 0
    date = parse_date(value_of(response.headers, "date"))
    return (parse_date(expires[0]) or 0) - (now if date is None else date)


def age_at_arrival(response: Response, asked: float, now: float) -> float:
    """这个回答到达时已经多少岁：看 Age，也看 Date，取大的。 Its age when it came: by Age and by Date, the larger."""
    # 写错的 Age 不算；写了几个，第一个算数 (RFC 9111 5.1)。 A wrong Age is ignored, of several the first counts.
    age = seconds((value_of(response.headers, "age") or "").split(",")[0].strip())
    date = parse_date(value_of(response.headers, "date"))
    apparent = 0 if date is None else int(now) - date  # Date 只到秒 / Date knows whole seconds only
    return max(apparent, age + now - asked, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """缓存里的一个回答。创建以后不再改变，所以哪个线程都可以看。

    key:      (URL, Vary 点名的那些请求首部的值)。 The URL and the values of those request headers that Vary names.
    since:    到达的时间。 When it came.
    age_then: 那时的年龄。 Its age then.
    size:     算它占多少字节。 The bytes that it counts as.

    A response in the cache. It never changes once it is made, so that any thread may look at it.
    """

    key: tuple[str, tuple[str | None, ...]]
    response: Response
    since: float
    age_then: float
    lifetime: float
    no_cache: bool
    for_anybody: bool
    size: int

    def age(self, now: float) -> float:
        return self.age_then + max(0, now - self.since)

    def validators(self) -> Headers:
        """问源服务器“还是这个吗”的首部。 The headers that ask the origin whether this is still the one."""
        asking = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        return [(ask, value) for name, ask in asking if (value := value_of(self.response.headers, name))]

    def is_fresh_for(self, wanted: dict[str, str | None], now: float) -> bool:
        """请求的 Cache-Control 是 wanted 时，可以不问源服务器，就用它回答。

        It may answer a request with these directives without asking the origin.
        """
        age = self.age(now)
        if self.no_cache or "no-cache" in wanted or ("max-age" in wanted and age > seconds(wanted["max-age"])):
            return False
        return age + seconds(wanted.get("min-fresh")) < self.lifetime

    def answer(self, request: Request, now: float) -> Response:
        """用它回答：加上 Age；客户端已有同样的一份时是 304。 Answer with it, with its Age; 304 if the client has it."""
        headers = [*self.response.headers, ("Age", str(int(self.age(now))))]
        if self.response.status == 200 and client_has(request, self.response):
            left_out = [name.lower() for name, _ in headers if name.lower().startswith("content-")]
            left_out = [name for name in left_out if name != "content-location"]
            return Response(304, "Not Modified", without(headers, left_out), b"")
        return Response(self.response.status, self.response.reason, headers, self.response.body)


def client_has(request: Request, response: Response) -> bool:
    """客户端带着 If-None-Match（优先）或 If-Modified-Since，而且它手里的就是这个。

    The client asks with If-None-Match (which comes first) or If-Modified-Since, and what it has is this one.
    """
    known = value_of(request.headers, "if-none-match")
    if known is not None:
        etag = value_of(response.headers, "etag") or ""
        return known == "*" or etag.removeprefix("W/") in re.findall(r'"[^"]*"', known)
    since = parse_date(value_of(request.headers, "if-modified-since"))
    if since is None:
        return False
    modified = parse_date(value_of(response.headers, "last-modified"))
    return modified is not None and modified <= since


class Cache:
    """内存里的缓存，总共不超过 max_bytes 字节，满了先去掉最久没有用到的；可以从多个线程使用。

    A cache in memory, of at most max_bytes bytes in all; when it is full, what was not used for longest goes first. May
    be used from several threads.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self._lock = threading.Lock()
        # 按使用的先后排列，最久没用的在前。 In order of their use, the one not used for longest in front.
        self._entries: OrderedDict[tuple[str, tuple[str | None, ...]], Entry] = OrderedDict()
        # URL → (Vary 点名的首部, 有哪些变体)。 URL → (the headers that Vary names, the variants there are).
        self._variants: dict[str, tuple[tuple[str, ...], set[tuple[str | None, ...]]]] = {}
        # 最近什么时候作废过，按 URL 的散列值分组，所以不会越来越大。
        # When something was last invalidated, by the hash of its URL, so that it does not grow.
        self._invalidated = [float("-inf")] * 4_096

    def find(self, request: Request) -> Entry | None:
        """可能回答这个请求的回答，新鲜不新鲜都算。 What may answer this request, fresh or not."""
        with self._lock:
            names, _ = self._variants.get(request.url, ((), None))
            key = (request.url, tuple(value_of(request.headers, name) for name in names))
            entry = self._entries.get(key)
            if entry is not None:
                if not entry.for_anybody and value_of(request.headers, "authorization") is not None:
                    return None
                self._entries.move_to_end(key)
            return entry

    def store(self, request: Request, response: Response, asked: float, now: float) -> Entry | None:
        """如果允许，存起来。asked 是请求发出的时间，now 是回答到达的时间。

        Store it if that is allowed. asked is when the request was sent, now is when the response came.
        """
        told = directives(response.headers)
        entry = self._entry_of(request, response, asked, now)
        allowed = (
            request.method == "GET"
            and response.status not in (206, 304)
            and not {"no-store", "private"} & told.keys()
            and "no-store" not in directives(request.headers)
            and (entry.for_anybody or value_of(request.headers, "authorization") is None)
            and (response.status in KNOWN_STATUS or "must-understand" not in told)
            and "*" not in items_of(response.headers, "vary")
            # 没有用的不存：要么还新鲜，要么可以再问。 Only what is of use: fresh, or it can be asked about.
            and (entry.age_then < entry.lifetime or (response.status == 200 and entry.validators() != []))
        )
        return entry if allowed and self._insert(entry, vary_of(response), asked) else None

    def freshen(self, entry: Entry, request: Request, answer: Response, asked: float, now: float) -> Entry:
        """304：正文还是原来的，首部换成新的。 A 304: the body stays, the headers are brought up to date."""
        news = without(answer.headers, ABOUT_THE_BODY)
        outdated = {name.lower() for name, _ in news}
        headers = without(entry.response.headers, outdated) + news
        response = Response(entry.response.status, entry.response.reason, headers, entry.response.body)
        self.discard(entry)  # 304 也可能说：从现在起不要再存了 / a 304 may say that it must no longer be stored
        return self.store(request, response, asked, now) or self._entry_of(request, response, asked, now)

    def discard(self, entry: Entry) -> None:
        """去掉它，如果它还在。 Remove it, if it is still there."""
        with self._lock:
            if self._entries.get(entry.key) is entry:
                self._remove(entry.key)

    def invalidate(self, url: str, now: float) -> None:
        """这个 URL 的所有变体都作废。 All variants of this URL are void."""
        with self._lock:
            self._invalidated[hash(url) % len(self._invalidated)] = now
            _, variants = self._variants.get(url, ((), ()))
            for values in list(variants):
                self._remove((url, values))

    def _entry_of(self, request: Request, response: Response, asked: float, now: float) -> Entry:
        told = directives(response.headers)
        key = (request.url, tuple(value_of(request.headers, name) for name in vary_of(response)))
        size = len(response.body) + ENTRY_OVERHEAD + len(request.url) + sum(len(value or "") for value in key[1])
        size += sum(len(name) + len(value) + HEADER_OVERHEAD for name, value in response.headers)
        headers = without(response.headers, ("age",))  # 每次回答时重新算 / told anew with every answer
        return Entry(
            key,
            Response(response.status, response.reason, headers, response.body),
            since=now,
            age_then=age_at_arrival(response, asked, now),
            lifetime=lifetime_of(response, now),
            no_cache="no-cache" in told,
            for_anybody="public" in told or "s-maxage" in told,
            size=size,
        )

    def _insert(self, entry: Entry, names: tuple[str, ...], asked: float) -> bool:
        url, values = entry.key
        with self._lock:
            if entry.key in self._entries:
                self._remove(entry.key)
            # 请求发出之后，这个 URL 被改过：来的可能是旧的。 Changed since we asked: this may be the old one.
            if entry.size > self.max_bytes or self._invalidated[hash(url) % len(self._invalidated)] >= asked:
                return False
            known, variants = self._variants.setdefault(url, (names, set()))
            if known != names:  # Vary 变了，旧的变体就找不到了 / with another Vary the old variants cannot be found
                for old in list(variants):
                    self._remove((url, old))
                _, variants = self._variants[url] = (names, set())
            variants.add(values)
            self._entries[entry.key] = entry
            self.size += entry.size
            while self.size > self.max_bytes:
                self._remove(next(iter(self._entries)))
            return True

    def _remove(self, key: tuple[str, tuple[str | None, ...]]) -> None:
        url, values = key
        self.size -= self._entries.pop(key).size
        variants = self._variants[url][1]
        variants.discard(values)
        if not variants:
            del self._variants[url]


def vary_of(response: Response) -> tuple[str, ...]:
    """回答随哪些请求首部而不同。 The request headers that the response depends on."""
    return tuple(sorted(set(items_of(response.headers, "vary"))))


# === 登录和禁止的主机 login and blocked hosts =========================================================================


def is_logged_in(headers: Headers, credentials: tuple[str, str]) -> bool:
    """Proxy-Authorization: Basic base64(用户名:密码) 是对的。 Proxy-Authorization has the right user and password."""
    scheme, _, code = (value_of(headers, "proxy-authorization") or "").partition(" ")
    try:
        told = base64.b64decode(code.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    # compare_digest 所用的时间与从哪里开始不同无关：从快慢里猜不出密码。
    # compare_digest takes the same time wherever the difference is: nobody guesses the password by the clock.
    return scheme.lower() == "basic" and hmac.compare_digest(told, ":".join(credentials).encode("utf-8"))


def is_blocked(host: str, blocked_hosts: Iterable[str]) -> bool:
    """主机就是其中之一，或者是它的子域；"example.com." 和 "example.com" 是同一个。

    The host is one of these, or a subdomain of one; "example.com." is the same as "example.com".
    """
    name = host.lower().strip("[]").rstrip(".")
    return any(name == bad or name.endswith("." + bad) for bad in blocked_hosts)


# === 日志 log =========================================================================================================

# 值不能写进日志的首部。日志会被复制、备份、搜索；密码和会话不该在里面。
# Headers whose values stay out of the log. Logs are copied, kept, searched: no place for passwords and sessions.
SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie", "set-cookie")
USER_IN_TARGET = re.compile(r"^[^/?#]*@")
USER_IN_URL = re.compile(r"//[^/?#\s\"'<>]*@")


@dataclass
class Record:
    """日志里的一行，请求进行中一点一点填好。 A line of the log, filled in while the request goes on."""

    client: str
    method: str | None = None
    url: str | None = None
    status: int | None = None
    request_headers: Headers = field(default_factory=list)
    response_headers: Headers = field(default_factory=list)
    request_bytes: int = 0
    response_bytes: int = 0
    cache: str | None = "BYPASS"
    started: float = field(default_factory=time.time)

    def as_json(self) -> str:
        # 源服务器可能把密码原样放进它自己的首部里。 An origin may repeat the password in a header of its own.
        passwords = [value for name, value in self.request_headers if name.lower() in SECRET_HEADERS[:2]]
        passwords += [value.partition(" ")[2] for value in passwords]

        def hidden(headers: Headers) -> Headers:
            found = []
            for name, value in headers:
                for password in filter(None, passwords):
                    value = value.replace(password, "***")
                found.append((name, "***" if name.lower() in SECRET_HEADERS else USER_IN_URL.sub("//***@", value)))
            return found

        line: dict[str, Any] = {"time": datetime.datetime.fromtimestamp(self.started, datetime.UTC).isoformat()}
        line |= vars(self) | {"url": self.url and USER_IN_URL.sub("//***@", self.url)}
        line |= {"duration_ms": round((time.time() - line.pop("started")) * 1000, 3)}
        line |= {name: hidden(line[name]) for name in ("request_headers", "response_headers")}
        return json.dumps(line)


class Log:
    """每行一个 JSON 对象；path 是 None 时什么也不写。 A JSON object a line; nothing is written when path is None."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._file = None if path is None else Path(path).open("a", encoding="utf-8")  # noqa: SIM115  kept open
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        if self._file is None:
            return
        line = record.as_json() + "\n"
        try:
            with self._lock:  # 两个线程的行不能混在一起 / the lines of two threads must not mix
                self._file.write(line)
                self._file.flush()
        except OSError as error:  # 磁盘满了，代理照样工作 / the disk is full: the proxy goes on
            print(f"写不了日志 / cannot write the log: {error}", file=sys.stderr)


# === 隧道 tunnel ======================================================================================================


def tunnel(client: Stream, origin: socket.socket) -> tuple[int, int]:
    """两个方向原样传递，直到双方都结束；返回 (上行字节数, 下行字节数)。

    Pass bytes both ways, untouched, until both sides have ended; returns (bytes up, bytes down).
    """
    for sock in (client.sock, origin):
        sock.settimeout(None)  # 隧道可以安静很久 / a tunnel may be quiet for long
        # 对方的机器断电了，TCP 自己不会发现；keepalive 让系统隔一阵子问一问。
        # TCP does not notice by itself that the other machine has lost its power; keepalive has the system ask.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    down = [0]
    # 每个方向一个线程：一边堵住了，另一边照样走。 A thread a direction: when one is stuck the other goes on.
    downward = threading.Thread(target=lambda: down.__setitem__(0, copy(origin, client.sock)), daemon=True)
    downward.start()
    up = copy(client.sock, origin, client.take(len(client.buffer)))
    downward.join()
    return up, down[0]


def copy(source: socket.socket, sink: socket.socket, data: bytes = b"") -> int:
    """先发送 data，再把 source 发来的都交给 sink，直到 source 结束；返回字节数。

    Send data and then everything that comes from source to sink, until source has ended; returns the number of bytes.
    """
    count = 0
    try:
        data = data or source.recv(65_536)
        while data:
            sink.sendall(data)
            count += len(data)
            data = source.recv(65_536)
        # 半关闭：这个方向结束了，另一个方向也许还有话说。 Half-close: this direction has ended, the other may go on.
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # 一边断了，两边都断 / one side is broken: both are
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
    return count


# === 源服务器 origin ==================================================================================================


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """连接源服务器；不行就由代理回答 502 或 504。 Connect to an origin; else the proxy answers 502 or 504."""
    try:
        sock = socket.create_connection((host.strip("[]"), port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        raise Refused(504, "连接超时 / connecting took too long") from None
    except (OSError, UnicodeError) as error:  # UnicodeError：主机名的一段超过 63 个字符 / a label over 63 characters
        raise Refused(502, f"连不上 / cannot connect: {error}") from None
    return sock


def fetch(request: Request, timeout: float) -> Response:
    """向源服务器要。每次用一个新的连接：简单，也不会碰上它刚好关闭的连接。

    Ask the origin. A new connection each time: simple, and never one that the origin is just closing.
    """
    host, port, path = split_url(request.url)
    # 客户端给的是完整的 URL；源服务器要的是路径，主机写在 Host 里。
    # A client sends the whole URL; an origin wants the path, and the host in Host.
    headers = without(request.headers, ("host", "expect"))
    headers = [("Host", request.url.split("/")[2]), *headers, ("Connection", "close")]
    data = serialise(f"{request.method} {path} HTTP/1.1", headers, request.body)
    with connect(host, port, timeout) as sock:
        origin = Stream(sock)
        try:
            send_request(origin, data, timeout)
            version, response = read_response(origin, request.method)
        except TimeoutError:
            raise Refused(504, "源服务器没有回答 / the origin does not answer") from None
        except (OSError, Malformed) as error:
            raise Refused(502, f"源服务器的回答不对 / a bad answer from the origin: {error}") from None
    response.headers = [*end_to_end(response.headers), ("Via", f"{version} {NAME}")]
    if value_of(response.headers, "date") is None:  # 以后算年龄要用 / needed to tell its age later
        response.headers.append(("Date", email.utils.formatdate(usegmt=True)))
    return response


def send_request(origin: Stream, data: bytes, timeout: float) -> None:
    """发送请求，同时接收：源服务器可能不等正文发完就回答（或者边收边答），那时只发不收，双方会一直等下去。

    Send a request, and receive meanwhile: an origin may answer before it has read the body, or while it reads. Who
    only sends then waits for ever, and so does the origin.
    """
    left = memoryview(data)
    with selectors.DefaultSelector() as selector:
        selector.register(origin.sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while left:
            ready = selector.select(timeout)
            if not ready:
                raise TimeoutError
            try:
                if ready[0][1] & selectors.EVENT_READ and (not origin.fill() or len(origin.buffer) > MAX_BODY):
                    return
                if ready[0][1] & selectors.EVENT_WRITE:
                    left = left[origin.sock.send(left[:65_536]) :]
            except OSError:  # 它不想再收了，但也许已经回答 / it reads no more, but it may have answered
                return


# === 代理 proxy =======================================================================================================


class ProxyServer:
    """代理服务器。 The proxy.

    host, port:      监听的地址。 Where to listen.
    request_filter:  函数 (Request) → 要发送的 Request，或者马上回答的 Response；在缓存之前；从多个线程调用。
                     A function (Request) → the Request to send, or a Response to answer at once; before the cache.
    response_filter: 函数 (Request, Response) → 要交给客户端的 Response；在缓存之后；从多个线程调用。
                     A function (Request, Response) → the Response to deliver; after the cache. Both are called from
                     several threads.
    credentials:     (用户名, 密码)；None 表示不用登录。 (user, password); None asks for no login.
    blocked_hosts:   不让访问的主机，连同它们的子域。 Hosts that are forbidden, with their subdomains.
    cache_bytes:     缓存最多多少字节。 The most bytes that the cache takes.
    timeout:         源服务器沉默多少秒之后放弃它。 Seconds after which a silent origin is given up.
    log_path:        日志文件；None 表示不写日志。 The log's file; None writes none.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8080,
        *,
        request_filter: Callable[[Request], Request | Response] | None = None,
        response_filter: Callable[[Request, Response], Response] | None = None,
        credentials: tuple[str, str] | None = None,
        blocked_hosts: Iterable[str] = (),
        cache_bytes: int = 16 * 2**20,
        timeout: float = 30,
        log_path: str | os.PathLike[str] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.request_filter = request_filter
        self.response_filter = response_filter
        self.credentials = credentials
        self.blocked_hosts = [name.lower().strip(".") for name in blocked_hosts]
        self.timeout = timeout
        self.log_path = log_path
        self.cache = Cache(cache_bytes)

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C。地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C. If the address cannot be used (taken, not this machine's, port out of range), print why and
        return; never raise.
        """
        try:
            self.log = Log(self.log_path)
            listener = open_listener(self.host, self.port)
        # 端口大于 65535 时 bind() 抛出的是 OverflowError，主机名写法不对时是 UnicodeError，两者都不是 OSError。
        # A port over 65535 raises OverflowError and a malformed host name UnicodeError: neither is an OSError.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"无法在 {self.host}:{self.port} 上启动代理: {error}")
            return
        print(f"代理正在监听 {self.host}:{self.port}，按 Ctrl+C 停止")
        with listener:
            try:
                while True:
                    self.accept(listener)
            except KeyboardInterrupt:
                print("收到 Ctrl+C，代理停止")

    def accept(self, listener: socket.socket) -> None:
        """等一个客户端，给它一个线程。 Wait for a client and give it a thread."""
        try:
            sock, address = listener.accept()
        except TimeoutError:  # Windows 上 accept() 不会被 Ctrl+C 打断 / on Windows Ctrl+C does not interrupt accept()
            return
        except OSError as error:  # 例如打开的文件太多：稍等再试 / too many open files, say: a moment later again
            print(f"接受连接失败: {error}", file=sys.stderr)
            time.sleep(0.05)
            return
        try:
            # daemon：程序结束时不等这些线程。 daemon: the program does not wait for these threads to end.
            threading.Thread(target=self.serve_client, args=(sock, address), daemon=True).start()
        except RuntimeError:  # 线程太多 / too many threads
            sock.close()

    def serve_client(self, sock: socket.socket, address: tuple[str, int]) -> None:
        """一个连接上可以有许多请求，一个接一个，甚至不等回答就发来（pipelining）：按顺序回答。

        One connection may carry many requests, one after the other or even without waiting for answers (pipelining):
        they are answered in order.
        """
        with sock, contextlib.suppress(OSError):  # 客户端走了 / the client has left
            sock.settimeout(IDLE)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = Stream(sock)
            while self.serve_request(client, f"{address[0]}:{address[1]}"):
                pass
            close_politely(sock)

    def serve_request(self, client: Stream, address: str) -> bool:
        """回答一个请求；连接还可以继续用时是 True。 Answer one request; True when the connection can be used again."""
        if not client.buffer and not client.fill():
            return False
        record, keep = Record(address), False
        try:
            if (head := client.read_head()) is None:
                return False
            method, target, version, headers = parse_request(head, record)
            if method == "CONNECT":
                record.cache = None
                self.serve_connect(client, target, headers, record)
                return False
            if "100-continue" in items_of(headers, "expect"):  # 客户端等着这一句，才发送正文 / it waits for this
                send_all(client.sock, b"HTTP/1.1 100 Continue\r\n\r\n")
            record.url = url = normalise(target)
            body = read_request_body(client, version, headers)
            record.request_bytes = len(body)
            # 出错时不知道请求在哪里结束，也就不知道下一个从哪里开始，只能关闭；读完了，才可以接着用。
            # After an error nobody knows where the request ends and the next one begins: all that is left is to close.
            # Once it is read the connection may go on.
            told = items_of(headers, "connection") + items_of(headers, "proxy-connection")
            keep = version == "1.1" and "close" not in told
            response = self.answer(Request(method, url, headers, body), version, record)
            return self.deliver(client, response, keep, record)
        except Refused as refused:
            response = refused.response
        except TimeoutError:
            response = Refused(408, "请求没有发完 / the request did not come to its end").response
        except OSError:  # 客户端走了 / the client has left
            return False
        except Exception:  # 过滤器返回了发不出去的东西 / a filter has returned what cannot be sent
            traceback.print_exc()
            response = Refused(502, "过滤器出错 / a filter failed").response
        record.cache = record.cache and "BYPASS"  # 这些是代理自己的回答 / these answers are the proxy's own
        return self.deliver(client, response, keep, record)

    def deliver(self, client: Stream, response: Response, keep: bool, record: Record) -> bool:
        """发出回答，写日志；连接还可以继续用时是 True。 Answer and log; True when the connection goes on."""
        data = response_bytes(record.method, response, keep)
        record.status, record.response_headers = response.status, response.headers
        record.response_bytes = 0 if record.method == "HEAD" else len(response.body)
        try:
            send_all(client.sock, data)
        except OSError:  # 客户端走了 / the client has left
            return False
        finally:
            self.log.write(record)
        return keep

    def admit(self, host: str, headers: Headers) -> None:
        """登录了、主机也没有被禁止，才能往下走。 Go on only with the right login, to a host that is not blocked."""
        if self.credentials is not None and not is_logged_in(headers, self.credentials):
            challenge = ("Proxy-Authenticate", 'Basic realm="proxy", charset="UTF-8"')
            raise Refused(407, "请登录 / log in first", challenge)
        if is_blocked(host, self.blocked_hosts):
            raise Refused(403, "这个主机不让访问 / this host is blocked")

    # --- HTTPS ---

    def serve_connect(self, client: Stream, target: str, headers: Headers, record: Record) -> None:
        """CONNECT：连上之后回答 200，从此以后不再看里面是什么。

        CONNECT: answer 200 once connected, and from then on do not look at what passes.
        """
        if not AUTHORITY.fullmatch(target):
            raise Malformed("CONNECT needs host:port")
        if content_length(headers) is not None and values_of(headers, "transfer-encoding"):
            raise Malformed("Transfer-Encoding with Content-Length")
        host, port, _ = split_url(f"http://{target}/")
        self.admit(host, headers)
        with connect(host, port, self.timeout) as origin:
            send_all(client.sock, b"HTTP/1.1 200 Connection Established\r\n\r\n")
            record.status = 200
            record.request_bytes, record.response_bytes = tunnel(client, origin)
        self.log.write(record)

    # --- HTTP ---

    def answer(self, request: Request, version: str, record: Record) -> Response:
        """过滤器、缓存、源服务器、过滤器。 Filter, cache, origin, filter."""
        self.admit(split_url(request.url)[0], request.headers)
        request.headers = end_to_end(request.headers)
        if self.request_filter is not None:
            filtered = call_filter(self.request_filter, request)
            if isinstance(filtered, Response):
                return filtered
            request = filtered
        request.headers = framed(request.headers, request.body, always=request.method not in SAFE_METHODS)
        request.headers.append(("Via", f"{version} {NAME}"))
        response, record.cache = self.cached_or_fetched(request)
        if self.response_filter is not None:
            response = call_filter(self.response_filter, request, response)
        headers = without(response.headers, ("x-cache",))
        if not any(NAME in via for via in values_of(headers, "via")):  # 过滤器新造的回答 / one that a filter made anew
            headers.append(("Via", f"1.1 {NAME}"))
        headers.append(("X-Cache", "HIT" if record.cache == "HIT" else "MISS"))
        return Response(response.status, response.reason, headers, response.body)

    def cached_or_fetched(self, request: Request) -> tuple[Response, str]:
        """(回答, HIT、MISS 或 BYPASS)；调用者可以改动这个回答。 (response, HIT, MISS or BYPASS); it is the caller's."""
        wanted = directives(request.headers)
        special = NOT_FOR_CACHE & {name.lower() for name, _ in request.headers}
        if request.method != "GET" or request.body or special or "no-store" in wanted:
            response = fetch(request, self.timeout)
            if request.method not in SAFE_METHODS and response.status < 400:
                self.invalidate_after(request, response)
            return response, "BYPASS"
        entry = self.cache.find(request)
        now = time.time()
        if entry is not None and entry.is_fresh_for(wanted, now):
            return entry.answer(request, now), "HIT"
        if "only-if-cached" in wanted:
            raise Refused(504, "缓存里没有 / not in the cache")
        conditions = [] if entry is None else entry.validators()
        outgoing = request
        if conditions:
            # 我们自己的条件代替客户端的；客户端的由 Entry.answer() 来看。
            # Our own conditions take the place of the client's, which Entry.answer() looks at.
            headers = without(request.headers, ("if-none-match", "if-modified-since")) + conditions
            outgoing = Request(request.method, request.url, headers, request.body)
        asked = time.time()
        response = fetch(outgoing, self.timeout)
        now = time.time()
        if entry is not None and conditions and response.status == 304:
            return self.cache.freshen(entry, request, response, asked, now).answer(request, now), "HIT"
        if entry is not None and response.status < 500 and response.status != 304:
            self.cache.discard(entry)
        self.cache.store(request, response, asked, now)
        return response, "MISS"

    def invalidate_after(self, request: Request, response: Response) -> None:
        """POST、PUT、DELETE……成功了，它的 URL 和它提到的 URL 就变了，存着的都作废。

        After a successful POST, PUT, DELETE … its URL and those that it names have changed: what is stored is void.
        """
        now = time.time()
        self.cache.invalidate(request.url, now)
        for name in ("location", "content-location"):
            with contextlib.suppress(ValueError, Malformed):
                other = normalise(urljoin(request.url, value_of(response.headers, name) or ""))
                if split_url(other)[:2] == split_url(request.url)[:2]:  # 别人的不行 / not those of others
                    self.cache.invalidate(other, now)


def parse_request(head: bytes, record: Record) -> tuple[str, str, str, Headers]:
    """(方法, 目标, HTTP 版本, 首部)。 (method, target, HTTP version, headers)."""
    # 先看第一行：首部有错的请求，也要按它的方法和地址写进日志。
    # The first line comes first: a request with wrong headers goes into the log by its method and URL, too.
    first = head.split(b"\n", 1)[0].rstrip(b"\r").decode("latin-1")
    if not (match := REQUEST_LINE.fullmatch(first)):
        raise Malformed("not an HTTP/1.1 request line")
    method, target, version = match.groups()
    record.method, record.url = method, USER_IN_TARGET.sub("***@", target) if "@" in target else target
    _, headers = parse_head(head)
    record.request_headers = headers
    if version == "1.1" and len(values_of(headers, "host")) != 1:
        raise Malformed("HTTP/1.1 needs exactly one Host")
    return method, target, version, headers


def call_filter(function: Callable[..., Any], *arguments: Any) -> Any:
    """过滤器的结果；它出错时，由代理回答 502。 What the filter returns; where it fails the proxy answers 502."""
    try:
        result = function(*arguments)
        if isinstance(result, Request) and len(arguments) == 1:
            result.url = normalise(result.url)
        elif not isinstance(result, Response):
            raise TypeError(f"a filter returned {result!r}")
        result.headers = end_to_end(result.headers)
    except Exception:
        # 过滤器是代理主人的程序，让他看到错在哪里；客户端只知道 502。
        # A filter is the owner's program: show him where it failed. The client learns of a 502 only.
        traceback.print_exc()
        raise Refused(502, "过滤器出错 / a filter failed") from None
    return result


def framed(headers: Headers, body: bytes, always: bool) -> Headers:
    """Content-Length 与正文相符的首部。 The headers with a Content-Length that is right for the body."""
    headers = without(headers, ("content-length", "transfer-encoding"))
    return [*headers, ("Content-Length", str(len(body)))] if body or always else headers


def response_bytes(method: str | None, response: Response, keep: bool) -> bytes:
    """回答的字节，正文的长度写对。 The response's bytes, with the right length of its body."""
    headers, body = response.headers, response.body
    if response.status in (204, 304):
        headers, body = framed(headers, b"", always=False), b""
    elif method == "HEAD":
        # HEAD 的 Content-Length 说的是 GET 会得到多少，正文不发。 It tells what GET would give; no body is sent.
        headers, body = framed(headers, body, always=False) if body else headers, b""
    else:
        headers = framed(headers, body, always=True)
    response.headers = headers
    close = [] if keep else [("Connection", "close")]
    return serialise(f"HTTP/1.1 {response.status:03d} {response.reason}", headers + close, body)


def close_politely(sock: socket.socket) -> None:
    """关闭时如果还有没读的字节，系统会发出 RST，对方可能因此丢失刚发出的回答。所以先只关闭发送的方向，再把剩下的读完。

    close() with unread bytes sends RST, and the other side may lose the last answer. So only the sending direction is
    closed first, and what still comes is read and dropped.
    """
    sock.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + LINGER
    while (left := deadline - time.monotonic()) > 0:
        sock.settimeout(left)
        if not sock.recv(65_536):
            break


def open_listener(host: str, port: int) -> socket.socket:
    """返回一个正在监听的 socket；失败时不留下打开的 socket。 A listening socket; on failure none is left open."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # 没有这个选项，服务器停止后一分钟左右不能在同一端口重新启动；Windows 上它的含义不同，而且不需要。
        # Without this option it cannot start again on that port for a minute; on Windows it means something else.
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
        listener.settimeout(1.0)
    except BaseException:
        listener.close()
        raise
    return listener


def main() -> None:
    parser = argparse.ArgumentParser(description="HTTP 代理服务器 / an HTTP proxy")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--user", metavar="NAME:PASSWORD", help="要求登录 / ask for this login")
    parser.add_argument("--block", metavar="HOST", action="append", default=[], help="不让访问的主机 / forbid a host")
    parser.add_argument("--log", metavar="PATH", help="日志文件 / the log's file")
    options = parser.parse_args()
    name, _, password = (options.user or "").partition(":")
    ProxyServer(
        options.host,
        options.port,
        credentials=(name, password) if options.user else None,
        blocked_hosts=options.block,
        log_path=options.log,
    ).start()


if __name__ == "__main__":
    main()
