"""One decoder for all clients: half a character of one gets into the text of another.

fails: keeps_clients_apart client.shared
"""

import codecs
import socket


class TCPClient:
    decoder = codecs.getincrementaldecoder("utf-8")()

    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def connect(self):
        self.close()
        s = None
        try:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            s.connect((self.host, self.port))
        except Exception as e:
            print("connect failed", e)
            s.close()
            return False
        self.client_socket = s
        self.decoder.reset()
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            self.client_socket.sendall(data.encode("utf-8"))
            return True
        except Exception as e:
            print("send failed", e)
            return False

    def receive(self, buffer_size=1024):
        if self.client_socket is None:
            return None
        try:
            while True:
                data = self.client_socket.recv(buffer_size)
                if not data:
                    return ""
                text = self.decoder.decode(data)
                if text:
                    return text
        except Exception as e:
            print("receive failed", e)
            return None

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None


def main():
    client = TCPClient()
    if not client.connect():
        return
    try:
        while True:
            line = input("> ")
            if line == "quit":
                break
            if client.send(line):
                print(client.receive())
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        client.close()


if __name__ == "__main__":
    main()
