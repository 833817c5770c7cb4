"""UDP 回声服务器（课程 21.2.2.1）：每收到一个数据报，就向它的发送者回答一个数据报。

回答的内容是 "已收到您的消息: "（英文冒号，后面有一个空格）加上收到的文本，用 UTF-8 编码。

请完成下面每一处 TODO。写好之后可以这样试一试：

    python student/examples/udp_server.py          （一个终端）
    python student/examples/udp_client.py          （另一个终端）

完整的要求：

* 导入这个模块没有任何副作用：不打开套接字，不启动线程，不输出任何内容。
* 基本：文本最长 1024 字节；很多发送者交替发送，每人只得到自己的回答；空数据报也要回答；
  地址不能监听时打印原因并返回；结束以后可以立刻在同一个端口上重新启动。
* 健壮：文本最长 65,484 字节（此时回答正好填满一个数据报）；不是 UTF-8 的数据报可以回答也可以丢弃，
  但服务器要继续运行；一下子来 50 个短数据报，每个都得到回答。

An echo server over UDP (lesson 21.2.2.1): every datagram is answered with one datagram to its sender.

The answer is "已收到您的消息: " (an ASCII colon, then a space) followed by the text that arrived, in UTF-8.

Complete every TODO below, then try it with the two commands above, each in a terminal of its own. What is asked:

* Importing this module has no side effects: no socket, no thread, no output.
* Core: texts of up to 1024 bytes; many senders interleaved, each of which gets its own answers only; the empty datagram
  is answered, too; an address that cannot be bound is reported, and start() returns; once ended, the server can be
  started again on the same port at once.
* Robust: texts of up to 65,484 bytes (the answer then fills a datagram); a datagram that is not UTF-8 is answered or
  dropped, and the server goes on; a burst of 50 short datagrams is answered in full.
"""


class UDPServer:
    """UDP 服务器：回答每一个数据报。

    属性：
        server_socket：正在使用的套接字，启动之前可以是 None。

    A UDP server that answers every datagram.

    Attributes:
        server_socket: the socket in use; it may be None before the start.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 8888) -> None:
        """记住地址；此时还不打开任何套接字。

        参数：
            host：要监听的 IPv4 地址；'0.0.0.0' 表示本机所有的网络接口。
            port：端口号，0 到 65535。

        Remember the address; no socket is opened yet.

        Args:
            host: the IPv4 address to listen on; '0.0.0.0' means all interfaces of this machine.
            port: the port, 0 to 65535.
        """
        raise NotImplementedError("TODO: 记住地址 (remember the address)")

    def start(self) -> None:
        """开始服务；一直运行，直到按下 Ctrl+C：约 2 秒之内结束，返回或让 KeyboardInterrupt 传出去都可以。

        每个数据报得到一个回答："已收到您的消息: " 加上它的文本，发给它的发送者；空数据报也一样。
        不是 UTF-8 的数据报可以回答，也可以丢弃；服务器继续运行。
        如果不能监听这个地址（端口被占用、不是本机的地址、端口超出范围），就打印原因并返回，不抛出异常。

        Serve until Ctrl+C is pressed, and end within about 2 seconds then, by returning or by letting KeyboardInterrupt
        through.

        Each datagram gets one answer, "已收到您的消息: " and its text, sent to its sender; so does the empty datagram.
        A datagram that is not UTF-8 is answered or dropped, and the server goes on.
        If the address cannot be bound (in use, not this machine's, port out of range), print why and return.
        """
        raise NotImplementedError("TODO: 接收数据报并回答 (receive datagrams and answer them)")


def main() -> None:
    """用默认地址（0.0.0.0:8888）启动服务器。 Start the server on the default address."""
    raise NotImplementedError("TODO: 启动服务器 (start the server)")


if __name__ == "__main__":
    main()
