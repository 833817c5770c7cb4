"""Joins first and shows the window then, after a splash; a hint in the entry goes away when it is clicked on."""

import argparse
import queue
import sys
import threading
import tkinter as tk

from chat_client import ChatClient

HINT = "说点什么……"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name", default="匿名")
    options = parser.parse_args()
    client = ChatClient(options.host, options.port, options.name)
    if not client.connect():
        sys.exit("cannot join")
    root = tk.Tk()
    root.withdraw()
    splash = tk.Toplevel(root)
    splash.overrideredirect(True)
    tk.Label(splash, text="聊天室", padx=60, pady=40).pack()
    events = queue.SimpleQueue()
    threading.Thread(target=listen, args=(client, events), daemon=True).start()

    talk = tk.Canvas(root, width=500, height=300, background="white")
    talk.pack(fill="both", expand=True)
    entry = tk.Entry(root, foreground="grey")
    entry.insert(0, HINT)
    entry.pack(side="left", fill="x", expand=True)
    button = tk.Button(root, text="↵")
    button.pack(side="right")
    lines = []

    def clear(event=None):
        if entry.get() == HINT:
            entry.delete(0, "end")
            entry.configure(foreground="black")

    def send(event=None):
        text = entry.get()
        if text and text != HINT:
            client.send(text)
            entry.delete(0, "end")

    def draw():
        while not events.empty():
            lines.append(events.get())
            talk.delete("all")
            talk.create_text(10, 10, anchor="nw", text="\n".join(lines[-15:]))
        root.after(40, draw)

    def show():
        splash.destroy()
        root.deiconify()

    entry.bind("<FocusIn>", clear)
    root.bind("<Return>", send)
    button.configure(command=send)
    root.after(150, show)
    draw()
    root.mainloop()
    client.close()


def listen(client, events):
    while True:
        event = client.receive(10)
        if event is not None:
            events.put(" ".join(str(value) for value in event.values()))


if __name__ == "__main__":
    main()
