"""TCP 客户端：连接服务器，发送文字，接收回答（课程 21.2.1.2）。

试一试：先运行 tcp_server.py，再在另一个终端里运行本文件；输入一行文字后按回车，输入 quit 结束。

TCP client: connects to a server, sends text, receives answers (lesson 21.2.1.2).

Try it: run tcp_server.py, then this file in another terminal; type a line and press Return, type quit to leave.
"""

import codecs
import socket


class TCPClient:
    """一个 TCP 连接，收发 UTF-8 文字。任何方法都不抛出网络异常。

    One TCP connection that carries UTF-8 text. No method raises a network error.

    host:          服务器的地址。 The server's address.
    port:          服务器的端口。 The server's port.
    client_socket: 连接用的 socket；没有连接时是 None。 The connection's socket; None while not connected.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 8888) -> None:
        self.host = host
        self.port = port
        self.client_socket: socket.socket | None = None
        self._decoder = new_decoder()

    def connect(self) -> bool:
        """连接服务器，返回是否成功；close() 之后可以再次连接。 Connect; True on success. Works again after close()."""
        self.close()
        client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            client_socket.connect((self.host, self.port))
        # 连接被拒绝、主机不存在是 OSError；端口大于 65535 是 OverflowError；主机名写法不对是 UnicodeError。
        # Refused or unknown host: OSError; a port over 65535: OverflowError; a malformed host name: UnicodeError.
        except (OSError, OverflowError, UnicodeError) as error:
            # 课程的写法在失败后仍然留着这个没有连上的 socket，于是对象看起来像已经连接。
            # The lesson's listing keeps the unconnected socket after a failure, so that the object looks connected.
            client_socket.close()
            print(f"无法连接 {self.host}:{self.port}: {error}")
            return False
        self.client_socket = client_socket
        self._decoder = new_decoder()  # 上一个连接剩下的半个字不能带过来 / no half character from the last connection
        return True

    def send(self, data: str) -> bool:
        """发送全部文字（UTF-8），返回是否成功；没有连接时返回 False。

        Send all of the text as UTF-8; True on success, False when not connected.
        """
        if self.client_socket is None:
            print("还没有连接")
            return False
        try:
            # 课程用 send()，它可能只发出一部分；sendall() 一直发到完，对方读得慢就等。
            # The lesson uses send(), which may take only a part; sendall() goes on to the end and waits if need be.
            self.client_socket.sendall(data.encode("utf-8"))
        except (OSError, UnicodeError) as error:
            print(f"发送失败: {error}")
            return False
        return True

    def receive(self, buffer_size: int = 1024) -> str | None:
        """等待并返回接着到达的一段文字；服务器关闭连接后返回 ''，出错（重置、不是 UTF-8）或没有连接时返回 None。

        等待没有时限。一次最多读 buffer_size 个字节，所以一个长回答要多次 receive() 才能收完。

        Wait, without limit, for the next piece of text and return it; '' once the server has closed, None on an error
        (a reset, bytes that are not UTF-8) or when not connected. At most buffer_size bytes are read at a time: a long
        answer takes several calls.
        """
        if self.client_socket is None:
            print("还没有连接")
            return None
        try:
            while data := self.client_socket.recv(buffer_size):
                # 一段的末尾可能只有半个汉字。课程的写法直接 decode()，会把它当成错误；增量解码器留着它等剩下的字节。
                # 只到了半个字时还不能返回：'' 的意思是「服务器关闭了」，所以继续等。
                # The piece may end in half a character, which the lesson's decode() takes for an error; an incremental
                # decoder keeps it until its rest arrives. With nothing but half a character we cannot return yet, as
                # '' means that the server has closed: read on.
                if text := self._decoder.decode(data):
                    return text
            return self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            self._decoder.reset()  # 丢掉坏的字节，连接仍然可用 / forget the bad bytes; the connection stays usable
            print(f"收到的不是 UTF-8: {error}")
        except OSError as error:
            print(f"接收失败: {error}")
        return None

    def close(self) -> None:
        """关闭连接；没有连接、或已经关闭时什么也不做。 Close; harmless when not connected or already closed."""
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None


def new_decoder() -> codecs.IncrementalDecoder:
    """一个会记住半个汉字的 UTF-8 解码器。 A UTF-8 decoder that remembers half a character."""
    return codecs.getincrementaldecoder("utf-8")()


def main() -> None:
    """逐行读取输入、发送、打印回答，直到 quit、输入结束、Ctrl+C 或服务器关闭。

    Send line after line and print the answers until quit, the end of input, Ctrl+C, or the server has closed.
    """
    client = TCPClient()
    if not client.connect():
        return
    try:
        while (line := input("请输入消息（quit 结束）: ")).lower() != "quit":
            if not line:  # 空行什么也不会发出去，也就等不到回答 / nothing would be sent, so no answer would ever come
                continue
            if not client.send(line):
                break
            # TCP 没有消息边界：很长的回答可能要几次才到齐，余下的部分会和下一个回答一起打印。
            # 要知道一条消息在哪里结束，需要约定一个格式，例如一行一条（见 21.6 的聊天室）。
            # TCP knows no messages: a very long answer may come in parts, the rest printed with the next answer. To
            # know where a message ends takes an agreed format, a line each for instance (see the chat room of 21.6).
            answer = client.receive()
            if not answer:
                print("服务器已关闭连接")
                break
            print(f"服务器回答: {answer}")
    except (EOFError, KeyboardInterrupt):  # 输入结束（Ctrl+D，或管道读完了）/ the end of input (Ctrl+D, or a pipe's)
        print()
    finally:
        client.close()


if __name__ == "__main__":
    main()
