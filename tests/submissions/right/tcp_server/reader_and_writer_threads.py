"""Chinese names; a thread that reads and one that writes for each client, a queue between them, time-outs with loops."""

import codecs
import queue
import socket
import threading

前缀 = "已收到您的消息: "


class 连接:
    def __init__(self, 套接字, 停了吗):
        self.套接字, self.停了吗 = 套接字, 停了吗
        self.队列 = queue.Queue(maxsize=64)
        self.坏了 = False

    def 写(self):
        while (块 := self.队列.get()) is not None:
            视图 = memoryview(块)
            while 视图 and not self.停了吗():
                try:
                    视图 = 视图[self.套接字.send(视图) :]
                except TimeoutError:
                    continue
                except OSError:
                    self.坏了 = True
                    while self.队列.get() is not None:
                        pass
                    return

    def 放(self, 块):
        while not self.停了吗():
            try:
                return self.队列.put(块, timeout=0.3)
            except queue.Full:
                continue

    def 读(self):
        self.套接字.settimeout(0.3)
        写者 = threading.Thread(target=self.写)
        写者.start()
        解码器 = codecs.getincrementaldecoder("utf-8")()
        try:
            while not self.停了吗() and not self.坏了:
                try:
                    数据 = self.套接字.recv(1024)
                except TimeoutError:
                    continue
                if not 数据:
                    break
                if 文字 := 解码器.decode(数据):
                    self.放((前缀 + 文字).encode())
        except (OSError, UnicodeDecodeError) as 错误:
            print("出错", 错误)
        finally:
            self.放(None)
            if self.停了吗():
                while not self.队列.empty():
                    self.队列.get()
                self.队列.put(None)
            写者.join()
            self.套接字.close()


def handle_client(client_socket, client_address):
    连接(client_socket, lambda: False).读()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        停 = threading.Event()
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
            self.server_socket.settimeout(0.5)
        except (OSError, OverflowError) as 错误:
            print("不能监听这个地址：", 错误)
            self.server_socket.close()
            return
        try:
            while True:
                try:
                    套接字, _ = self.server_socket.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=连接(套接字, 停.is_set).读).start()
        except KeyboardInterrupt:
            print("结束")
        finally:
            停.set()
            self.server_socket.close()


if __name__ == "__main__":
    TCPServer().start()
