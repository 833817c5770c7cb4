"""The entry is not emptied: the next text is sent with the one before it.

fails: window_sends_what_is_typed chat_gui.not_emptied
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

    def look():
        while not events.empty():
            board.insert("end", str(events.get()) + "\n")
        root.after(50, look)

    def leave():
        client.close()
        root.destroy()

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
