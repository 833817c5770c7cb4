"""The lesson's listing, minimally repaired, in the terse style of a student who comments in Chinese."""
import socket

class UDPClient:
    """UDP客户端"""

    def __init__(self, host='127.0.0.1', port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def create_socket(self):
        try:
            self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            print("套接字创建成功")
            return True
        except Exception as e:
            print(f"创建失败: {e}")
            return False

    def send(self, data):
        if not self.client_socket:
            print("请先创建套接字")
            return False
        try:
            self.client_socket.sendto(data.encode('utf-8'), (self.host, self.port))
            return True
        except Exception as e:
            print(f"发送出错: {e}")
            return False

    def receive(self, buffer_size=1024, timeout=5):
        if not self.client_socket:
            print("请先创建套接字")
            return None
        try:
            self.client_socket.settimeout(timeout)
            数据, 地址 = self.client_socket.recvfrom(buffer_size)
            return 数据.decode('utf-8')
        except socket.timeout:
            print("等不到回答")
        except Exception as e:
            print(f"接收出错: {e}")

    def close(self):
        if self.client_socket:
            self.client_socket.close()
            self.client_socket = None
            print("已关闭")

if __name__ == "__main__":
    c = UDPClient()
    if c.create_socket():
        try:
            while True:
                消息 = input("请输入: ")
                if 消息.lower() == 'quit':
                    break
                if c.send(消息):
                    回答 = c.receive()
                    if 回答:
                        print(f"服务器: {回答}")
        except (KeyboardInterrupt, EOFError):
            print("结束")
        finally:
            c.close()
