"""聊天服务器：TCP 上的 JSON Lines，每个客户端说的话，所有人都收到（课程 21.6 练习 1）。

试一试：在一个终端里运行本文件，在另外两个终端里各运行一次 `nc 127.0.0.1 9999`，输入
    {"type": "join", "name": "小明"}
    {"type": "message", "text": "大家好"}
    {"type": "leave"}
参数 --host 和 --port 指定监听的地址；按 Ctrl+C 停止服务器。

A chat server: JSON Lines over TCP; what one client says, everybody receives (lesson 21.6, exercise 1).

Try it: run this file in one terminal and `nc 127.0.0.1 9999` in two others, and type the lines above. --host and --port
say where to listen; Ctrl+C stops it.

怎么做的 / How it works
    一个线程，一个选择器（selector）：它等所有的 socket，告诉我们哪些可读、哪些可写。没有哪一步会为某一个客户端停下来，
    所以谁也不会耽误谁；所有的事件都从一个线程里发出，所以不用锁，所有人看到的顺序也自然相同。
    每个客户端有两个缓冲区：inbox 是收到了、但还不成一行的字节；outbox 是要给它、但还没有发出去的字节。

    One thread and one selector, which waits for all sockets and tells which are readable and which writable. No step
    ever waits for a single client, so nobody delays anybody; and as one thread sends all events, there is no lock, and
    everybody sees them in one and the same order. Each client has two buffers: inbox holds bytes that came and are no
    whole line yet, outbox bytes that are meant for it and have not been sent yet.
"""

import argparse
import json
import os
import selectors
import socket
import time
import unicodedata
from typing import Any

MAX_NAME = 32  # 名字最多多少个字符 / characters of a name
MAX_LINE = 65_536  # 一行最多多少字节：没有它，一个从不换行的客户端能占满内存 / or one client fills the memory
MAX_OUTBOX = 4 * 2**20  # 不接收的客户端最多欠多少字节，再多就断开 / bytes owed to a client that does not read
LINGER = 2.0  # 关闭之前等对方多少秒 / seconds that a client has to close its side after us


