"""UDP 客户端（课程 21.2.2.2）：把文本作为一个数据报发给服务器，并等待回答。

先启动服务器，再启动客户端：

    python reference/examples/udp_server.py
    python reference/examples/udp_client.py

每输入一行就发送一个数据报，并打印服务器的响应；输入 quit（或者按 Ctrl+D，Windows 上是 Ctrl+Z 再回车）结束。

值得一试：不启动服务器就运行客户端。send() 仍然成功，因为 UDP 没有连接，发出去就算完成，
没有人告诉你对方是否收到。所以 receive() 必须有一个超时：回答可能永远不会来。

A UDP client (lesson 21.2.2.2): sends a text as one datagram and waits for an answer.

Start the server first, then the client (the commands above). Each line typed is sent as one datagram, and the server's
response is printed; "quit" or the end of input (Ctrl+D; on Windows Ctrl+Z and Return) ends the program.

Worth trying: run the client without a server. send() succeeds all the same, because UDP has no connection: once it is
sent, that is that, and nobody tells whether it has arrived. Therefore receive() must have a time-out: the answer may
never come.
"""

import socket


class UDPClient:
    """UDP 客户端。任何方法都不抛出异常：失败用 False 或 None 表示。

    属性：
        host、port：服务器的地址和端口。
        client_socket：正在使用的套接字；create_socket() 之前和 close() 之后是 None。

    A UDP client. No method raises: failure is told by False or None.

    Attributes:
        host, port: the address of the server.
        client_socket: the socket in use; None before create_socket() and after close().
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 8888) -> None:
        """记住服务器的地址；此时还不创建套接字。

        参数：
            host：服务器的地址或主机名。
            port：服务器的端口号。

        Remember the server's address; no socket is created yet.

        Args:
            host: the server's address or name.
            port: the server's port.
        """
        self.host = host
        self.port = port
        self.client_socket: socket.socket | None = None

    def create_socket(self) -> bool:
        """创建套接字，成功时返回 True，失败时返回 False。之后才能发送和接收。

        Create the socket: True on success, False on failure. Only then can anything be sent or received.
        """
        self.close()  # 重复调用不会遗留旧的套接字。 Calling it again leaves no old socket behind.
        try:
            self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        except OSError as error:
            print(f"创建UDP套接字失败：{error}")
            return False
        return True

    def send(self, data: str) -> bool:
        """把文本的 UTF-8 字节作为一个数据报发给服务器；空文本就是一个空的数据报。

        返回：
            交给网络了就是 True；套接字没有创建（或已关闭）、文本太长（超过 65,507 字节）或其他错误时是 False。

        Send the UTF-8 bytes of a text to the server, as one datagram; the empty text is an empty datagram.

        Returns:
            True once it is handed to the network; False when there is no socket (not created yet, or closed),
            the text is too long for a datagram (over 65,507 bytes), or anything else goes wrong.
        """
        if self.client_socket is None:
            print("还没有创建UDP套接字")
            return False
        try:
            # 要么整个发出，要么报错（EMSGSIZE）：sendto() 不会只发一部分，所以 UDP 没有 sendall()。
            # It is sent whole or fails (EMSGSIZE): sendto() never sends a part, which is why UDP has no sendall().
            self.client_socket.sendto(data.encode("utf-8"), (self.host, self.port))
        # OverflowError：端口超出范围。UnicodeError：文本不能编码，或主机名不成样子。
        # OverflowError: a port out of range. UnicodeError: a text that cannot be encoded, or an impossible host name.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"发送失败：{error}")
            return False
        return True

    def receive(self, buffer_size: int = 1024, timeout: float = 5) -> str | None:
        """等待一个数据报并返回它的文本；多个回答按到达的顺序，每次调用返回一个。

        参数：
            buffer_size：最多接收多少字节。更长的数据报会被截断，所以要给够（65,535 总是够的）。
            timeout：最多等待多少秒。

        返回：
            回答的文本（空的数据报就是 ''）；超时、不是 UTF-8、没有套接字或其他错误时是 None。
            收到一个不是 UTF-8 的回答之后，客户端仍然可以继续使用。

        Wait for one datagram and return its text; several answers come one per call, in the order of their arrival.

        Args:
            buffer_size: how many bytes to take at most. A longer datagram is truncated, so be generous
                (65,535 is always enough).
            timeout: how many seconds to wait at most.

        Returns:
            The text of the answer ('' for an empty datagram); None after the time-out, for an answer that is not UTF-8,
            without a socket, and on any other error. After an answer that is not UTF-8 the client can be used on.
        """
        if self.client_socket is None:
            print("还没有创建UDP套接字")
            return None
        try:
            self.client_socket.settimeout(timeout)
            # recvfrom() 还给出回答者的地址。任何人都可以向我们的端口发送数据报；需要防范的程序应当检查这个地址，
            # 或者先 connect()，让内核只放行服务器的数据报。
            # recvfrom() tells who answered, too. Anybody may send to our port; a program that minds should look at that
            # address, or connect() first, so that the kernel lets nothing but the server's datagrams in.
            datagram, _server = self.client_socket.recvfrom(buffer_size)
            return datagram.decode("utf-8")
        except TimeoutError:
            print(f"{timeout} 秒内没有收到回答")
        # 出错的数据报已经从队列中取走，下一次 receive() 得到的是下一个；所以不需要关闭套接字。
        # ValueError 包括 UnicodeDecodeError，也包括不合理的 timeout 或 buffer_size。
        # A datagram that fails here has left the queue already; the next receive() gets the next one. No need to close.
        # ValueError includes UnicodeDecodeError, and a timeout or buffer_size that makes no sense.
        except (OSError, ValueError, OverflowError) as error:
            print(f"接收失败：{error}")
        return None

    def close(self) -> None:
        """关闭套接字；再次调用，或没有套接字时调用，都没有影响。

        Close the socket; calling it again, or without a socket, does no harm.
        """
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None


def main() -> None:
    """读取输入的每一行并发送，打印服务器的响应，直到 quit 或输入结束。

    Send every line that is typed and print the server's response, until "quit" or the end of input.
    """
    client = UDPClient()
    if not client.create_socket():
        return
    try:
        while True:
            message = input("请输入要发送的消息（输入 quit 结束）：")
            if message.lower() == "quit":
                break
            if client.send(message):
                response = client.receive()
                # 与 None 比较，而不是 if response：空的回答也是回答。
                # Compare with None, do not ask "if response": an empty answer is an answer, too.
                print("没有收到响应" if response is None else f"服务器响应：{response}")
    except (EOFError, KeyboardInterrupt):
        # 输入结束时 input() 抛出 EOFError；课程的程序没有处理它，会以一大段错误信息结束。
        # At the end of input, input() raises EOFError; the lesson's program does not expect it: it ends in a traceback.
        print()
    finally:
        client.close()


if __name__ == "__main__":
    main()
