"""handle_client starts a thread of its own and returns at once, while its client is still there.

fails: handle_client_serves_one_connection tcp.handler_returns_early
"""

import codecs
import socket
import threading


# 定义客户端处理函数
def handle_client(client_socket, client_address):
    threading.Thread(target=_handle, args=(client_socket, client_address), daemon=True).start()


def _handle(client_socket, client_address):
    """处理客户端连接"""
    print(f"客户端{client_address}已连接")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while True:
            data = client_socket.recv(1024)
            if not data:
                break
            text = decoder.decode(data)
            if not text:
                continue
            print(f"接收到来自{client_address}的数据: {text}")
            client_socket.sendall(f"已收到您的消息: {text}".encode("utf-8"))
    except Exception as e:
        print(f"处理客户端{client_address}时发生错误: {e}")
    finally:
        client_socket.close()
        print(f"客户端{client_address}已断开连接")


class TCPServer:
    """TCP服务器类"""

    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        """启动TCP服务器"""
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
            print(f"TCP服务器已启动，监听{self.host}:{self.port}")
            while True:
                client_socket, client_address = self.server_socket.accept()
                client_thread = threading.Thread(target=handle_client, args=(client_socket, client_address))
                client_thread.daemon = True
                client_thread.start()
        except Exception as e:
            print(f"TCP服务器启动失败: {e}")
        finally:
            if self.server_socket:
                self.server_socket.close()
                print("TCP服务器已关闭")


if __name__ == "__main__":
    server = TCPServer()
    try:
        server.start()
    except KeyboardInterrupt:
        print("用户中断，停止TCP服务器")
