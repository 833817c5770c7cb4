"""One story of each kind, with a small program that fails it as recorded and one that answers as wanted."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.sinks.documents import PREFIX, TCP_SETUP, data, functions, side, start, step, story, text


class Case(NamedTuple):
    """A story, the file it is about, and the two programs."""

    story: dict[str, Any]
    file: str
    wrong: str
    right: str
    shown: str = ""


TCP = """
import codecs, socket, threading

class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host, self.port = host, port

    def start(self):
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((self.host, self.port))
            server.listen()
            try:
                while True:
                    client, _ = server.accept()
                    print("a client", flush=True)
                    ACCEPTED
            except KeyboardInterrupt:
                INTERRUPTED

def answer(client):
    decoder = codecs.getincrementaldecoder("utf-8")(DECODER)
    while data := client.recv(1024):
        piece = DECODE
        if piece:
            client.sendall(("已收到您的消息: " + piece).encode())
"""


def tcp_program(
    accepted: str = "threading.Thread(target=answer, args=(client,), daemon=True).start()",
    decode: str = "decoder.decode(data)",
    interrupted: str = "pass",
) -> str:
    source = TCP.replace("ACCEPTED", accepted).replace("DECODER", "").replace("DECODE", decode)
    return source.replace("INTERRUPTED", interrupted)


def tcp(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    """The server's start, and these steps behind it, numbered."""
    return numbered(start(1), *steps)


def tcp_with(options: dict[str, Any], *steps: dict[str, Any]) -> list[dict[str, Any]]:
    """The same with these arguments."""
    return numbered(start(1, **options), *steps)


def numbered(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**step, "n": number} for number, step in enumerate(steps, 1)]


def peer(actor: str, kind: str, **more: Any) -> dict[str, Any]:
    return step(0, actor, kind, **({"port": 8888} if kind == "connect" else {}), **more)


def program(kind: str, **more: Any) -> dict[str, Any]:
    return step(0, "P", kind, **more)


def new(cls: str, **kwargs: Any) -> dict[str, Any]:
    return program("call", target=None, name=cls, args=[], kwargs=kwargs, new=True)


def call(name: str, *args: Any, target: str | None = None, **kwargs: Any) -> dict[str, Any]:
    return program("call", target=target, name=name, args=list(args), kwargs=kwargs, new=False)


NOTHING = data(b"")

ECHO_RIGHT = tcp_program()
ECHO_OF_YOU = PREFIX + "你".encode()

CASES: dict[str, Case] = {}

CASES["a character cut in two"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("A", "send", data=data(b"\xe4\xbd")),
            peer("A", "send", data=data(b"\xa0"), pause_before=0.05),
            peer("A", "receive", data=data(PREFIX + "\ufffd".encode()), ending="complete"),
        ),
        side(bytes=data(ECHO_OF_YOU)),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program(decode='data.decode("utf-8", "replace")'),
    ECHO_RIGHT,
    "ef bf bd",
)

MADE_HOST = "def made():\n    return module.TCPServer().host\nhost = made()"

CASES["an argument made by code that knows the module"] = Case(
    story(
        tcp_with(
            {"host": {"$": "python", "name": "host", "source": MADE_HOST}},
            peer("A", "connect"),
            peer("A", "send", data=data(b"0")),
            peer("A", "receive", data=data(b"0"), ending="complete"),
        ),
        side(bytes=data(PREFIX + b"0")),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program().replace('"已收到您的消息: " + ', ""),
    ECHO_RIGHT,
    "return module.TCPServer().host",
)

CASES["judged by an expression"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("A", "send", data=data(b"ab")),
            peer("A", "receive", data=data(b"ab"), ending="complete"),
        ),
        side(text=text("每段前面都有前缀", "a prefix before every piece"), python=f"got == {PREFIX + b'ab'!r}"),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program().replace('"已收到您的消息: " + ', ""),
    ECHO_RIGHT,
    "每段前面都有前缀",
)

CASES["the second client waits"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("B", "connect"),
            peer("B", "send", data=data(b"0")),
            peer("B", "receive", data=NOTHING, ending="silence"),
        ),
        side(bytes=data(PREFIX + b"0")),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program(accepted="answer(client)"),
    ECHO_RIGHT,
    "什么也没有来",
)

CASES["a mebibyte, read as it is sent"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("A", "send", data=data(b"0123456789abcdef" * 65536)),
            peer("A", "half_close"),
            peer("A", "receive", data=data(b"x"), ending="reset"),
        ),
        side(python=f"got.replace({PREFIX!r}, b'') == {b'0123456789abcdef'!r} * 65536"),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program(accepted="client.recv(10); client.close()"),
    ECHO_RIGHT.replace("            client.sendall", "            client.sendall").rstrip() + "\n    client.close()\n",
)

