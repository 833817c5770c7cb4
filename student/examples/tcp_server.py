"""TCP 回声服务器：收到一段文字，就回答「已收到您的消息: 」加上这段文字（课程 21.2.1.1）。

试一试：在一个终端里运行本文件，在另一个终端里运行 tcp_client.py（或 `nc 127.0.0.1 8888`），输入文字后按回车。

TCP echo server: every piece of text is answered with 「已收到您的消息: 」 and that text (lesson 21.2.1.1).

Try it: run this file in one terminal and tcp_client.py (or `nc 127.0.0.1 8888`) in another, type some text, press
Return.

要做到的事 / What is asked
- 文字是 UTF-8。TCP 没有消息边界：一段长文字可以分成几次回答，每次都是前缀加上接下来的一段（不能是空的），
  各段按顺序连起来恰好是收到的文字。
  Text is UTF-8. TCP has no messages: a long text may be answered in several answers, each the prefix and the next
  piece (never an empty one); the pieces in order are exactly the text received.
- 同时服务许多客户端，各自只得到自己的回答；一个客户端离开，其他的和新来的不受影响。
  Many clients at once, each getting only its own answers; when one leaves, the others and new ones are served.
- 客户端发完后半关闭（不再发送、还在接收），仍然得到所有回答。
  A client that has finished sending (half-close) still gets every answer.
- 稳健 / Robust: 汉字可能被切在任何地方（网络切开，或者正好在缓冲区边上）；一个连接上可以有 1 MiB 文字；
  不是 UTF-8 的字节最多断开那一个连接；连接被重置、客户端沉默或从不接收，都不影响别人；可以有 200 个空闲的客户端。
  A character may be cut anywhere, by the network or at a buffer's edge; 1 MiB may come on one connection; bytes that
  are not UTF-8 cost at most that connection; a reset, a silent client, one that never reads disturb nobody else; 200
  idle clients are fine.
"""

import socket


class TCPServer:
    """回声服务器。 The echo server.

    host:            监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port:            监听的端口。 The port to listen on.
    max_connections: 已建立、但 accept() 还没取走的连接可以排多长的队（listen 的 backlog）。
                     它**不是**同时服务的客户端的上限。
                     How many connections may queue up for accept() (the listen backlog); it does **not** limit how
                     many clients are served at once.
    server_socket:   监听用的 socket；启动之前是 None。 The listening socket; None until started.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 8888, max_connections: int = 5) -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C；那时（不管还有没有客户端连着）约 2 秒内结束，端口空出来。
        被杀掉之后可以马上在同一个端口重新启动。
        地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C; then end within about 2 s, clients connected or not, with the port free. It can be started
        again on the same port right after it was killed. If the address cannot be used (taken, not this machine's,
        port out of range), print why and return; never raise.
        """
        raise NotImplementedError("TODO: 监听、接受连接、服务客户端 / listen, accept, serve")


def handle_client(client_socket: socket.socket, client_address: object) -> None:
    """回答一个客户端发来的每一段文字，直到它离开才返回；它的 socket 可以关闭，也可以不关闭。

    Answer every piece of text of one client and return when it has left, its socket closed or not.

    client_socket:  与这个客户端通信的 socket。 The socket that talks to this client.
    client_address: 它的地址（IP 地址和端口）。 Its address (IP address and port).
    """
    raise NotImplementedError("TODO: 接收、解码、回答 / receive, decode, answer")


def main() -> None:
    raise NotImplementedError("TODO: 用默认参数启动服务器 / start a server with the defaults")


if __name__ == "__main__":
    main()
