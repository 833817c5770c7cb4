"""Says welcome in a window of its own, which waits for a Return."""

import argparse
import threading
import tkinter
from tkinter import messagebox, scrolledtext, ttk

from chat_client import ChatClient


class Window(tkinter.Tk):
    def __init__(self, client):
        super().__init__()
        self.client = client
        self.title("聊天")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        outer = ttk.Frame(self)
        outer.grid(sticky="nsew")
        outer.columnconfigure(0, weight=1)
        self.shown = scrolledtext.ScrolledText(outer, height=12, width=50)
        self.shown.grid(columnspan=2, sticky="nsew")
        self.writing = tkinter.Text(outer, height=2, width=40)
        self.writing.grid(row=1, sticky="ew")
        ttk.Button(outer, text="清空", command=lambda: self.writing.delete("1.0", "end")).grid(row=1, column=1)
        self.writing.bind("<Return>", self.send)
        self.protocol("WM_DELETE_WINDOW", self.leave)
        self.events = []
        threading.Thread(target=self.listen, daemon=True).start()
        self.after(100, self.show)
        self.after(200, self.welcome)

    def welcome(self):
        messagebox.showinfo("欢迎", "欢迎来到聊天室，请遵守秩序。\n" * 30, parent=self)

    def listen(self):
        self.client.connect()
        while True:
            event = self.client.receive(1)
            if event:
                self.events.append(event)

    def show(self):
        while self.events:
            event = self.events.pop(0)
            self.shown.insert("end", f"{event['type']} {event.get('name')} {event.get('text', '')}\n")
        self.after(100, self.show)

    def send(self, event):
        self.client.send(self.writing.get("1.0", "end").strip())
        self.writing.delete("1.0", "end")
        return "break"

    def leave(self):
        if messagebox.askokcancel("离开", "真的要离开吗？", parent=self):
            self.client.close()
            self.destroy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name", default="匿名")
    options = parser.parse_args()
    Window(ChatClient(options.host, options.port, options.name)).mainloop()
