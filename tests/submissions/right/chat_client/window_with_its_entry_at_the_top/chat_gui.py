"""Plain Tk, the entry at the top and without the keyboard at first; its own sockets, no chat_client; classic loop."""

import argparse
import json
import select
import socket
from tkinter import *

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=9999)
parser.add_argument("--name", default="me")


def main():
    options = parser.parse_args()
    sock = socket.create_connection((options.host, options.port))
    sock.sendall(json.dumps({"type": "join", "name": options.name}).encode() + b"\n")

    window = Tk()
    window.title("Chat")
    Label(window, text="Write here:").pack(anchor="w")
    text = StringVar()
    entry = Entry(window, textvariable=text, width=30)
    entry.pack(anchor="w")
    Button(window, text="Quit", command=window.destroy).pack(anchor="e")
    board = Listbox(window, width=60, height=15)
    board.pack()
    received = bytearray()

    def send(_):
        sock.sendall(json.dumps({"type": "message", "text": text.get()}).encode() + b"\n")
        text.set("")

    def look():
        if select.select([sock], [], [], 0)[0]:
            received.extend(sock.recv(4096))
            while b"\n" in received:
                line, _, rest = received.partition(b"\n")
                received[:] = rest
                board.insert(END, line.decode())
        window.after(30, look)

    entry.bind("<Return>", send)
    look()
    window.mainloop()


if __name__ == "__main__":
    main()
