"""asyncio streams: one task a client, one thread for all; handle_client runs a loop of its own on the given socket."""

import asyncio
import codecs


async def answer(reader, writer):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := await reader.read(4096):
            text = decoder.decode(data)
            if text:
                writer.write(f"已收到您的消息: {text}".encode())
                await writer.drain()
    except (OSError, UnicodeDecodeError) as error:
        print("client lost:", error)
    finally:
        writer.close()


def handle_client(client_socket, client_address):
    async def serve_one():
        reader, writer = await asyncio.open_connection(sock=client_socket)
        await answer(reader, writer)
        try:
            await writer.wait_closed()
        except OSError:
            pass

    client_socket.setblocking(False)
    asyncio.run(serve_one())


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        try:
            asyncio.run(self.serve())
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
        except KeyboardInterrupt:
            print("stopped")

    async def serve(self):
        server = await asyncio.start_server(answer, self.host, self.port, backlog=self.max_connections)
        self.server_socket = server.sockets[0]
        print("listening on", self.server_socket.getsockname())
        # Not serve_forever(): from Python 3.12.1 on it waits at its end for every client to leave.
        await asyncio.Event().wait()


if __name__ == "__main__":
    TCPServer().start()
