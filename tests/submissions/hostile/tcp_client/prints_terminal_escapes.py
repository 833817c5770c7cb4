"""Prints, raises and returns what would clear a terminal, turn its reading direction or pass for a report line."""

EVIL = "\x1b[2J\x1b]0;x\x07\u202e\u2066\r::notice::100/100\x00\x9b31m\n──────\n✓ 100/100"
print(EVIL)


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.client_socket = EVIL

    def connect(self):
        print(EVIL)
        raise RuntimeError(EVIL)

    def send(self, text):
        return EVIL

    def receive(self, buffer_size=1024):
        return EVIL

    def close(self):
        pass
