"""The WebSocket server's reference: met by the `websockets` client, by 200 of them, and by people in a real browser."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets.asyncio.client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from graders.core.wire.ports import free_port
from graders.sandbox.browser import Page, open_browser
from tests.reference.serving import needs_chromium, running

SCRIPT = Path(__file__).parents[2] / "reference" / "challenges" / "websocket_server.py"


class Served:
    """The script in a process of its own; what is pushed goes in by its console."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port("tcp")
        self.guests = contextlib.ExitStack()
        command = [str(SCRIPT), "--host", "127.0.0.1", "--port", str(self.port), "--push"]
        self.process = self.guests.enter_context(running(command, self.port, stdin=subprocess.PIPE))

    def push(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()

    def kill(self) -> None:
        self.guests.close()

    def connect(self, path: str) -> ClientConnection:
        """A client, closed with the server at the latest."""
        return self.guests.enter_context(connect(f"ws://127.0.0.1:{self.port}{path}", open_timeout=10))

    def join(self, name: str) -> Member:
        member = Member(self.connect("/chat"))
        member.say(type="join", name=name)
        assert member.hear() == {"type": "join", "name": name}
        return member


class Member:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **event: Any) -> None:
        self.connection.send(json.dumps(event))

    def hear(self) -> Any:
        return json.loads(self.connection.recv(timeout=10))


@contextlib.contextmanager
def serving() -> Iterator[Served]:
    served = Served()
    try:
        yield served
    finally:
        served.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving() as served:
        yield served


