"""TCP 回声服务器：收到一段文字，就回答「已收到您的消息: 」加上这段文字（课程 21.2.1.1）。

试一试：在一个终端里运行本文件，在另一个终端里运行 tcp_client.py（或 `nc 127.0.0.1 8888`），输入文字后按回车。
可以同时开好几个客户端；按 Ctrl+C 停止服务器。

TCP echo server: every piece of text is answered with 「已收到您的消息: 」 and that text (lesson 21.2.1.1).

Try it: run this file in one terminal and tcp_client.py (or `nc 127.0.0.1 8888`) in another, type some text, press
Return.
Several clients may talk to it at once; Ctrl+C stops it.
"""

import codecs
import os
import socket
import threading
import time

PREFIX = "已收到您的消息: "


class TCPServer:
    """一个客户端一个线程的回声服务器。 An echo server with one thread for each client.

    host:            监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port:            监听的端口。 The port to listen on.
    max_connections: 已建立、但 accept() 还没取走的连接可以排多长的队（listen 的 backlog）。
                     它**不是**同时服务的客户端的上限。
                     How many connections may queue up for accept() (the listen backlog); it does **not** limit how
                     many clients are served at once.
    server_socket:   监听用的 socket；启动之前是 None。 The listening socket; None until started.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 8888, max_connections: int = 5) -> None:
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket: socket.socket | None = None

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C。地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C. If the address cannot be used (taken, not this machine's, port out of range), print why and
        return; never raise.
        """
        try:
            self.server_socket = open_listener(self.host, self.port, self.max_connections)
        # 端口大于 65535 时 bind() 抛出的是 OverflowError，主机名写法不对时是 UnicodeError，两者都不是 OSError。
        # A port over 65535 raises OverflowError and a malformed host name UnicodeError: neither is an OSError.
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"无法监听 {self.host}:{self.port}: {error}")
            return
        print(f"服务器正在监听 {self.host}:{self.port}，按 Ctrl+C 停止")
        try:
            serve_forever(self.server_socket)
        except KeyboardInterrupt:
            print("收到 Ctrl+C，服务器停止")
        finally:
            self.server_socket.close()


def handle_client(client_socket: socket.socket, client_address: object) -> None:
    """回答一个客户端发来的每一段文字，直到它离开；然后关闭它的 socket 并返回，不抛出异常。

    Answer every piece of text of one client until it has left; then close its socket and return. Never raises.

    client_socket:  与这个客户端通信的 socket。 The socket that talks to this client.
    client_address: 它的地址，只用来打印。 Its address, only printed.
    """
    print(f"{client_address} 已连接")
    # TCP 传的是字节流，没有「一条消息」的边界：recv() 拿到的一段，末尾可能只有半个汉字（网络恰好切在那里，
    # 或者 1024 字节满了）。课程的写法对每一段单独 decode()，遇到半个汉字就抛出异常、断开连接。
    # 增量解码器把半个字留着，等剩下的字节到齐；每个连接要有自己的解码器。
    # TCP carries bytes and knows no messages: what recv() returns may end in half a character, because the network
    # cut there or because the 1024 bytes were full. The lesson's listing decodes each chunk on its own, and half a
    # character costs it the connection. An incremental decoder keeps the half until its rest arrives; each
    # connection needs its own.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := client_socket.recv(1024):  # b'' 表示对方不再发送 / b'' means: the client has finished sending
            text = decoder.decode(data)
            if not text:  # 只到了半个字，还没有可回答的内容 / only half a character so far: nothing to answer yet
                continue
            print(f"{client_address}: {text}")
            # 课程用 send()，它可能只发出一部分，返回值才是发出的字节数；sendall() 保证全部发完。
            # The lesson uses send(), which may take only a part and returns how much; sendall() sends it all.
            client_socket.sendall((PREFIX + text).encode("utf-8"))
    except UnicodeDecodeError as error:
        print(f"{client_address} 发来的不是 UTF-8，断开: {error}")
    except OSError as error:  # 连接被重置，或者对方不再接收 / reset, or the client no longer listens
        print(f"{client_address} 的连接出错: {error}")
    finally:
        client_socket.close()
        print(f"{client_address} 已断开")


def open_listener(host: str, port: int, backlog: int) -> socket.socket:
    """返回一个正在监听的 socket；失败时不留下打开的 socket。 A listening socket; on failure none is left open."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # 服务器停止后，它的旧连接还会在 TIME_WAIT 状态里停留一分钟左右；没有这个选项，这期间就不能在同一端口重新启动。
        # Windows 上这个选项的含义不同（允许两个程序抢同一个端口），而且不需要它。
        # After a server has stopped, its old connections stay in TIME_WAIT for a minute or so, and without this option
        # it could not start again on that port. On Windows it means something else (two programs may share one port).
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
        # Windows 上，一直阻塞的 accept() 不会被 Ctrl+C 打断，所以每秒醒来一次；接受到的连接仍然是阻塞的。
        # On Windows Ctrl+C does not interrupt a blocked accept(), so it wakes once a second; accepted sockets still
        # block.
        listener.settimeout(1.0)
    except BaseException:
        listener.close()
        raise
    return listener


def serve_forever(listener: socket.socket) -> None:
    """接受连接，把每个客户端交给一个新线程。 Accept connections; hand each client to a thread of its own."""
    while True:
        try:
            client_socket, client_address = listener.accept()
        except TimeoutError:
            continue
        except OSError as error:
            if listener.fileno() == -1:  # 监听 socket 被别处关闭了 / somebody closed the listener
                return
            # 一次失败的 accept()（例如打开的文件太多）不应该让整个服务器停下；课程的写法会停下。稍等再试，免得空转。
            # One failing accept() (too many open files, say) must not end the server, as it does in the lesson's
            # listing. Wait a little, lest the loop spin.
            print(f"接受连接失败: {error}")
            time.sleep(0.1)
            continue
        # daemon=True：主线程结束时不等这些线程，所以即使还有客户端连着，Ctrl+C 也能马上停止程序。
        # daemon=True: the process does not wait for these threads, so Ctrl+C works at once with clients connected.
        thread = threading.Thread(target=handle_client, args=(client_socket, client_address), daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # 线程太多 / too many threads
            print(f"无法服务 {client_address}: {error}")
            client_socket.close()


def main() -> None:
    TCPServer().start()


if __name__ == "__main__":
    main()
