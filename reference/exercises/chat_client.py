"""聊天室客户端：加入聊天室，发言，收到大家的发言和进出通知（课程 21.6，练习 1）。

试一试：先运行 chat_server.py，再在两个终端里各运行一次本文件；输入一行文字后按回车，输入 quit 离开。

    python chat_client.py --host 127.0.0.1 --port 9999 --name 小明

Chat client: joins the room, speaks, and hears what everybody says and who comes and goes (lesson 21.6, exercise 1).

Try it: run chat_server.py, then this file in two terminals; type a line and press Return, type quit to leave.

协议 / The protocol: 一行一个 JSON 对象，UTF-8，以 \\n 结尾 / one JSON object per line, UTF-8, ended by \\n
    → {"type": "join", "name": "小明"}                     ← {"type": "join", "name": "小明"}
    → {"type": "message", "text": "大家好"}                 ← {"type": "message", "name": "小明", "text": "大家好"}
    → {"type": "leave"}                                    ← {"type": "leave", "name": "小红"}
                                                           ← {"type": "error", "reason": "…"}
"""

import argparse
import contextlib
import json
import select
import socket
import threading
import time


class ChatClient:
    """聊天室里的一个人。任何方法都不抛出网络异常。可以在一个线程里 receive()，同时在另一个线程里 send()。

    One person in the chat room. No method raises a network error. One thread may be in receive() while another sends.

    host: 服务器的地址。 The server's address.
    port: 服务器的端口。 The server's port.
    name: 在聊天室里的名字。 The name in the chat room.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 9999, name: str = "匿名") -> None:
        self.host = host
        self.port = port
        self.name = name
        self._socket: socket.socket | None = None
        self._received = bytearray()  # 到了、还没有取走的字节 / bytes that have arrived and were not taken yet
        self._searched = 0  # 其中已经找过换行的部分 / the part of them in which there is no line end

    def connect(self) -> bool:
        """连接服务器并加入聊天室；等到服务器通知「自己加入了」才返回 True，出错、被拒绝、连接关闭返回 False。

        Connect and join; True once the server's notice of one's own joining came, False on an error, a refusal or a
        closed connection. May be tried again.
        """
        self._hang_up()
        try:
            self._socket = socket.create_connection((self.host, self.port))
        except (OSError, OverflowError, UnicodeError) as error:  # 端口大于 65535 是 OverflowError / a port over 65535
            print(f"无法连接 {self.host}:{self.port}: {error}")
            return False
        self._send_line({"type": "join", "name": self.name})
        # 服务器会去掉名字两端的空白，通知里是去掉之后的名字。
        # The server strips outer white space from names; its notices carry the stripped name.
        me = {"type": "join", "name": self.name.strip()}
        while (event := self._next_event(until=None)) is not None:
            if event.get("type") == "error":
                print(f"加入失败: {event.get('reason')}")
                break
            # 在自己加入之前发生的事与自己无关，丢掉。 What happened before we joined does not concern us: dropped.
            if event.get("type") == me["type"] and event.get("name") == me["name"]:
                return True
        self._hang_up()
        return False

    def send(self, text: str) -> bool:
        """发言，返回是否成功；没有连接时返回 False。 Say something; True on success, False when not connected."""
        return self._send_line({"type": "message", "text": text})

    def receive(self, timeout: float = 5) -> dict | None:
        """返回下一个事件，最多等 timeout 秒（0：只看一眼），没有就返回 None；连接已经关闭时立刻返回 None。

        The next event; None when none came within timeout seconds (0: just look), None at once when the connection is
        closed and everything that came before has been returned.
        """
        return self._next_event(until=time.monotonic() + timeout)

    def close(self) -> None:
        """告诉服务器自己离开了，然后关闭连接；没有连接时什么也不做。 Say leave and close; harmless if not connected."""
        self._send_line({"type": "leave"})
        self._hang_up()

    # --- 一行一行地发送和接收 / sending and receiving line by line

    def _send_line(self, message: dict) -> bool:
        if self._socket is None:
            return False
        # json.dumps 把文字里的换行写成 \n 两个字符，所以一个 JSON 对象总是恰好一行。
        # json.dumps writes a newline inside the text as the two characters \n: an object is always exactly one line.
        line = json.dumps(message, ensure_ascii=False) + "\n"
        try:
            # sendall 而不是 send：很长的一行可能要分几次才能交给系统。 A long line may take several goes: sendall.
            self._socket.sendall(line.encode("utf-8"))
        except (OSError, UnicodeError) as error:
            print(f"发送失败: {error}")
            return False
        return True

    def _next_event(self, until: float | None) -> dict | None:
        """下一个 JSON 对象；到了时刻 until（None：没有时限）或连接结束还没有，就是 None。

        The next JSON object; None when there is none by the time until (None: no limit) or the connection has ended.
        """
        while True:
            line = self._take_line()
            if line is not None:
                try:
                    event = json.loads(line.decode("utf-8"))
                except (
                    ValueError,
                    RecursionError,
                ):  # 不是 UTF-8、不是 JSON，或者嵌套太深 / not UTF-8, not JSON, too deep
                    continue
                if isinstance(event, dict):
                    return event
            elif not self._read_more(until):
                return None

    def _take_line(self) -> bytes | None:
        """取走一整行；还没有到齐就是 None，已经到的部分留着。 One whole line, None while it is incomplete."""
        end = self._received.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._received)
            return None
        # 在字节里找换行：\n 不会是别的字符的一部分，所以一个汉字被切成两段也没有关系，整行到齐了才解码。
        # The line end is looked for in bytes: \n is never part of another character. A character cut in two by the
        # network does not matter, as only whole lines are decoded.
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        self._searched = 0
        return line

    def _read_more(self, until: float | None) -> bool:
        """再读一些字节；没有时间了或连接结束了就是 False。 Read more; False when time is up or the end is reached."""
        try:
            # 用 select 等，而不用 settimeout()：那个时限属于 socket，另一个线程里的 sendall() 也会受它限制。
            # select() waits, not settimeout(): that would be the socket's, and limit sendall() in the other thread.
            left = None if until is None else max(0.0, until - time.monotonic())
            if self._socket is None or not select.select([self._socket], [], [], left)[0]:
                return False
            data = self._socket.recv(65536)
        except (OSError, ValueError, AttributeError):  # 被重置，或者刚刚在另一个线程里关闭 / reset, or just closed
            data = b""
        self._received += data
        return bool(data)

    def _hang_up(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            with contextlib.suppress(OSError):  # 对方可能已经不在了 / the other side may have gone already
                # 叫醒正在另一个线程里等待的 receive()。 Wakes a receive() that waits in another thread.
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._received.clear()  # 上一个连接剩下的半行不能带过来 / no half a line from the last connection
        self._searched = 0


def describe(event: dict) -> str:
    """给人看的一行文字。 An event as a line for people."""
    name = event.get("name")
    match event.get("type"):
        case "message":
            return f"{name}: {event.get('text')}"
        case "join":
            return f"* {name} 加入了聊天室"
        case "leave":
            return f"* {name} 离开了聊天室"
    return f"! {event.get('reason', event)}"


def print_events(client: ChatClient, leaving: threading.Event) -> None:
    """事件一到就打印，直到连接关闭。 Print the events as they come, until the connection is closed."""
    wait = 1.0
    while True:
        began = time.monotonic()
        event = client.receive(timeout=wait)
        if event is not None:
            print(describe(event))
        elif time.monotonic() - began < wait / 2:
            # 立刻得到 None：不是没有人说话，而是连接关闭了。 None at once: not silence, the connection is closed.
            if not leaving.is_set():
                print("连接已断开，按回车退出")
            return


def main() -> None:
    """在一个线程里打印事件，同时逐行读取输入并发送，直到 quit、输入结束或 Ctrl+C。

    Print events in one thread; meanwhile send line after line, until quit, the end of input or Ctrl+C.
    """
    parser = argparse.ArgumentParser(description="聊天室客户端 / chat client")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name", help="在聊天室里的名字 / the name in the chat room")
    options = parser.parse_args()
    try:
        client = ChatClient(options.host, options.port, options.name or input("你的名字: "))
    except (EOFError, KeyboardInterrupt):
        return
    if not client.connect():
        return
    print(f"已加入聊天室，你是 {client.name}。输入 quit 离开。")
    leaving = threading.Event()
    # 守护线程：主线程结束时不等它。 A daemon: the end of the main thread does not wait for it.
    printing = threading.Thread(target=print_events, args=(client, leaving), daemon=True)
    printing.start()
    try:
        while printing.is_alive() and (line := input()).strip().lower() != "quit":
            if line and not client.send(line):
                break
    except (EOFError, KeyboardInterrupt):  # 输入结束（Ctrl+D，或管道读完了）/ the end of input (Ctrl+D, or a pipe's)
        pass
    leaving.set()
    client.close()
    printing.join(timeout=1)


if __name__ == "__main__":
    main()
