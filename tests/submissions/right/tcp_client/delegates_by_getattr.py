"""RIGHT: TCPClient delegates everything to an inner object by __getattr__."""
import codecs, socket
class _Impl:
    def __init__(self, host, port): self.host, self.port, self.client_socket = host, port, None
    def connect(self):
        self.close()
        try: self.client_socket = socket.create_connection((self.host, self.port))
        except (OSError, OverflowError, UnicodeError): return False
        self.d = codecs.getincrementaldecoder("utf-8")()
        return True
    def send(self, data):
        if self.client_socket is None: return False
        try: self.client_socket.sendall(data.encode()); return True
        except OSError: return False
    def receive(self, buffer_size=1024):
        if self.client_socket is None: return None
        try:
            while b := self.client_socket.recv(buffer_size):
                if t := self.d.decode(b): return t
            return ""
        except (OSError, UnicodeDecodeError): return None
    def close(self):
        if self.client_socket is not None: self.client_socket.close(); self.client_socket = None
class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888): self._impl = _Impl(host, port)
    def __getattr__(self, name): return getattr(self._impl, name)
def main():
    c = TCPClient()
    if not c.connect(): return
    try:
        while (line := input("> ")) != "quit":
            c.send(line); print(c.receive())
    except EOFError: pass
    c.close()
if __name__ == "__main__": main()
