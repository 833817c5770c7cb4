"""Result documents written by hand: what the sinks are shown in their tests, and what a learner may meet."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

GRADER: Json = {
    "version": "0.1.0",
    "hypothesis": "6.170.15",
    "python": "3.11.7",
    "isolation": "bubblewrap",
    "network": "private",
    "seed": 0,
    "budget": 1.0,
}
PREFIX = "已收到您的消息: ".encode()


def text(zh: str, en: str) -> Json:
    return {"zh": zh, "en": en}


def data(value: bytes, omitted: int = 0, at: int | None = None) -> Json:
    return {"hex": value.hex(), "bytes": len(value) + omitted, "omitted": omitted, "omitted_at": at}


def step(n: int, actor: str, kind: str, **more: Any) -> Json:
    return {"n": n, "actor": actor, "kind": kind, **more}


def side(**more: Any) -> Json:
    return {"text": None, "bytes": None, "value": None, **more}


TCP_SETUP: Json = {
    "unit": "tcp_server",
    "file": "examples/tcp_server.py",
    "options": {},
    "kind": "server",
    "class": "TCPServer",
    "method": "start",
    "transport": "tcp",
}


def functions(unit: str) -> Json:
    return {"unit": unit, "file": f"examples/{unit}.py", "options": {}, "kind": "program"}


def start(n: int, port: int = 8888, **options: Any) -> Json:
    return step(
        n,
        "P",
        "start",
        kwargs={"host": "127.0.0.1", "port": port, **options},
        **{"class": "TCPServer", "method": "start"},
    )


def story(steps: list[Json], wanted: Json | None, got: Json | None, setup: Json, **more: Any) -> Json:
    return {
        "steps": steps,
        "failed_step": steps[-1]["n"],
        "wanted": wanted,
        "got": got,
        "first_difference": None,
        "note": None,
        "setup": setup,
        "reproduces": "exactly",
        **more,
    }


def check(id: str, tier: str, verdict: str, points: float, title: Json, **more: Any) -> Json:
    return {
        "id": id,
        "tier": tier,
        "verdict": verdict,
        "points": points if verdict in ("pass", "broken") else 0,
        "max_points": points,
        "title": title,
        "cases": 20,
        "seconds": 0.08,
        "reason": None,
        "diagnosis": None,
        "story": None,
        "replay": None,
        "output": None,
        **more,
    }


def unit(name: str, section: str, title: Json, checks: list[Json], **more: Any) -> Json:
    marks = [check for check in checks if check["tier"] != "bonus"]
    return {
        "unit": name,
        "section": section,
        "title": title,
        "score": sum(check["points"] for check in marks),
        "max_score": 100,
        "bonus": sum(check["points"] for check in checks if check["tier"] == "bonus"),
        "seconds": 1.2,
        "conversations": sum(check["cases"] for check in checks),
        "problem": None,
        "checks": checks,
        **more,
    }


def document(units: list[Json], **more: Any) -> Json:
    return {
        "schema": "netgrade/result/1",
        "grader": GRADER,
        "submission": "student",
        "complete": True,
        "seconds": 8.4,
        "score": sum(unit["score"] for unit in units),
        "max_score": sum(unit["max_score"] for unit in units),
        "bonus": sum(unit["bonus"] for unit in units),
        "units": units,
        **more,
    }


def split_character() -> Json:
    wanted, got = PREFIX + "你".encode(), PREFIX + "\ufffd".encode()
    return check(
        "keeps_a_character_cut_in_two",
        "robust",
        "fail",
        8,
        text("一个汉字被网络切成两段时，回答仍然完整。", "A character cut between two segments survives."),
        diagnosis={
            "code": "tcp.split_character",
            "title": text(
                "每一段字节单独解码，切开的汉字就坏了", "each piece is decoded by itself, a cut character breaks"
            ),
            "hint": text(
                "recv() 给的是字节流的一段，不是一条消息：一段的末尾可能只有半个汉字。"
                "想一想 codecs.getincrementaldecoder 为谁而设。",
                "recv() gives a piece of a stream of bytes, not a message: it may end inside a character. "
                "Think about whom codecs.getincrementaldecoder was made for.",
            ),
        },
        story=story(
            [
                step(1, "A", "connect"),
                step(
                    2,
                    "A",
                    "send",
                    data=data(b"\xe4\xbd"),
                    label=text("「你」的前两个字节", "the first two bytes of 你"),
                ),
                step(
                    3,
                    "A",
                    "send",
                    data=data(b"\xa0"),
                    pause_before=0.001,
                    label=text("「你」的最后一个字节", "the last byte of 你"),
                ),
                step(4, "A", "receive", data=data(got), ending="complete"),
            ],
            side(bytes=data(wanted)),
            side(bytes=data(got)),
            TCP_SETUP,
            first_difference=len(PREFIX),
        ),
        replay="replay/tcp_server-keeps_a_character_cut_in_two.py",
        output="TCP服务器已启动，监听127.0.0.1:8888\n收到来自 ('127.0.0.1', 40122) 的消息: \ufffd\n",
    )


def silent_second_client() -> Json:
    return check(
        "serves_several_clients_at_once",
        "core",
        "fail",
        14,
        text("几个客户端同时在线，各收各的回答。", "Several clients at once, each getting only its own answers."),
        diagnosis={
            "code": "tcp.one_client_at_a_time",
            "title": text("一次只服务一个客户端", "one client is served at a time"),
            "hint": text(
                "第一个客户端还连着，第二个就等不到回答：accept() 之后，谁来继续 accept()？",
                "While the first client stays, the second waits: after accept(), who goes on accepting?",
            ),
        },
        story=story(
            [
                start(1),
                step(2, "A", "connect", port=8888),
                step(3, "B", "connect", port=8888),
                step(4, "B", "send", data=data(b"0"), pause_before=0.0),
                step(5, "B", "receive", data=data(b""), ending="silence"),
            ],
            side(bytes=data(PREFIX + b"0")),
            side(text=text("2 秒内什么也没有来", "nothing within 2 s")),
            TCP_SETUP,
        ),
        replay="replay/tcp_server-serves_several_clients_at_once.py",
    )


def flood() -> Json:
    head, tail = "网络".encode() * 40, b"\x00\x01\xff" * 30
    return check(
        "echoes_a_mebibyte",
        "robust",
        "fail",
        6,
        text("一条连接上 1 MiB 的文字也完整。", "1 MiB of text on one connection arrives whole."),
        story=story(
            [
                step(1, "A", "connect"),
                step(2, "A", "send", data=data(head + head, 1 << 20, len(head))),
                step(3, "A", "receive", data=data(head + tail, (1 << 20) - 7, len(head)), ending="end"),
                step(4, "A", "end", ending="reset"),
            ],
            side(text=text("完整的回答", "the whole answer"), bytes=data(head + head, 1 << 20, len(head))),
            side(bytes=data(head[:90] + b"\x1b[31m" + tail, (1 << 20) - 7, 90)),
            TCP_SETUP,
            first_difference=90,
            note=text("只有一部分到达", "only a part arrived"),
            reproduces="conversation",
        ),
        replay="replay/tcp_server-echoes_a_mebibyte.py",
    )


def wrong_return() -> Json:
    url = "http://127.0.0.1:8000/missing"
    return check(
        "gives_none_for_an_error_status",
        "core",
        "fail",
        10,
        text("4xx 和 5xx 的回答得到 None。", "An answer 4xx or 5xx gives None."),
        diagnosis={
            "code": "http.status_ignored",
            "title": text("状态码没有检查", "the status is not checked"),
            "hint": text("服务器答了，不等于成功了。", "That the server answered does not mean that it worked."),
        },
        story=story(
            [
                step(1, "S", "listen", port=8000),
                step(2, "P", "call", target=None, name="send_get_request", args=[url], kwargs={"params": {"q": "你"}}),
                step(3, "S", "accept"),
                step(
                    4,
                    "S",
                    "receive",
                    data=data(
                        b"GET /missing?q=%E4%BD%A0 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
                        b"User-Agent: python-requests/2\r\n"
                        b"Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n"
                    ),
                    ending="complete",
                ),
                step(5, "S", "send", data=data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
                step(6, "S", "close"),
                step(
                    7,
                    "P",
                    "return",
                    name="send_get_request",
                    value=RESPONSE,
                ),
            ],
            side(value=None),
            side(value=RESPONSE),
            functions("requests_get"),
        ),
        replay="replay/requests_get-gives_none_for_an_error_status.py",
        output="404\n",
    )


def raised() -> Json:
    return check(
        "never_raises",
        "core",
        "fail",
        10,
        text("连不上时返回 False，不抛异常。", "Where nobody listens connect gives False and raises nothing."),
        story=story(
            [
                step(1, "P", "call", target=None, name="TCPClient", args=[], kwargs={"port": 9}, new=True),
                step(2, "P", "call", target="TCPClient", name="connect", args=[], kwargs={}, new=False),
                step(3, "P", "return", raised={"type": "ConnectionRefusedError", "message": "[Errno 111]"}),
            ],
            side(value=False),
            side(text=text("ConnectionRefusedError: [Errno 111]", "ConnectionRefusedError: [Errno 111]")),
            functions("tcp_client"),
        ),
        replay="replay/tcp_client-never_raises.py",
    )


RESPONSE = {"$": "object", "type": "requests.models.Response", "repr": "<Response [404]>"}
SYNTAX_ERROR = """\
  File "examples/udp_server.py", line 12
    def start(self)
                   ^
