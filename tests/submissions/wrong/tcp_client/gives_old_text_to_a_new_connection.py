"""Keeps what it has read but not given out, over close() and the next connect().

fails: starts_afresh_with_each_connection client.left_over
"""

import codecs
import socket


# 定义TCP客户端类
class TCPClient:
    """TCP客户端类"""

    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None
        self.left = ""

    def connect(self):
        """连接到TCP服务器"""
        try:
            self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.client_socket.connect((self.host, self.port))
            self.decoder = codecs.getincrementaldecoder("utf-8")()
            print(f"已连接到服务器{self.host}:{self.port}")
            return True
        except Exception as e:
            print(f"连接服务器{self.host}:{self.port}失败: {e}")
            self.client_socket.close()
            self.client_socket = None
            return False

    def send(self, data):
        """发送数据到服务器"""
        if not self.client_socket:
            print("未连接到服务器")
            return False
        try:
            self.client_socket.sendall(data.encode("utf-8"))
            return True
        except Exception as e:
            print(f"发送数据失败: {e}")
            return False

    def receive(self, buffer_size=1024):
        """接收服务器发送的数据"""
        if not self.client_socket:
            print("未连接到服务器")
            return None
        try:
            if self.left:
                text, self.left = self.left[:buffer_size], self.left[buffer_size:]
                return text
            while True:
                data = self.client_socket.recv(65536)
                text = self.decoder.decode(data)
                if text or not data:
                    self.left = text[buffer_size:]
                    return text[:buffer_size]
        except Exception as e:
            print(f"接收数据失败: {e}")
            return None

    def close(self):
        """关闭TCP连接"""
        if self.client_socket:
            self.client_socket.close()
            self.client_socket = None
            print("TCP连接已关闭")


# 使用TCP客户端
if __name__ == "__main__":
    client = TCPClient()
    if client.connect():
        try:
            while True:
                message = input("请输入要发送的消息（输入'quit'退出）: ")
                if message.lower() == "quit":
                    break
                if client.send(message):
                    response = client.receive()
                    if response:
                        print(f"服务器响应: {response}")
        except (KeyboardInterrupt, EOFError):
            print("用户中断")
        finally:
            client.close()
