"""asyncio: a DatagramProtocol, the event loop run by start()."""

import asyncio


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        text = data.decode("utf-8", errors="replace")
        answer = f"已收到您的消息: {text}".encode()
        if len(answer) <= 65507:
            self.transport.sendto(answer, addr)

    def error_received(self, exc):
        print("error:", exc)


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        try:
            asyncio.run(self._serve())
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")

    async def _serve(self):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=(self.host, self.port))
        self.server_socket = transport.get_extra_info("socket")
        print("listening")
        try:
            await loop.create_future()
        finally:
            transport.close()


if __name__ == "__main__":
    UDPServer().start()
