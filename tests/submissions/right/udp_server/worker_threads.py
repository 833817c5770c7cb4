"""A reader thread and four workers over a queue, all daemons; the main thread only waits for Ctrl+C."""

import queue
import socket
import threading


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None
        self.jobs = queue.Queue()

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, int(self.port)))
        except (OSError, OverflowError) as error:
            self.server_socket.close()
            print("Cannot start the server:", error)
            return
        for target in [self._read] + [self._work] * 4:
            threading.Thread(target=target, daemon=True).start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")
        finally:
            self.server_socket.close()

    def _read(self):
        while True:
            try:
                self.jobs.put(self.server_socket.recvfrom(100_000))
            except OSError:
                if self.server_socket.fileno() < 0:
                    return

    def _work(self):
        while True:
            data, sender = self.jobs.get()
            try:
                answer = b"%s: %s" % ("已收到您的消息".encode(), data.decode("utf-8").encode("utf-8"))
                self.server_socket.sendto(answer, sender)
            except (UnicodeError, OSError) as error:
                print(sender, repr(error))


if __name__ == "__main__":
    UDPServer().start()
