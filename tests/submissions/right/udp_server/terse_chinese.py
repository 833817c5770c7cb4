"""The lesson's listing, minimally repaired, in the terse style of a student who comments in Chinese."""
import socket

class UDPServer:
    """UDP服务器"""

    def __init__(self, host='0.0.0.0', port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        s = None
        try:
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((self.host, self.port))
            self.server_socket = s
            print(f"服务器已启动: {self.host}:{self.port}")
            while True:
                数据, 地址 = s.recvfrom(65536)
                try:  # 坏消息不能让服务器停下来
                    消息 = 数据.decode('utf-8')
                    print(f"{地址}: {消息}")
                    s.sendto(f"已收到您的消息: {消息}".encode('utf-8'), 地址)
                except Exception as e:
                    print(f"处理消息出错: {e}")
        except Exception as e:
            print(f"启动失败: {e}")
        finally:
            if s:
                s.close()
            print("服务器已关闭")

if __name__ == "__main__":
    server = UDPServer()
    try:
        server.start()
    except KeyboardInterrupt:
        print("用户中断")