CASES["does not start"] = Case(
    story(
        tcp(program("return", raised={"type": "NotImplementedError", "message": "TODO"})),
        side(text=text("服务器开始监听", "it listens"), event="listening"),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    'class TCPServer:\n    def __init__(self, **kwargs):\n        raise NotImplementedError("TODO")\n',
    ECHO_RIGHT,
    "NotImplementedError",
)

CASES["restarts after a kill"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("A", "send", data=data(b"x")),
            peer("A", "receive", data=data(PREFIX + b"x"), ending="complete"),
            program("kill"),
            start(0),
            program("stopped", label=text("start() 返回了", "start() returned")),
        ),
        side(event="listening"),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    ECHO_RIGHT.replace("server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)", "pass"),
    ECHO_RIGHT,
    "没有开始监听",
)

CASES["Ctrl+C"] = Case(
    story(
        tcp(peer("A", "connect"), program("interrupt"), program("silence")),
        side(event="stopped"),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program(interrupted="__import__('time').sleep(60)"),
    ECHO_RIGHT,
    "还在运行",
)

CASES["closes where it should answer"] = Case(
    story(
        tcp(
            peer("A", "connect"),
            peer("A", "send", data=data(b"a")),
            peer("A", "receive", data=NOTHING, ending="end"),
        ),
        side(bytes=data(PREFIX + b"a")),
        None,
        TCP_SETUP,
    ),
    "tcp_server.py",
    tcp_program(accepted="client.recv(1024); client.close()"),
    ECHO_RIGHT,
    "连接被关闭",
)

UDP = """
import socket

class UDPServer:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def start(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind((self.host, self.port))
            while True:
                data, sender = server.recvfrom(65535)
                WHEN server.sendto("已收到您的消息: ".encode() + data, sender)
"""


def udp(*steps: dict[str, Any]) -> dict[str, Any]:
    """These steps behind the server's start, and A's socket; at the last of them the prefix was wanted."""
    serving = program("start", kwargs={"host": "127.0.0.1", "port": 8888}, **{"class": "UDPServer", "method": "start"})
    setup = {**TCP_SETUP, "unit": "udp_server", "file": "examples/udp_server.py", "transport": "udp"}
    return story(
        numbered(serving, peer("A", "open", port=41000, to=8888), *steps), side(bytes=data(PREFIX)), None, setup
    )


CASES["an empty datagram"] = Case(
    udp(peer("A", "send", data=NOTHING), peer("A", "silence")),
    "udp_server.py",
    UDP.replace("WHEN", "if data:"),
    UDP.replace("WHEN ", ""),
    "什么也没有来",
)

# The recorded program has not answered "late" before it ended; one that is right answers both.
CASES["a late answer before the wanted one"] = Case(
    udp(peer("A", "send", data=data(b"late")), peer("A", "send", data=NOTHING), peer("A", "silence")),
    "udp_server.py",
    UDP.replace("WHEN", "if data:"),
    UDP.replace("WHEN ", ""),
    "什么也没有来",
)

CLIENT = """
import socket

class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host, self.port, self.client_socket = host, port, None

    def connect(self):
        try:
            self.client_socket = socket.create_connection((self.host, self.port))
        except OSError as error:
            print("no:", error)
            FAILED
        return True

    def send(self, text):
        self.client_socket.sendall(text.encode("CODEC"))
        return True
"""

CASES["a client that raises"] = Case(
    story(
        numbered(
            new("TCPClient", port=9),
            call("connect", target="TCPClient"),
            program("return", raised={"type": "ConnectionRefusedError", "message": "refused"}),
        ),
        side(value=False, event="return"),
        None,
        functions("tcp_client"),
    ),
    "tcp_client.py",
    CLIENT.replace("FAILED", "raise").replace("CODEC", "utf-8"),
    CLIENT.replace("FAILED", "return False").replace("CODEC", "utf-8"),
    "ConnectionRefusedError",
)

CASES["what a client sends"] = Case(
    story(
        numbered(
            peer("S", "listen", port=15678),
            new("TCPClient", port=15678),
            call("connect", target="TCPClient"),
            program("return", name="connect", value=True),
            peer("S1", "accept", listener="S"),
            call("send", "你", target="TCPClient"),
            peer("S1", "receive", data=data("你".encode("gbk")), ending="complete"),
        ),
        side(bytes=data("你".encode())),
        None,
        functions("tcp_client"),
    ),
    "tcp_client.py",
    CLIENT.replace("FAILED", "raise").replace("CODEC", "gbk"),
    CLIENT.replace("FAILED", "raise").replace("CODEC", "utf-8"),
    "c4 e3",
)

GET = """
import urllib.request

def send_get_request(url, headers=None, timeout=10):
    try:
        response = urllib.request.urlopen(url, timeout=timeout)
        print(response.status)
        return response
    except OSError as error:
        FAILED
"""

CASES["an error status"] = Case(
    story(
        numbered(
            peer("S", "listen", port=15679),
            call("send_get_request", "http://127.0.0.1:15679/"),
            peer("S", "accept", listener="S"),
            peer("S", "receive", data=data(b"GET / HTTP/1.1\r\n\r\n"), ending="complete"),
            peer("S", "send", data=data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
            peer("S", "close"),
            program(
                "return", name="send_get_request", value={"$": "object", "type": "HTTPError", "repr": "<HTTPError>"}
            ),
        ),
        side(value=None),
        None,
        functions("urllib_get"),
    ),
    "urllib_get.py",
    GET.replace("FAILED", "return error"),
    GET.replace("FAILED", "return None"),
    "HTTPError",
)

TRIES_FIRST = GET.replace("import urllib.request", "import socket, urllib.request").replace(
    "    try:\n",
    "    try:\n"
    "        port = int(url.split(':')[2].split('/')[0])\n"
    "        socket.create_connection(('127.0.0.1', port), timeout).close()\n",
)

CASES["a client that tries the port first"] = Case(
    story(
        numbered(
            peer("S", "listen", port=15683),
            call("send_get_request", "http://127.0.0.1:15683/"),
            peer("S", "accept", listener="S"),
            peer("S", "end", ending="end"),
            peer("S", "close"),
            peer("S", "accept", listener="S"),
            peer("S", "receive", data=data(b"GET / HTTP/1.1\r\n\r\n"), ending="complete"),
            peer("S", "send", data=data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
            peer("S", "close"),
            program(
                "return", name="send_get_request", value={"$": "object", "type": "HTTPError", "repr": "<HTTPError>"}
            ),
        ),
        side(value=None),
        None,
        functions("urllib_get"),
    ),
    "urllib_get.py",
    TRIES_FIRST.replace("FAILED", "return error"),
    TRIES_FIRST.replace("FAILED", "return None"),
    "HTTPError",
)

CASES["a function that ends the process"] = Case(
    story(
        numbered(
            call("send_get_request", "foo:"),
            program("stopped", label=text("进程自己结束了", "the process ended itself")),
        ),
        side(text=text("程序继续运行", "it goes on running"), event="return"),
        None,
        functions("urllib_get"),
    ),
    "urllib_get.py",
    "import os\n\ndef send_get_request(url):\n    os._exit(0)\n",
    "def send_get_request(url):\n    return None\n",
    "程序结束了整个进程",
)

FLASK = """
import flask

app = flask.Flask(__name__)

@app.route("/api/submit", methods=["POST"])
def submit():
    return flask.jsonify(message="Hello, " + GREETED + "!")
"""
FORM = b"name=%E4%BD%A0"

CASES["a Flask app"] = Case(
    story(
        numbered(
            program("start", kwargs={"host": "127.0.0.1", "port": 15000}, app="app", factory=False),
            peer("A", "connect") | {"port": 15000},
            peer(
                "A",
                "send",
                data=data(
                    b"POST /api/submit HTTP/1.1\r\nHost: 127.0.0.1:15000\r\nConnection: close\r\n"
                    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\n" + FORM
                ),
            ),
            peer("A", "receive", data=data(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), ending="complete"),
        ),
        side(python="json.loads(HttpMessage(got).body)['message'] == 'Hello, 你!'", text=text("问候 你", "greets 你")),
        None,
        {"unit": "flask_app", "file": "examples/flask_app.py", "kind": "wsgi", "app": "app", "factory": False},
    ),
    "flask_app.py",
    FLASK.replace("GREETED", '"World"'),
    FLASK.replace("GREETED", 'flask.request.form["name"]'),
    "问候 你",
)

SCRIPT = """
import socket

with socket.create_connection(("127.0.0.1", 15680)) as server:
    while (line := input("> ")) != "quit":
        server.sendall(line.encode())
        print(PRINTED)
"""

CASES["a script with a keyboard"] = Case(
    story(
        numbered(
            peer("S", "listen", port=15680),
            program("run", arguments=[]),
            peer("S", "accept", listener="S"),
            program("stdin", data=data("你好\n".encode())),
            peer("S", "receive", data=data("你好".encode()), ending="complete"),
            peer("S", "send", data=data("答".encode())),
            program("printed", data=data(b"> ")),
        ),
        side(text=text("打印回答", "prints the answer"), python="'答' in got"),
        None,
        functions("tcp_client"),
    ),
    "tcp_client.py",
    SCRIPT.replace("PRINTED", "line"),
    SCRIPT.replace("PRINTED", "server.recv(1024).decode()"),
    "打印回答",
)
