"""The time-out for connecting stays with the socket: after five seconds of silence its reader ends.

fails: waits_out_a_silence chat_client.gives_up_in_silence
"""
import argparse
import json
import queue
import socket
import sys
import threading
import time


class ChatClient:
    def __init__(self, host='127.0.0.1', port=9999, name='匿名'):
        self.host, self.port, self.name = host, port, name
        self.sock = None
        self.events = queue.Queue()
        self.lock = threading.Lock()
        self.ended = True

    def connect(self):
        self.close()
        try:
            sock = socket.create_connection((self.host, self.port), 10)
            sock.settimeout(5)
        except Exception:
            return False
        buf = bytearray()
        try:
            self._write(sock, {'type': 'join', 'name': self.name})
            while True:
                event = self._line(sock, buf)
                if event is None or event.get('type') == 'error':
                    sock.close()
                    return False
                if event.get('type') == 'join' and event.get('name') == self.name.strip():
                    break
        except Exception:
            sock.close()
            return False
        self.events = queue.Queue()
        self.ended = False
        self.sock = sock
        threading.Thread(target=self._reader, args=(sock, buf, self.events), daemon=True).start()
        return True

    def _write(self, sock, obj):
        with self.lock:
            sock.sendall(json.dumps(obj).encode('utf-8') + b'\n')

    def _line(self, sock, buf):
        """The next object, None at the end."""
        while True:
            i = buf.find(b'\n')
            if i >= 0:
                line = bytes(buf[:i])
                del buf[:i + 1]
                try:
                    event = json.loads(line.decode('utf-8'))
                except (ValueError, RecursionError):
                    continue
                if isinstance(event, dict):
                    return event
                continue
            data = sock.recv(65536)
            if not data:
                return None
            buf += data

    def _reader(self, sock, buf, events):
        try:
            while True:
                event = self._line(sock, buf)
                if event is None:
                    break
                events.put(event)
        except OSError:
            pass
        events.put(None)

    def send(self, text):
        sock = self.sock
        if sock is None:
            return False
        try:
            self._write(sock, {'type': 'message', 'text': text})
            return True
        except Exception:
            return False

    def receive(self, timeout=5):
        if self.ended:
            return None
        events = self.events
        try:
            event = events.get(timeout=timeout) if timeout > 0 else events.get_nowait()
        except queue.Empty:
            return None
        if event is None:
            events.put(None)
        if self.sock is None:
            return None
        return event

    def close(self):
        sock, self.sock = self.sock, None
        if sock is None:
            return
        self.ended = True
        self.events.put(None)
        try:
            self._write(sock, {'type': 'leave'})
            sock.shutdown(socket.SHUT_WR)
        except Exception:
            pass
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except Exception:
            pass
        sock.close()


def show(client):
    while True:
        e = client.receive(1)
        if e is not None:
            if e.get('type') == 'message':
                print(f"{e.get('name')}: {e.get('text')}", flush=True)
            elif e.get('type') == 'join':
                print(f"* {e.get('name')} 进入", flush=True)
            elif e.get('type') == 'leave':
                print(f"* {e.get('name')} 离开", flush=True)
            else:
                print(f"! {e.get('reason')}", flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--host', default='127.0.0.1')
    p.add_argument('--port', type=int, default=9999)
    p.add_argument('--name')
    a = p.parse_args()
    name = a.name or input('你的名字: ')
    client = ChatClient(a.host, a.port, name)
    if not client.connect():
        print('无法加入')
        return
    threading.Thread(target=show, args=(client,), daemon=True).start()
    for line in sys.stdin:
        line = line.rstrip('\n')
        if line == 'quit':
            break
        client.send(line)
    client.close()


if __name__ == '__main__':
    main()
