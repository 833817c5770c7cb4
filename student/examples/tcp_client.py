"""TCP 客户端：连接服务器，发送文字，接收回答（课程 21.2.1.2）。

试一试：先运行 tcp_server.py，再在另一个终端里运行本文件；输入一行文字后按回车，输入 quit 结束。

TCP client: connects to a server, sends text, receives answers (lesson 21.2.1.2).

Try it: run tcp_server.py, then this file in another terminal; type a line and press Return, type quit to leave.

要做到的事 / What is asked
- 文字在网络上是 UTF-8；任何方法都不抛出网络异常。 Text is UTF-8 on the wire; no method raises a network error.
- 稳健 / Robust: 一次 send() 可以有 8 MiB，服务器读得很慢也要完整到达；不管网络把字节切在哪里、buffer_size 是多少
  （至少 1），receive() 返回的文字连起来恰好是服务器发送的。
  8 MiB in one send() arrives whole at a slow server; wherever the network cuts and whatever buffer_size (1 or more),
  the texts that receive() returns join to exactly what the server sent.
- 作为脚本运行 / As a script: 连接 127.0.0.1:8888，逐行读取输入并发送，打印服务器的回答；遇到 quit 或输入结束就退出。
  Connect to 127.0.0.1:8888, send each line of input, print the server's response; leave on quit or the end of input.
"""

import socket


class TCPClient:
    """一个 TCP 连接，收发 UTF-8 文字。 One TCP connection that carries UTF-8 text.

    client_socket: 连接用的 socket；没有连接时是 None。 The connection's socket; None while not connected.
    """

    client_socket: socket.socket | None

    def __init__(self, host: str = "127.0.0.1", port: int = 8888) -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def connect(self) -> bool:
        """连接服务器，返回是否成功，不抛出异常；close() 之后可以再次连接。

        Connect; True on success, False otherwise, never an exception. Works again after close().
        """
        raise NotImplementedError("TODO: 创建 socket 并连接 / create a socket and connect it")

    def send(self, data: str) -> bool:
        """发送全部文字（UTF-8），返回是否成功；没有连接时返回 False。

        Send all of the text as UTF-8; True on success, False when not connected.
        """
        raise NotImplementedError("TODO: 编码并发送 / encode and send")

    def receive(self, buffer_size: int = 1024) -> str | None:
        """等待并返回接着到达的一段文字；服务器关闭连接后返回 ''，出错（重置、不是 UTF-8）或没有连接时返回 None。

        等待没有时限。buffer_size 是一次最多读的字节数。一个汉字可能分几次到达：没有到齐的字要等剩下的字节。

        Wait, without limit, for the next piece of text and return it; '' once the server has closed, None on an error
        (a reset, bytes that are not UTF-8) or when not connected. buffer_size is how many bytes are read at a time. A
        character may arrive in parts: an incomplete one waits for its rest.
        """
        raise NotImplementedError("TODO: 接收并解码 / receive and decode")

    def close(self) -> None:
        """关闭连接；没有连接、或已经关闭时什么也不做。 Close; harmless when not connected or already closed."""
        raise NotImplementedError("TODO: 关闭 socket / close the socket")


def main() -> None:
    raise NotImplementedError("TODO: 读一行、发一行、打印回答 / read a line, send it, print the answer")


if __name__ == "__main__":
    main()
