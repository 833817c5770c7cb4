"""What can be wrong with an HTTP/1.x message: stable codes, where, and a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The sentence of every trouble and deviation, Chinese and English. The facts in braces come with each case.
TEXTS: dict[str, tuple[str, str]] = {
    "http.no_answer": ("连接结束了，一个字节的回答也没有", "the connection ended without one byte of an answer"),
    "http.bad_status_line": (
        "状态行应当是 HTTP/1.x 空格 三位数字 空格 原因短语，实际是 {got}",
        "wanted a status line (HTTP/1.x, a three-digit code, a reason), got {got}",
    ),
    "http.bad_request_line": (
        "请求行应当是 方法 空格 目标 空格 HTTP/1.x，实际是 {got}",
        "wanted a request line (method, target, HTTP/1.x), got {got}",
    ),
    "http.bad_header_line": (
        "第 {number} 个首部行应当是 名字: 值，实际是 {got}",
        "wanted `Name: value` in header line {number}, got {got}",
    ),
    "http.space_before_colon": (
        "第 {number} 个首部行的冒号前不能有空格：{got}",
        "no space is allowed before the colon in header line {number}: {got}",
    ),
    "http.control_character": (
        "第 {number} 个首部行里有控制字符：{got}",
        "header line {number} has a control character: {got}",
    ),
    "http.head_too_large": ("首部超过 {limit} 字节还没有结束", "the head has not ended after {limit} bytes"),
    "http.too_many_interim": (
        "已经有 {limit} 个 1xx 回答了，最终的回答还没有来",
        "there were {limit} answers 1xx already, and no final one",
    ),
    "http.body_too_large": ("正文超过 {limit} 字节还没有结束", "the body has not ended after {limit} bytes"),
    "http.truncated_head": (
        "连接在首部中间结束了，只收到 {got}",
        "the connection ended inside the head, after {got}",
    ),
    "http.bad_content_length": (
        "Content-Length 应当是一个非负整数，实际是 {got}",
        "wanted a non-negative integer in Content-Length, got {got}",
    ),
    "http.differing_lengths": (
        "有几个不同的 Content-Length：{got}",
        "there are several Content-Length values that differ: {got}",
    ),
    "http.length_mismatch": (
        "Content-Length 说正文有 {wanted} 字节，连接却在 {got} 字节之后结束了",
        "Content-Length promised {wanted} bytes of body, the connection ended after {got}",
    ),
    "http.unknown_transfer_coding": (
        "Transfer-Encoding 应当是 chunked，实际是 {got}",
        "wanted chunked in Transfer-Encoding, got {got}",
    ),
    "http.bad_chunk_size": (
        "块的长度应当是十六进制数，实际是 {got}",
        "wanted a chunk size in hexadecimal digits, got {got}",
    ),
    "http.chunk_not_ended": (
        "长度为 {size} 的块后面应当是 CRLF，实际是 {got}",
        "wanted CRLF behind a chunk of {size} bytes, got {got}",
    ),
    "http.truncated_chunks": (
        "连接在分块正文的末块（长度 0）之前结束了，正文到此有 {got} 字节",
        "the connection ended before the last chunk (size 0), after {got} bytes of body",
    ),
    # Deviations: understood by everybody, yet not what RFC 9112 lets a sender do.
    "http.bare_lf": ("行尾是 LF 而不是 CRLF", "a line ends with LF alone instead of CRLF"),
    "http.no_reason_space": ("状态码后面少了空格", "the space behind the status code is missing"),
    "http.folded_header": ("首部的值折成了两行", "a header value is folded over two lines"),
    "http.repeated_length": ("Content-Length 写了不止一次：{got}", "Content-Length is given more than once: {got}"),
    "http.length_and_chunked": (
        "Content-Length 和 Transfer-Encoding 同时出现",
        "Content-Length and Transfer-Encoding come together",
    ),
    "http.chunked_in_http_1_0": ("HTTP/1.0 的消息不能分块", "a message in HTTP/1.0 cannot be chunked"),
    "http.length_not_allowed": (
        "状态码 {status} 的回答不能有 Content-Length",
        "an answer {status} must not have a Content-Length",
    ),
    "http.raw_non_ascii": (
        "请求目标里有没有编码的非 ASCII 字节：{got}",
        "the request target has bytes beyond ASCII that are not percent-encoded: {got}",
    ),
    "http.space_in_chunk_size": ("块的长度后面有空格", "there is a space behind a chunk size"),
}


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a message, and where: `offset` counts from the first byte that the parser was fed."""

    code: str
    offset: int
    facts: dict[str, object] = field(default_factory=dict)

    def sentence(self, lang: str = "en") -> str:
        """One sentence in `zh` or `en`."""
        return TEXTS[self.code][0 if lang == "zh" else 1].format(**self.facts)

    def __str__(self) -> str:
        return f"{self.sentence()} (at byte {self.offset})"


class Broken(Exception):
    """The bytes are not an HTTP message; raised inside a parser, seen outside as `parser.trouble`."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


def show(data: bytes) -> str:
    """Bytes for a sentence: as Python writes them, without the b; all of them, since evidence is never cut here."""
    return repr(data)[1:]
