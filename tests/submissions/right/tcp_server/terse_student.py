"""The lesson's way in a student's few Chinese lines: a thread a client, an incremental decoder, sendall."""
import codecs
import socket
import threading


def handle_client(client_socket, client_address):
    解码器 = codecs.getincrementaldecoder('utf-8')()
    try:
        while True:
            数据 = client_socket.recv(1024)
            if not 数据:
                break
            文字 = 解码器.decode(数据)
            if 文字:
                client_socket.sendall(('已收到您的消息: ' + 文字).encode('utf-8'))
    except Exception as 错误:
        print('出错了', client_address, 错误)
    client_socket.close()


class TCPServer:
    def __init__(self, host='0.0.0.0', port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket()
        self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
        except Exception as 错误:
            print('启动失败', 错误)
            return
        while True:
            线程 = threading.Thread(target=handle_client, args=self.server_socket.accept())
            线程.daemon = True
            线程.start()


if __name__ == '__main__':
    TCPServer().start()
