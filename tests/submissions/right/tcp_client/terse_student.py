"""The lesson's way in a student's few Chinese lines, with an incremental decoder and sendall."""
import codecs
import socket


class TCPClient:
    def __init__(self, host='127.0.0.1', port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def connect(self):
        try:
            self.client_socket = socket.socket()
            self.client_socket.connect((self.host, self.port))
            self.解码器 = codecs.getincrementaldecoder('utf-8')()
            print('连接成功')
            return True
        except Exception as 错误:
            print('连接失败', 错误)
            self.close()
            return False

    def send(self, data):
        try:
            self.client_socket.sendall(data.encode('utf-8'))
            return True
        except Exception as 错误:      # 没有连接时 client_socket 是 None，也会到这里
            print('发送失败', 错误)
            return False

    def receive(self, buffer_size=1024):
        try:
            while True:
                数据 = self.client_socket.recv(buffer_size)
                文字 = self.解码器.decode(数据)
                if 文字 or not 数据:
                    return 文字
        except Exception as 错误:
            print('接收失败', 错误)
            return None

    def close(self):
        if self.client_socket:
            self.client_socket.close()
            self.client_socket = None


if __name__ == '__main__':
    客户端 = TCPClient()
    if 客户端.connect():
        while True:
            try:
                一行 = input('> ')
            except EOFError:
                break
            if 一行 == 'quit':
                break
            if 一行 and 客户端.send(一行):
                print(客户端.receive())
        客户端.close()
