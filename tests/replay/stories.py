"""One story of each kind, with a small program that fails it as recorded and one that answers as wanted."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.sinks.documents import PREFIX, data, side, step, story, tcp_setup, text


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


def functions(unit: str, *more: Any) -> dict[str, Any]:
    return {"unit": unit, "file": f"examples/{unit}.py", "kind": "functions"}


ECHO_RIGHT = tcp_program()
ECHO_OF_YOU = PREFIX + "你".encode()

CASES: dict[str, Case] = {}

CASES["a character cut in two"] = Case(
    story(
        [
            step(1, "A", "connect"),
            step(2, "A", "send", data=data(b"\xe4\xbd")),
            step(3, "A", "send", data=data(b"\xa0"), pause_before=0.05),
            step(4, "A", "receive", data=data(PREFIX + "\ufffd".encode())),
        ],
        side(bytes=data(ECHO_OF_YOU)),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program(decode='data.decode("utf-8", "replace")'),
    ECHO_RIGHT,
    "ef bf bd",
)

CASES["judged by an expression"] = Case(
    story(
        [
            step(1, "A", "connect"),
            step(2, "A", "send", data=data(b"ab")),
            step(3, "A", "receive", data=data(b"ab")),
        ],
        side(text=text("每段前面都有前缀", "a prefix before every piece"), python=f"got == {PREFIX + b'ab'!r}"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program().replace('"已收到您的消息: " + ', ""),
    ECHO_RIGHT,
    "每段前面都有前缀",
)

CASES["the second client waits"] = Case(
    story(
        [
            step(1, "A", "connect"),
            step(2, "B", "connect"),
            step(3, "B", "send", data=data(b"0")),
            step(4, "B", "silence", seconds=1.0),
        ],
        side(bytes=data(PREFIX + b"0")),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program(accepted="answer(client)"),
    ECHO_RIGHT,
    "什么也没有来",
)

CASES["a mebibyte, read as it is sent"] = Case(
    story(
        [
            step(1, "A", "connect"),
            step(2, "A", "send", data=data(b"0123156789abcdef" * 65536)),
            step(3, "A", "half_close"),
            step(4, "A", "receive", data=data(b"x"), until="end"),
        ],
        side(python=f"got.replace({PREFIX!r}, b'') == {b'0123156789abcdef'!r} * 65536"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program(accepted="client.recv(10); client.close()"),
    ECHO_RIGHT.replace("            client.sendall", "            client.sendall").rstrip() + "\n    client.close()\n",
)

CASES["does not start"] = Case(
    story(
        [step(1, "P", "start"), step(2, "P", "stopped")],
        side(text=text("服务器开始监听", "it listens"), event="listening"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    'class TCPServer:\n    def __init__(self, **kwargs):\n        raise NotImplementedError("TODO")\n',
    ECHO_RIGHT,
    "NotImplementedError",
)

CASES["restarts after a kill"] = Case(
    story(
        [
            step(1, "P", "start"),
            step(2, "P", "listening"),
            step(3, "A", "connect"),
            step(4, "A", "send", data=data(b"x")),
            step(5, "A", "receive", data=data(PREFIX + b"x"), until=f"bytes:{len(PREFIX) + 1}"),
            step(6, "P", "kill"),
            step(7, "P", "start"),
            step(8, "P", "stopped"),
        ],
        side(event="listening"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    ECHO_RIGHT.replace("server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)", "pass"),
    ECHO_RIGHT,
    "没有开始监听",
)

CASES["Ctrl+C"] = Case(
    story(
        [step(1, "A", "connect"), step(2, "P", "interrupt", pause_before=0.3), step(3, "P", "stopped", seconds=1.5)],
        side(event="stopped"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program(interrupted="__import__('time').sleep(60)"),
    ECHO_RIGHT,
    "还在运行",
)

CASES["closes where it should answer"] = Case(
    story(
        [step(1, "A", "connect"), step(2, "A", "send", data=data(b"\xff")), step(3, "A", "end", how="end")],
        side(event="silence"),
        None,
        tcp_setup(),
    ),
    "tcp_server.py",
    tcp_program(accepted="client.recv(1024); client.close()"),
    tcp_program(accepted="clients = globals().setdefault('clients', []); clients.append(client)"),
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

CASES["an empty datagram"] = Case(
    story(
        [step(1, "A", "connect"), step(2, "A", "send", data=data(b"")), step(3, "A", "silence", seconds=1.0)],
        side(bytes=data(PREFIX)),
        None,
        {
            "unit": "udp_server",
            "file": "examples/udp_server.py",
            "kind": "server",
            "transport": "udp",
            "start": {"class": "UDPServer", "method": "start", "kwargs": {"host": "127.0.0.1", "port": 8888}},
        },
    ),
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
        [
            step(1, "P", "call", name="TCPClient", args=[], kwargs={"port": 9}, **{"as": "client"}),
            step(2, "P", "return", call=1, value=None),
            step(3, "P", "call", target="client", name="connect", args=[], kwargs={}),
            step(4, "P", "return", call=3, raised={"type": "ConnectionRefusedError", "message": "refused"}),
        ],
        side(value=False),
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
        [
            step(1, "S", "listen", host="127.0.0.1", port=15678),
            step(2, "P", "call", name="TCPClient", args=[], kwargs={"port": 15678}, **{"as": "client"}),
            step(3, "P", "return", call=2, value=None),
            step(4, "P", "call", target="client", name="connect", args=[], kwargs={}),
            step(5, "P", "return", call=4, value=True),
            step(6, "S", "accept"),
            step(7, "P", "call", target="client", name="send", args=["你"], kwargs={}),
            step(8, "S", "receive", data=data("你".encode("gbk"))),
        ],
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
        [
            step(1, "S", "listen", host="127.0.0.1", port=15679),
            step(2, "P", "call", name="send_get_request", args=["http://127.0.0.1:15679/"], kwargs={}),
            step(3, "S", "accept"),
            step(4, "S", "receive", data=data(b"GET / HTTP/1.1\r\n\r\n"), until="http"),
            step(5, "S", "send", data=data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
            step(6, "S", "close"),
            step(7, "P", "return", call=2, value={"$": "object", "type": "HTTPError", "repr": "<HTTPError 404>"}),
        ],
        side(value=None),
        None,
        functions("urllib_get"),
    ),
    "urllib_get.py",
    GET.replace("FAILED", "return error"),
    GET.replace("FAILED", "return None"),
    "HTTPError",
)

CASES["a function that ends the process"] = Case(
    story(
        [
            step(1, "P", "call", name="send_get_request", args=["foo:"], kwargs={}),
            step(2, "P", "return", call=1, value=None),
        ],
        side(value=None),
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
        [
            step(1, "A", "connect"),
            step(
                2,
                "A",
                "send",
                data=data(
                    b"POST /api/submit HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nConnection: close\r\n"
                    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\n" + FORM
                ),
            ),
            step(3, "A", "receive", data=data(b"HTTP/1.1 200 OK\r\n\r\n{}"), until="http"),
        ],
        side(python="status == 200 and json.loads(body)['message'] == 'Hello, 你!'", text=text("问候 你", "greets 你")),
        None,
        {
            "unit": "flask_app",
            "file": "examples/flask_app.py",
            "kind": "wsgi",
            "start": {"name": "app", "host": "127.0.0.1", "port": 5000},
        },
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
        [
            step(1, "S", "listen", host="127.0.0.1", port=15680),
            step(2, "P", "start"),
            step(3, "S", "accept"),
            step(4, "P", "stdin", data=data("你好\n".encode())),
            step(5, "S", "receive", data=data("你好".encode()), until="bytes:6"),
            step(6, "S", "send", data=data("答".encode())),
            step(7, "P", "printed", data=data(b"> ")),
        ],
        side(text=text("打印回答", "prints the answer"), python="'答' in got"),
        None,
        {"unit": "tcp_client", "file": "examples/tcp_client.py", "kind": "script", "ports": [15680]},
    ),
    "tcp_client.py",
    SCRIPT.replace("PRINTED", "line"),
    SCRIPT.replace("PRINTED", "server.recv(1024).decode()"),
    "打印回答",
)
