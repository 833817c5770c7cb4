"""A thread for each client, and in each thread an event loop of its own, which takes three descriptors more."""

import asyncio
import codecs
import socket
import threading


async def talk(connection):
    decoder = codecs.getincrementaldecoder("utf-8")()
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        while data := await reader.read(1024):
            if text := decoder.decode(data):
                writer.write(("已收到您的消息: " + text).encode())
                await writer.drain()
    except (OSError, UnicodeDecodeError) as error:
        print(error)
    finally:
        writer.close()


def handle_client(client_socket, client_address):
    asyncio.run(talk(client_socket))


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.create_server((self.host, self.port), backlog=self.max_connections)
        except (OSError, OverflowError) as error:
            print(error)
            return
        with self.server_socket:
            while True:
                accepted = self.server_socket.accept()
                threading.Thread(target=handle_client, args=accepted, daemon=True).start()


if __name__ == "__main__":
    TCPServer().start()