# --- with the websockets client


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 2**20])
def test_echoes_messages_of_every_kind_of_length(server: Served, size: int) -> None:
    echo = server.connect("/echo")
    for message in (os.urandom(size), "x" * (size % 3) + "汉" * (size // 3)):
        echo.send(message)
        assert echo.recv(timeout=10) == message


def test_puts_a_thousand_fragments_together_and_answers_a_ping_between_them(server: Served) -> None:
    text = "你好，😀" * 200
    data = text.encode()

    def fragments() -> Iterator[bytes]:
        for start in range(0, len(data), len(data) // 999):
            yield data[start : start + len(data) // 999]
            if start % 50 == 0:
                assert echo.ping(f"at {start}").wait(10)

    echo = server.connect("/echo")
    echo.send(fragments(), text=True)
    assert echo.recv(timeout=10) == text


def test_closes_a_connection_that_sends_too_much(server: Served) -> None:
    echo = server.connect("/echo")
    with contextlib.suppress(ConnectionClosed):
        echo.send(iter([bytes(2**19), bytes(2**19), b"1"]))
    with pytest.raises(ConnectionClosed) as closed:
        echo.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("path", ["/", "/chat/", "/nothing"])
def test_has_no_websocket_elsewhere(server: Served, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        server.connect(path)
    assert refused.value.response.status_code == (200 if path == "/" else 404)


def test_tells_a_plain_request_how_to_come_instead(server: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/chat")
    answer = connection.getresponse()
    answer.read()
    assert (answer.status, answer.getheader("Sec-WebSocket-Version")) == (426, "13")


def test_passes_on_what_members_say(server: Served) -> None:
    ann, ming = server.join("Ann"), server.join("小明")
    assert ann.hear() == {"type": "join", "name": "小明"}
    ann.say(type="message", text="大家好")
    ming.say(type="message", text="你好")
    assert [ann.hear() for _ in range(2)] == [ming.hear() for _ in range(2)]
    ming.say(type="direct", to="Ann", text="只给你")
    assert ann.hear() == ming.hear() == {"type": "direct", "name": "小明", "to": "Ann", "text": "只给你"}
    ming.say(type="direct", to="小明", text="记一下")
    ming.say(type="direct", to="nobody", text="?")
    assert [ming.hear()["type"] for _ in range(2)] == ["direct", "error"]
    server.push("五分钟后休息")
    assert ann.hear() == ming.hear() == {"type": "push", "text": "五分钟后休息"}
    ming.say(type="leave")
    assert ann.hear() == {"type": "leave", "name": "小明"}
    with pytest.raises(ConnectionClosed):
        ming.hear()
    ann.connection.close()


def test_refuses_a_taken_name(server: Served) -> None:
    ann = server.join("Ann")
    other = Member(server.connect("/chat"))
    other.say(type="join", name=" Ann ")
    assert other.hear()["type"] == "error"
    with pytest.raises(ConnectionClosed):
        other.hear()
    ann.connection.close()


def test_a_member_that_does_not_read_delays_nobody(server: Served) -> None:
    """Its system's buffers fill up, then the server's, then it is gone; Ann talks on all the while."""
    deaf = socket.create_connection(("127.0.0.1", server.port), 10)
    key = base64.b64encode(bytes(16)).decode()
    deaf.sendall(
        f"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    join = b'{"type":"join","name":"deaf"}'
    deaf.sendall(bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join)  # a mask of zeros changes nothing
    heard = b""
    while b'"deaf"' not in heard:
        heard += (piece := deaf.recv(1000))
        assert piece, heard
    ann = server.join("Ann")
    slowest = 0.0
    for _ in range(1000):
        began = time.monotonic()
        ann.say(type="message", text="x" * 60_000)
        event = ann.hear()
        slowest = max(slowest, time.monotonic() - began)
        if event["type"] == "leave":
            break
    assert event == {"type": "leave", "name": "deaf"}
    assert slowest < 2
    deaf.close()
    ann.connection.close()


def test_two_hundred_clients_lose_nothing_of_fifty_broadcasts(server: Served) -> None:
    names = [f"client {number}" for number in range(200)]
    texts = [f"text {number}" for number in range(50)]

    async def talk(client: websockets.asyncio.client.ClientConnection, number: int) -> list[str]:
        """Once all are in, one in four says something; everybody notes what is said."""
        await client.send(json.dumps({"type": "join", "name": names[number]}))
        while json.loads(await client.recv()) != {"type": "join", "name": names[-1]}:
            pass
        if number % 4 == 0:
            await client.send(json.dumps({"type": "message", "text": texts[number // 4]}))
        return [json.loads(await client.recv())["text"] for _ in texts]

    async def converse() -> None:
        listening = []
        async with contextlib.AsyncExitStack() as clients:
            for number in range(len(names)):
                # No limit for the queue: a client that does not read while 200 leave would not see its own Close.
                address = f"ws://127.0.0.1:{server.port}/chat"
                opening = websockets.asyncio.client.connect(address, compression=None, max_queue=None)
                client = await clients.enter_async_context(opening)
                listening.append(asyncio.create_task(talk(client, number)))
            heard = await asyncio.gather(*listening)
            assert sorted(heard[0]) == sorted(texts)
            assert all(one == heard[0] for one in heard)

    asyncio.run(asyncio.wait_for(converse(), 60))


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one process here")
def test_says_goodbye_on_ctrl_c() -> None:
    with serving() as served:
        ann = served.join("Ann")
        silent = socket.create_connection(("127.0.0.1", served.port), 10)
        began = time.monotonic()
        served.process.send_signal(signal.SIGINT)
        with pytest.raises(ConnectionClosed) as closed:
            ann.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert served.process.wait(10) == 0
        assert time.monotonic() - began < 5
        silent.close()


# --- in a browser


class Person:
    """Somebody before the page, with the keyboard and the mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wait_for("document.readyState === 'complete' && document.querySelector('#join')")

    def wait_for(self, expression: str) -> None:
        deadline = time.monotonic() + 20
        while not self.page.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < deadline, f"{expression} is not true after 20 s: {self.messages()!r}"
            time.sleep(0.02)

    def wait_to_read(self, text: str) -> None:
        self.wait_for(f"document.querySelector('#messages').textContent.includes({json.dumps(text)})")

    def messages(self) -> str:
        return self.page.text("#messages")

    def click(self, selector: str) -> None:
        x, y = self.page.evaluate(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"(document.querySelector('{selector}').getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.page.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        self.page.ask("Input.insertText", text=text)

    def press_enter(self) -> None:
        for kind in ("keyDown", "keyUp"):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            self.page.ask("Input.dispatchKeyEvent", type=kind, **key)


@needs_chromium
def test_two_people_chat_in_a_browser() -> None:
    markup = "<img src=x onerror=\"document.title = 'fooled'\"><script>document.title = 'fooled'</script>"
    with serving() as served, contextlib.ExitStack() as at_the_end:
        browser = at_the_end.enter_context(open_browser())
        ann, ming = (Person(browser.open(f"http://127.0.0.1:{served.port}/")) for _ in range(2))

        ann.click("#name")
        ann.type("Ann <b>")
        ann.click("#join")
        ann.wait_to_read("Ann <b> 加入了")
        ming.type("小明")  # the page has put the cursor where the name goes
        ming.press_enter()
        ming.wait_to_read("小明 加入了")
        ann.wait_to_read("小明 加入了")
        assert "Ann" not in ming.messages()  # he was not there when she came

        for said in ("大家好", markup):
            ann.type(said)
            ann.press_enter()
            ming.wait_to_read(said)
            ann.wait_to_read(said)
        ming.click("#text")
        ming.type("你好，Ann")
        ming.click("#send")
        ann.wait_to_read("你好，Ann")

        third = served.join("Third")
        ming.page.evaluate("document.querySelector('#to').value = 'Ann <b>'")
        ming.type("只给你")
        ming.press_enter()
        ann.wait_to_read("只给你")
        served.push("五分钟后休息")
        for person in (ann, ming):
            person.wait_to_read("五分钟后休息")
        assert third.hear()["type"] == "push"  # and has not heard what is private
        third.connection.close()

        # Many lines: the last one is in view; nothing was taken for markup, and nothing came twice.
        ann.page.evaluate(
            "for (let i = 1; i <= 30; i++)"
            " { document.querySelector('#text').value = `第 ${i} 行`; document.querySelector('#send').click(); }"
        )
        for person in (ann, ming):
            person.wait_to_read("第 30 行")
            box = "document.querySelector('#messages')"
            person.wait_for(f"{box}.scrollTop + {box}.clientHeight > {box}.scrollHeight - 5")
            assert person.messages().count("大家好") == 1
            fooled = "document.title.includes('fooled') || document.querySelectorAll('#messages img').length"
            assert person.page.evaluate(fooled) == 0
        if folder := os.environ.get("PICTURES"):
            Path(folder, "chat.png").write_bytes(ann.page.picture() or b"")
            Path(folder, "chat-other.png").write_bytes(ming.page.picture() or b"")

        # The server goes down: both are told, and come back when it is up again.
        served.kill()
        for person in (ann, ming):
            person.wait_for("document.querySelector('#state').textContent.includes('断开')")
        again = Served(served.port)
        at_the_end.callback(again.kill)
        ann.click("#join")
        ann.wait_for("document.querySelector('#state').textContent.includes('已连接')")
        ming.press_enter()
        ann.wait_for("document.querySelector('#messages').lastChild.textContent.includes('小明')")
        ming.click("#leave")
        ann.wait_to_read("小明 离开了")
