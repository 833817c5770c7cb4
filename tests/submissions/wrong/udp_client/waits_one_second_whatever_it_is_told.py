"""Waits one second, whatever timeout says.

fails: gives_up_after_the_timeout udp.timeout_late
"""

import socket


# 定义UDP客户端类
class UDPClient:
    """UDP客户端类"""

    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def create_socket(self):
        """创建UDP Socket"""
        try:
            self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            print("UDP Socket已创建")
            return True
        except Exception as e:
            print(f"创建UDP Socket失败: {e}")
            return False

    def send(self, data):
        """发送数据到服务器"""
        if not self.client_socket:
            print("UDP Socket未创建")
            return False
        try:
            self.client_socket.sendto(data.encode("utf-8"), (self.host, self.port))
            return True
        except Exception as e:
            print(f"发送数据失败: {e}")
            return False

    def receive(self, buffer_size=1024, timeout=5):
        """接收服务器发送的数据"""
        if not self.client_socket:
            print("UDP Socket未创建")
            return None
        try:
            self.client_socket.settimeout(1)
            data, server_address = self.client_socket.recvfrom(buffer_size)
            return data.decode("utf-8")
        except socket.timeout:
            print("接收数据超时")
            return None
        except Exception as e:
            print(f"接收数据失败: {e}")
            return None

    def close(self):
        """关闭UDP Socket"""
        if self.client_socket:
            self.client_socket.close()
            self.client_socket = None
            print("UDP Socket已关闭")


# 使用UDP客户端
if __name__ == "__main__":
    client = UDPClient()
    if client.create_socket():
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