class Client:
    """一个连接。 One connection.

    inbox:    收到了、还不成一行的字节。 Bytes that came and are no whole line yet.
    outbox:   要给它、还没有发出去的字节。 Bytes meant for it that have not been sent yet.
    name:     加入之后的名字，之前是 None。 Its name once it has joined, None before.
    finished: 它不会再发送了。 It will send nothing more.
    deadline: 不是 None 时，正在关闭，最晚到这个时间（time.monotonic()）。
              When not None it is being closed, at that time (time.monotonic()) at the latest.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.inbox = b""
        self.outbox = bytearray()
        self.name: str | None = None
        self.finished = False
        self.deadline: float | None = None


class ChatServer:
    """聊天室。 The chat room.

    host: 监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port: 监听的端口。 The port to listen on.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 9999) -> None:
        self.host = host
        self.port = port
        self.members: dict[str, Client] = {}  # 名字 → 已加入的客户端 / name → client, of those who have joined
        self.unsent: set[Client] = set()  # 这一轮里 outbox 增加了的客户端 / whose outbox has grown in this round
        self.closing: set[Client] = set()

    # --- 网络 / the network ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C。地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C. If the address cannot be used (taken, not this machine's, port out of range), print why and
        return; never raise.
        """
        try:
            listener = open_listener(self.host, self.port)
        # 端口大于 65535 时 bind() 抛出的是 OverflowError，主机名写法不对时是 UnicodeError，两者都不是 OSError。
        # A port over 65535 raises OverflowError and a malformed host name UnicodeError: neither is an OSError.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"无法监听 {self.host}:{self.port}: {error}")
            return
        print(f"聊天服务器正在监听 {self.host}:{self.port}，按 Ctrl+C 停止")
        with listener, selectors.DefaultSelector() as self.selector:
            self.selector.register(listener, selectors.EVENT_READ)
            try:
                while True:
                    self.serve_a_round(listener)
            except KeyboardInterrupt:
                print("收到 Ctrl+C，服务器停止")

    def serve_a_round(self, listener: socket.socket) -> None:
        """等到有事可做，把能做的都做了，再把攒下的字节发出去。 Wait, do all that can be done, then send."""
        # 一秒的超时：Windows 上 select() 不会被 Ctrl+C 打断；正在关闭的连接也要有人看着时间。
        # One second: on Windows Ctrl+C does not interrupt select(), and somebody has to watch the clock for closings.
        for key, events in self.selector.select(timeout=1.0):
            if key.data is None:
                self.accept(listener)
                continue
            if events & selectors.EVENT_WRITE:
                self.unsent.add(key.data)
            if events & selectors.EVENT_READ:
                self.read(key.data)
        # 一轮里发给同一个客户端的许多行，一次 send() 就发完：人多的时候，快得多。
        # All lines for a client in one round go out in one send(): much faster when there are many clients.
        while self.unsent:
            self.send_outbox(self.unsent.pop())
        now = time.monotonic()
        for client in [client for client in self.closing if client.deadline is not None and client.deadline < now]:
            self.close(client)

    def accept(self, listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
            sock.setblocking(False)
            # 系统默认会把很短的数据攒一攒再发（Nagle 算法），要等对方确认上一段，可能是 40 毫秒；聊天不该等。
            # By default the system keeps short data back until the last piece is acknowledged, which may take 40 ms
            # (Nagle's algorithm): a chat should not wait for that.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BlockingIOError:  # 对方已经又走了 / whoever it was is gone already
            return
        except OSError as error:  # 例如打开的文件太多：稍等再试，免得空转 / too many open files, say: do not spin
            print(f"接受连接失败: {error}")
            time.sleep(0.05)
            return
        self.selector.register(sock, selectors.EVENT_READ, Client(sock))

    def read(self, client: Client) -> None:
        """读一次。TCP 传的是字节流：一次读到的可能是半行，也可能是好几行。

        Read once. TCP carries a stream of bytes: what comes may be half a line or several.
        """
        try:
            data = client.sock.recv(65_536)
        except BlockingIOError:
            return
        except OSError:  # 连接被重置，和关闭一样处理 / a reset is treated as a close
            self.close(client)
            return
        if not data:
            # 对方不再发送，就是离开了；末尾没有换行的半行不算一行。它也许还在接收，所以欠它的还是要发完。
            # It has finished sending, and so it leaves; an unterminated line at the end is none. It may still be
            # reading: what it is owed is sent all the same.
            client.finished = True
            self.say_goodbye(client)
            return
        *lines, client.inbox = (client.inbox + data).split(b"\n")
        for line in lines:
            # 离开以后说的话，不再听。 What it says after it has left is not heard.
            if client.deadline is None:
                self.handle_line(client, line)
        if client.deadline is not None:
            client.inbox = b""
        elif len(client.inbox) > MAX_LINE:
            self.refuse(client, "一行太长 / the line is too long")
            self.say_goodbye(client)

    def send_outbox(self, client: Client) -> None:
        """能发多少发多少，从不等待；发不完的，等 socket 可写时再发。 Send what the socket takes; never wait."""
        if client.sock.fileno() < 0:
            return
        try:
            if client.outbox:
                del client.outbox[: client.sock.send(client.outbox)]
        except BlockingIOError:
            pass
        except OSError:
            self.close(client)
            return
        if len(client.outbox) > MAX_OUTBOX:
            print(f"{client.name} 一直不接收，断开")
            self.close(client)
            return
        if client.deadline is not None and not client.outbox:
            self.finish(client)
            return
        interest = (0 if client.finished else selectors.EVENT_READ) | (selectors.EVENT_WRITE if client.outbox else 0)
        self.selector.modify(client.sock, interest, client)

    def finish(self, client: Client) -> None:
        """outbox 发完了，也没有别的要说了。 The outbox is sent, and nothing else is to be said."""
        if client.finished:
            self.close(client)
            return
        # 还有没读的数据时直接 close()，系统会发出 RST，对方可能因此丢失刚发出的最后几行。所以先只关闭发送的方向，
        # 再把对方发来的读完丢掉，等它也关闭。
        # close() with unread data sends RST, and the other side may lose the last lines. So only the sending direction
        # is closed; what still comes is read and thrown away, until the other side closes, too.
        try:
            client.sock.shutdown(socket.SHUT_WR)
            self.selector.modify(client.sock, selectors.EVENT_READ, client)
        except OSError:
            self.close(client)

    def say_goodbye(self, client: Client) -> None:
        """离开聊天室，发完 outbox 之后关闭。 Leave the room; close when the outbox is sent."""
        self.leave(client)
        client.deadline = time.monotonic() + LINGER
        self.closing.add(client)
        self.unsent.add(client)

    def close(self, client: Client) -> None:
        """马上关闭。 Close at once."""
        self.leave(client)
        self.closing.discard(client)
        if client.sock.fileno() >= 0:
            self.selector.unregister(client.sock)
            client.sock.close()

    # --- 聊天室 / the room ----------------------------------------------------------------------------------------

    def handle_line(self, client: Client, line: bytes) -> None:
        """客户端发来了一行。 A client sent a line."""
        request = parse(line)
        kind = request.get("type")
        if client.name is None:
            reason = self.join(client, request.get("name")) if kind == "join" else "先要加入 / join first"
            if reason:
                self.refuse(client, reason)
                self.say_goodbye(client)
        elif kind == "message" and isinstance(request.get("text"), str):
            self.broadcast({"type": "message", "name": client.name, "text": request["text"]})
        elif kind == "leave":
            self.say_goodbye(client)
        elif kind == "join":
            self.refuse(client, "已经加入了 / already joined")
        else:
            self.refuse(client, "不明白这一行 / this line is not understood")

    def join(self, client: Client, name: object) -> str | None:
        """以这个名字加入；不行时返回原因。 Join under that name; the reason where that cannot be."""
        if not isinstance(name, str):
            return "名字要是字符串 / a name is a string"
        name = name.strip()
        if not 1 <= len(name) <= MAX_NAME:
            return f"名字要有 1 到 {MAX_NAME} 个字符 / a name has 1 to {MAX_NAME} characters"
        if any(unicodedata.category(character) == "Cc" for character in name):
            return "名字里不能有控制字符 / no control characters in a name"
        if name in self.members:
            return "名字已经有人用了 / the name is taken"
        client.name = name
        self.members[name] = client
        print(f"{name} 加入，共 {len(self.members)} 人")
        self.broadcast({"type": "join", "name": name})
        return None

    def leave(self, client: Client) -> None:
        """如果它加入了，就让它离开，并告诉其他人；再调用一次也无妨。 Harmless when it has not joined, or has left."""
        if client.name is not None and self.members.get(client.name) is client:
            # 先空出名字，再通知：看到通知的人马上就能用这个名字。
            # The name is free before anybody is told: who sees the notice may use it at once.
            del self.members[client.name]
            print(f"{client.name} 离开，还有 {len(self.members)} 人")
            self.broadcast({"type": "leave", "name": client.name})

    def broadcast(self, event: dict[str, str]) -> None:
        """发给所有已加入的客户端。 For all who have joined."""
        data = encode(event)
        for member in self.members.values():
            member.outbox += data
        self.unsent.update(self.members.values())

    def refuse(self, client: Client, reason: str) -> None:
        """只告诉这一个客户端出了什么错。 Tell this client alone what was wrong."""
        client.outbox += encode({"type": "error", "reason": reason})
        self.unsent.add(client)


def parse(line: bytes) -> dict[str, Any]:
    """一行里的 JSON 对象；不是的话返回空的。 The JSON object on the line; an empty one where there is none."""
    try:
        value = json.loads(line.decode("utf-8"))
    # UnicodeDecodeError 和 JSONDecodeError 都是 ValueError；嵌套几千层的 JSON 会引起 RecursionError。
    # UnicodeDecodeError and JSONDecodeError are ValueErrors; JSON nested thousands deep raises RecursionError.
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def encode(event: dict[str, str]) -> bytes:
    """一行 JSON。 One line of JSON."""
    # json.dumps 默认把非 ASCII 字符写成 \uXXXX：文字里的换行会变成 \n 两个字符，不会断行；
    # JSON 里可以有单独的代理字符 (\ud800)，UTF-8 却写不出它。
    # By default json.dumps writes \uXXXX for what is not ASCII. A line end in a text becomes the two characters \n and
    # breaks no line; and JSON may carry half a surrogate pair (\ud800), for which UTF-8 has no bytes.
    return json.dumps(event).encode("ascii") + b"\n"


def open_listener(host: str, port: int) -> socket.socket:
    """返回一个正在监听的、非阻塞的 socket；失败时不留下打开的 socket。

    A listening socket that does not block; on failure none is left open.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # 没有这个选项，服务器停止后一分钟左右不能在同一端口重新启动；Windows 上它的含义不同，而且不需要。
        # Without this option it cannot start again on that port for a minute; on Windows it means something else.
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def main() -> None:
    parser = argparse.ArgumentParser(description="聊天服务器 / a chat server")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    ChatServer(options.host, options.port).start()


if __name__ == "__main__":
    main()