SyntaxError: expected ':'
"""
TCP = text("TCP 服务器", "TCP server")


def mixed() -> Json:
    """A submission in the middle of the work: every verdict occurs."""
    return document(
        [
            unit(
                "tcp_server",
                "21.2.1.1",
                TCP,
                [
                    check("answers_a_text", "core", "pass", 20, text("每段文字都有回答。", "Every text is answered.")),
                    silent_second_client(),
                    check(
                        "stops_on_ctrl_c",
                        "core",
                        "inconclusive",
                        6,
                        text("Ctrl+C 之后 2 秒内结束。", "Ends within 2 s of Ctrl+C."),
                        reason=text(
                            "机器太忙，三次都没有结论", "the machine was too busy, no conclusion after three tries"
                        ),
                    ),
                    check(
                        "restarts", "core", "pass", 30, text("同一端口可以马上再启动。", "Restarts on the same port.")
                    ),
                    split_character(),
                    flood(),
                    check(
                        "serves_200_idle_clients",
                        "robust",
                        "skipped",
                        10,
                        text("200 个客户端同时在线。", "200 idle clients."),
                        reason=text(
                            "需要先通过「几个客户端同时在线，各收各的回答」",
                            "needs “Several clients at once” to pass first",
                        ),
                        needs="serves_several_clients_at_once",
                        cases=0,
                    ),
                    check(
                        "survives_a_reset",
                        "robust",
                        "broken",
                        6,
                        text("有人强行断开之后照常服务。", "Goes on after a reset."),
                        traceback="Traceback (most recent call last):\n  File \"session.py\", line 3\nKeyError: 'A'\n",
                    ),
                ],
            ),
            unit(
                "tcp_client",
                "21.2.1.2",
                text("TCP 客户端", "TCP client"),
                [
                    check("sends", "core", "pass", 90, text("发送的字节准确无误。", "The exact bytes are sent.")),
                    raised(),
                ],
            ),
            unit(
                "udp_server",
                "21.2.2.1",
                text("UDP 服务器", "UDP server"),
                [],
                score=0,
                problem={
                    "zh": "examples/udp_server.py 第 12 行有语法错误: invalid syntax",
                    "en": "examples/udp_server.py has a syntax error in line 12: invalid syntax",
                    "output": SYNTAX_ERROR,
                },
            ),
            unit(
                "requests_get",
                "21.3.2",
                text("requests 的 GET", "GET with requests"),
                [
                    check("sends_the_request", "core", "pass", 90, text("请求准确无误。", "The request is exact.")),
                    wrong_return(),
                    check(
                        "shows_a_window",
                        "bonus",
                        "unavailable",
                        5,
                        text("窗口里能输入。", "A window takes input."),
                        reason=text("这台机器没有显示器", "this machine has no display"),
                        cases=0,
                    ),
                ],
            ),
        ]
    )


def untouched() -> Json:
    """The stub: the first check of every unit fails, the others need it."""

    def stub(name: str, section: str) -> Json:
        first = check(
            "answers_a_text",
            "core",
            "fail",
            20,
            text("每段文字都有回答。", "Every text is answered."),
            diagnosis={
                "code": "program.todo",
                "title": text("这里还没有写", "not written yet"),
                "hint": text(
                    "从 __init__ 开始：文件里的 TODO 就是任务。", "Start with __init__: the TODOs are the task."
                ),
            },
            story=story(
                [
                    start(1),
                    step(2, "P", "return", raised={"type": "NotImplementedError", "message": "TODO: 保存参数"}),
                ],
                side(text=text("服务器在端口上等候", "the server listens")),
                side(text=text("NotImplementedError: TODO: 保存参数", "NotImplementedError: TODO: 保存参数")),
                TCP_SETUP,
            ),
        )
        needs = text("需要先通过「每段文字都有回答」", "needs “Every text is answered” to pass first")
        rest = [
            check(
                f"check_{n}",
                "core",
                "skipped",
                8,
                text(f"第 {n} 项。", f"Check {n}."),
                reason=needs,
                needs="answers_a_text",
            )
            for n in range(10)
        ]
        return unit(name, section, TCP, [first, *rest])

    return document([stub("tcp_server", "21.2.1.1"), stub("udp_server", "21.2.2.1")])


def perfect() -> Json:
    checks = [check(f"check_{n}", "core", "pass", 10, text(f"第 {n} 项。", f"Check {n}.")) for n in range(10)]
    return document(
        [unit("tcp_server", "21.2.1.1", TCP, [*checks, check("extra", "bonus", "pass", 10, text("附加。", "Extra."))])]
    )


HOSTILE = (
    "\x1b[2J\x1b]0;pwned\x07\x9b31m\u202egnp.exe\u2066\r\n::error::x\n]]>&<b>\x00\ud800\u0301\u0301\u0301\u0301\ufffe"
)


def hostile() -> Json:
    """Everything that a submission can put into a result, with what terminals, XML and CI logs obey."""
    raw = HOSTILE.encode("utf-8", "surrogatepass") + b"\xff"
    bad = check(
        "answers_a_text",
        "core",
        "fail",
        20,
        text("每段文字都有回答。", "Every text is answered."),
        diagnosis={
            "code": "tcp.wrong_answer",
            "title": text(HOSTILE, HOSTILE),
            "hint": text(HOSTILE, HOSTILE),
        },
        story=story(
            [
                step(1, "A", "connect", label=text(HOSTILE, HOSTILE)),
                step(2, "A", "send", data=data(raw)),
                step(3, "P", "call", target="client", name="send", args=[HOSTILE], kwargs={"x": HOSTILE}),
                step(4, "P", "return", raised={"type": HOSTILE, "message": HOSTILE}),
                step(5, "A", "receive", data=data(raw)),
            ],
            side(text=text(HOSTILE, HOSTILE), bytes=data(b"x")),
            side(bytes=data(raw)),
            TCP_SETUP,
            note=text(HOSTILE, HOSTILE),
        ),
        output=HOSTILE * 50,
    )
    problem = {"zh": HOSTILE, "en": HOSTILE, "output": HOSTILE}
    return document(
        [unit("tcp_server", "21.2.1.1", TCP, [bad]), unit("udp_server", "21.2.2.1", TCP, [], problem=problem, score=0)],
        submission=HOSTILE,
    )


ALL = {"mixed": mixed, "untouched": untouched, "perfect": perfect, "hostile": hostile}
