"""Closing the window hides it, and the program stays in the room.

fails: window_leaves_when_it_is_closed chat_client.stays
"""

import argparse
import queue
import threading
import tkinter as tk

from chat_client import ChatClient


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name", default="匿名")
    options = parser.parse_args()
    client = ChatClient(options.host, options.port, options.name)
    events = queue.Queue()
    root = tk.Tk()
    root.title(options.name)
    board = tk.Text(root, height=15, width=60)
    board.pack()
    entry = tk.Entry(root, width=50)
    entry.pack(side="left")

    def send(event=None):
        client.send(entry.get())
        entry.delete(0, "end")

    def look():
        while not events.empty():
            board.insert("end", str(events.get()) + "\n")
        root.after(50, look)

    def leave():
        root.withdraw()

    def listen():
        client.connect()
        while True:
            event = client.receive(5)
            if event:
                events.put(event)

    tk.Button(root, text="send", command=send).pack(side="right")
    entry.bind("<Return>", send)
    root.protocol("WM_DELETE_WINDOW", leave)
    threading.Thread(target=listen, daemon=True).start()
    look()
    entry.focus()
    root.mainloop()


if __name__ == "__main__":
    main()
