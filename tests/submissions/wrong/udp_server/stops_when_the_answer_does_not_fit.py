"""Expects nothing but bad UTF-8: the error of sending an answer too large for a datagram ends it.

fails: survives_a_text_too_long_to_answer udp.lost_after_too_long
"""

import socket


# 定义UDP服务器类
class UDPServer:
    """UDP服务器类"""

    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        """启动UDP服务器"""
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
            print(f"UDP服务器已启动，监听{self.host}:{self.port}")
            while True:
                data, client_address = self.server_socket.recvfrom(65535)
                try:
                    text = data.decode("utf-8")
                    print(f"接收到来自{client_address}的数据: {text}")
                    response = f"已收到您的消息: {text}"
                    self.server_socket.sendto(response.encode("utf-8"), client_address)
                except UnicodeDecodeError as e:
                    print(e)
        except Exception as e:
            print(f"UDP服务器启动失败: {e}")
        finally:
            if self.server_socket:
                self.server_socket.close()
                print("UDP服务器已关闭")


if __name__ == "__main__":
    server = UDPServer()
    try:
        server.start()
    except KeyboardInterrupt:
        print("用户中断，停止UDP服务器")
