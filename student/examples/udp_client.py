"""UDP 客户端（课程 21.2.2.2）：把文本作为一个数据报发给服务器，并等待回答。

请完成下面每一处 TODO。写好之后可以这样试一试：

    python student/examples/udp_server.py          （一个终端）
    python student/examples/udp_client.py          （另一个终端）

完整的要求：

* 导入这个模块没有任何副作用：不打开套接字，不启动线程，不输出任何内容。
* 基本：发出的字节一个不差，到达正确的地址；receive() 大约在 timeout 秒之后放弃，不提前很多，也不拖延；
  没有套接字时 send() 返回 False，receive() 返回 None；close() 两次没有影响。
* 健壮：收到不是 UTF-8 的回答时返回 None，之后仍可使用；多个回答按顺序，每次 receive() 返回一个；
  文本太长放不进一个数据报时返回 False，不抛出异常。
* 作为脚本运行时：读取输入的每一行，发送它，打印服务器的响应；输入 quit 或输入结束时退出。

A UDP client (lesson 21.2.2.2): sends a text as one datagram and waits for an answer.

Complete every TODO below, then try it with the two commands above, each in a terminal of its own. What is asked:

* Importing this module has no side effects: no socket, no thread, no output.
* Core: exactly the right bytes go to the right address; receive() gives up after about `timeout` seconds, neither much
  earlier nor much later; without a socket send() returns False and receive() None; closing twice does no harm.
* Robust: an answer that is not UTF-8 gives None, and the client can be used on; several answers come one per receive(),
  in order; a text too large for a datagram gives False, not an exception.
* As a script: read lines from the input, send each, print the server's response; "quit" or the end of input ends it.
"""


class UDPClient:
    """UDP 客户端。任何方法都不抛出异常：失败用 False 或 None 表示。

    属性：
        client_socket：正在使用的套接字，没有时可以是 None。

    A UDP client. No method raises: failure is told by False or None.

    Attributes:
        client_socket: the socket in use; it may be None when there is none.
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
        raise NotImplementedError("TODO: 记住服务器的地址 (remember the server's address)")

    def create_socket(self) -> bool:
        """创建套接字，成功时返回 True，失败时返回 False。之后才能发送和接收。

        Create the socket: True on success, False on failure. Only then can anything be sent or received.
        """
        raise NotImplementedError("TODO: 创建套接字 (create the socket)")

    def send(self, data: str) -> bool:
        """把文本的 UTF-8 字节作为一个数据报发给服务器；空文本就是一个空的数据报。

        返回：
            交给网络了就是 True；套接字没有创建（或已关闭）、文本太长（放不进一个数据报）或其他错误时是 False。

        Send the UTF-8 bytes of a text to the server, as one datagram; the empty text is an empty datagram.

        Returns:
            True once it is handed to the network; False when there is no socket (not created yet, or closed),
            the text is too long for a datagram, or anything else goes wrong.
        """
        raise NotImplementedError("TODO: 发送一个数据报 (send a datagram)")

    def receive(self, buffer_size: int = 1024, timeout: float = 5) -> str | None:
        """等待一个数据报并返回它的文本；多个回答按到达的顺序，每次调用返回一个。

        参数：
            buffer_size：最多接收多少字节。
            timeout：最多等待多少秒。

        返回：
            回答的文本（空的数据报就是 ''）；超时、不是 UTF-8、没有套接字或其他错误时是 None。
            收到一个不是 UTF-8 的回答之后，客户端仍然可以继续使用。

        Wait for one datagram and return its text; several answers come one per call, in the order of their arrival.

        Args:
            buffer_size: how many bytes to take at most.
            timeout: how many seconds to wait at most.

        Returns:
            The text of the answer ('' for an empty datagram); None after the time-out, for an answer that is not UTF-8,
            without a socket, and on any other error. After an answer that is not UTF-8 the client can be used on.
        """
        raise NotImplementedError("TODO: 等待一个回答 (wait for an answer)")

    def close(self) -> None:
        """关闭套接字；再次调用没有影响。

        Close the socket; calling it again does no harm.
        """
        raise NotImplementedError("TODO: 关闭套接字 (close the socket)")


def main() -> None:
    """读取输入的每一行并发送，打印服务器的响应，直到 quit 或输入结束。

    Send every line that is typed and print the server's response, until "quit" or the end of input.
    """
    raise NotImplementedError("TODO: 读取、发送、打印 (read, send, print)")


if __name__ == "__main__":
    main()
