"""UDP 回声服务器（课程 21.2.2.1）：每收到一个数据报，就向它的发送者回答一个数据报。

回答的内容是 "已收到您的消息: " 加上收到的文本，用 UTF-8 编码。

先在一个终端里启动服务器：

    python reference/examples/udp_server.py

再在另一个终端里启动客户端，输入几行文字：

    python reference/examples/udp_client.py

UDP 和 TCP 的三点不同，决定了这个程序的样子：

* 没有连接。没有 listen()，也没有 accept()；一个套接字就能为所有人服务，每个数据报自带发送者的地址。
* 数据报是完整的。它要么整个到达，要么根本不来，不会像 TCP 的字节流那样被切开或粘在一起；
  所以收到的每个数据报可以单独解码，前后两个数据报之间没有任何关系。
* 空数据报也是数据报。TCP 的 recv() 返回 b"" 表示对方关闭了连接，而在 UDP 里 b"" 就是一条长度为零的消息。

An echo server over UDP (lesson 21.2.2.1): every datagram is answered with one datagram to its sender.

The answer is "已收到您的消息: " followed by the text that arrived, in UTF-8. To try it, start this file in one terminal
and udp_client.py in another (the two commands above).

Three differences from TCP shape this program:

* There is no connection, hence neither listen() nor accept(): one socket serves everybody, and each datagram carries
  the address of its sender.
* A datagram is whole. It arrives complete or not at all; it is never cut or glued as TCP's stream of bytes is.
  So each one can be decoded by itself, and none has anything to do with the one before.
* An empty datagram is a datagram. From a TCP socket b"" means that the other side has closed; here it is a message of
  length zero.
"""

import socket

PREFIX = "已收到您的消息: "

# 一个数据报（IPv4）最多带 65,507 字节的数据。recvfrom() 的缓冲区若比数据报小，多出来的部分会被内核悄悄扔掉：
# 课程里的 recvfrom(1024) 会把长消息截断，还可能正好截在一个汉字中间，于是解码失败。
# An IPv4 datagram carries up to 65,507 bytes. When recvfrom() is given a smaller buffer, the kernel throws the rest
# away without a word: the lesson's recvfrom(1024) truncates long messages, possibly inside a character, which then
# cannot be decoded.
LARGEST_DATAGRAM = 65_535

# 在 Windows 上，Ctrl+C 不能打断一个正在等待的 recvfrom()；所以每隔半秒醒来一次，看看是否该结束了。
# On Windows Ctrl+C does not interrupt a waiting recvfrom(), so wake up twice a second to let it through.
WAKE_UP_SECONDS = 0.5


class UDPServer:
    """UDP 服务器：回答每一个数据报。

    属性：
        host、port：监听的地址和端口（不检查，由 start() 使用）。
        server_socket：正在使用的套接字；start() 之前和之后都是 None。

    A UDP server that answers every datagram.

    Attributes:
        host, port: the address to listen on; used by start(), not checked before.
        server_socket: the socket in use; None before start() and after it.
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
        self.host = host
        self.port = port
        self.server_socket: socket.socket | None = None

    def start(self) -> None:
        """开始服务；一直运行，直到按下 Ctrl+C 才返回。

        每个数据报得到一个回答：PREFIX 加上它的文本，发给它的发送者；空数据报也一样。
        不是 UTF-8 的数据报被丢弃，服务器继续运行。
        如果不能监听这个地址（端口被占用、不是本机的地址、端口超出范围），就打印原因并返回，不抛出异常。

        Serve until Ctrl+C is pressed, then return.

        Each datagram gets one answer, PREFIX and its text, sent to its sender; so does the empty datagram.
        A datagram that is not UTF-8 is dropped, and the server goes on.
        If the address cannot be bound (in use, not this machine's, port out of range), print why and return.
        """
        try:
            self.server_socket = open_udp_socket(self.host, self.port)
        # OverflowError：端口不在 0–65535 之内。它不是 OSError！UnicodeError：不成样子的主机名。
        # OverflowError is what a port outside 0–65535 raises; it is no OSError! UnicodeError: an impossible host name.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"UDP服务器无法监听 {self.host}:{self.port}：{error}")
            return

        print(f"UDP服务器正在监听 {self.host}:{self.port}，按 Ctrl+C 结束")
        try:
            answer_forever(self.server_socket)
        except KeyboardInterrupt:
            print("收到 Ctrl+C，UDP服务器停止")
        finally:
            self.server_socket.close()
            self.server_socket = None


def open_udp_socket(host: str, port: int) -> socket.socket:
    """创建一个 UDP 套接字并绑定到给定的地址；失败时不留下打开的套接字，异常交给调用者。

    Create a UDP socket and bind it; on failure no socket stays open, and the exception goes to the caller.
    """
    udp_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        # 课程在这里设置了 SO_REUSEADDR。TCP 服务器需要它（TIME_WAIT），UDP 没有 TIME_WAIT，所以不需要；
        # 而且两个都设置了它的 UDP 服务器可以占用同一个端口，谁也不报错，却只有一个收得到消息。
        # The lesson sets SO_REUSEADDR here. A TCP server needs it because of TIME_WAIT, which UDP does not have. And
        # two UDP servers that both set it may share a port: neither complains, yet only one of them gets the messages.
        udp_socket.bind((host, port))
    except BaseException:
        udp_socket.close()
        raise
    udp_socket.settimeout(WAKE_UP_SECONDS)
    return udp_socket


def answer_forever(udp_socket: socket.socket) -> None:
    """一个接一个地接收数据报并回答；只有异常（例如 KeyboardInterrupt）才能结束它。

    Receive datagrams and answer them one after the other; only an exception (such as KeyboardInterrupt) ends this.
    """
    while True:
        try:
            datagram, sender = udp_socket.recvfrom(LARGEST_DATAGRAM)
        except TimeoutError:
            continue  # 没有消息，继续等。 Nothing has come; wait on.
        except ConnectionResetError:
            # 只在 Windows 上出现：之前的某个回答发给了一个已经关闭的端口。这与下一个数据报无关。
            # Only on Windows: an earlier answer met a closed port. That has nothing to do with the next datagram.
            continue

        # 只打印长度，不打印内容：内容来自陌生人，可能含有控制终端的字符，也可能是终端显示不了的字符（会抛出异常）。
        # Print the length, not the content: that comes from strangers and may hold characters that control the
        # terminal, or that it cannot show (which raises an exception).
        print(f"收到 {sender} 的数据报，{len(datagram)} 字节")

        try:
            udp_socket.sendto(answer_to(datagram), sender)
        except (UnicodeDecodeError, OSError) as error:
            # 课程的程序遇到这样的数据报就会结束。一个坏的数据报只应该影响它自己：
            # 不是 UTF-8 的解不了码；超过 65,484 字节的，加上前缀后放不进一个数据报，sendto() 会失败。
            # The lesson's program ends when it meets such a datagram. A bad one should harm nobody but itself: bytes
            # that are not UTF-8 cannot be decoded, and over 65,484 bytes no longer fit a datagram once prefixed.
            print(f"不能回答 {sender}：{error}")


def answer_to(datagram: bytes) -> bytes:
    """一个数据报的回答；数据报不是 UTF-8 时抛出 UnicodeDecodeError。

    The answer to a datagram; raises UnicodeDecodeError when the datagram is not UTF-8.
    """
    return (PREFIX + datagram.decode("utf-8")).encode("utf-8")


def main() -> None:
    """用课程的默认地址（0.0.0.0:8888）启动服务器。 Start the server on the lesson's default address."""
    UDPServer().start()


if __name__ == "__main__":
    main()
