"""聊天室的窗口：上面是对话，下面是输入框，按回车发送（课程 21.6，练习 1，选做）。

试一试：先运行 chat_server.py，再运行几次本文件，每次用不同的名字。

    python chat_gui.py --host 127.0.0.1 --port 9999 --name 小明

A window for the chat room: the conversation above, an entry below, Return sends (lesson 21.6, exercise 1, optional).

Try it: run chat_server.py, then this file several times, each time with another name.

窗口和网络 / Window and network: tkinter 只能在一个线程里使用，而且这个线程不能等网络，否则窗口就「没有响应」。
所以网络在两个后台线程里，一个收，一个发，和窗口之间只通过队列传递东西；窗口每隔一会儿看一眼队列（after）。
tkinter belongs to one thread, and that thread must not wait for the network, or the window would freeze. So the network
has two threads in the background, one receives, one sends; queues are all that is between them and the window, which
looks into its queue every now and then (after).
"""

import argparse
import queue
import threading
import time
import tkinter as tk
from tkinter import font, ttk

from chat_client import ChatClient

#: 窗口多久看一次队列，毫秒。 How often the window looks into its queue, in milliseconds.
LOOK_EVERY = 50
#: 服务器不肯接收时，关窗口最多等多久，秒。 How long closing waits for a server that does not read, in seconds.
GOODBYE_PATIENCE = 1.0

BACKGROUND, PAPER, INK, FAINT, LINE = "#eef1f5", "#ffffff", "#1f2933", "#7b8794", "#d5dbe1"
ACCENT, ACCENT_LIGHT = "#1971c2", "#4a9be3"
ONLINE, OFFLINE = "#2f9e44", "#c92a2a"
#: 每个人的名字有自己的颜色；自己的另有一种。 A colour for everybody's name, another for one's own.
COLOURS = ("#1971c2", "#9c36b5", "#c2255c", "#0b7285", "#a61e4d", "#5f3dc4", "#846358", "#2b8a3e")
OWN_COLOUR = "#d9480f"
#: 有汉字的字体，先找到哪个用哪个。 Fonts with Chinese characters; the first that is there is used.
FONTS = ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei")


class Connection:
    """后台的网络：两个线程，两个队列。 The network in the background: two threads, two queues.

    news: 给窗口的消息 / what the window is told: ("connected", None), ("failed", None), ("event", {…}), ("lost", None)
    """

    def __init__(self, client: ChatClient) -> None:
        self.client = client
        self.news: queue.Queue[tuple[str, dict | None]] = queue.Queue()
        self._outgoing: queue.Queue[str | None] = queue.Queue()
        self._sending = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        threading.Thread(target=self._receive, daemon=True).start()

    def say(self, text: str) -> None:
        """放进队列就返回，不等网络。 Returns at once: the network thread sends it."""
        self._outgoing.put(text)

    def leave(self) -> None:
        """说一声再走。 Say goodbye and go; what was said before is sent first."""
        self._outgoing.put(None)
        if self._sending.is_alive():
            self._sending.join(GOODBYE_PATIENCE)

    def _receive(self) -> None:
        if not self.client.connect():
            self.news.put(("failed", None))
            return
        self.news.put(("connected", None))
        self._sending.start()
        wait = 1.0
        while True:
            began = time.monotonic()
            event = self.client.receive(timeout=wait)
            if event is not None:
                self.news.put(("event", event))
            elif time.monotonic() - began < wait / 2:
                # 立刻得到 None：不是没有人说话，而是连接关闭了。 None at once: not silence, the connection is closed.
                self.news.put(("lost", None))
                return

    def _send(self) -> None:
        while (text := self._outgoing.get()) is not None:
            self.client.send(text)
        self.client.close()


class ChatWindow:
    """聊天室的窗口；run() 一直到窗口关闭才返回。 The chat room's window; run() returns when it has been closed."""

    def __init__(self, client: ChatClient) -> None:
        self.me = client.name.strip()
        self.colours = {self.me: OWN_COLOUR}
        self.connection = Connection(client)
        self.root = tk.Tk()
        self.root.title(f"聊天室 · {self.me}")
        self.root.geometry("560x620")
        self.root.minsize(360, 300)
        self.root.configure(background=BACKGROUND)
        self.root.protocol("WM_DELETE_WINDOW", self._close)
        self._choose_fonts()
        self._make_header(f"{client.host}:{client.port}")
        self._make_entry()  # 先放下面的，窗口变小时它还在 / before the middle: it stays when the window gets small
        self._make_conversation()
        self._show_state("正在连接…", FAINT)

    def run(self) -> None:
        self.connection.start()
        self.root.after(LOOK_EVERY, self._look)
        self.root.mainloop()

    # --- 窗口的三个部分 / the three parts of the window

    def _choose_fonts(self) -> None:
        there = set(font.families())
        family = next((name for name in FONTS if name in there), None)
        for name in ("TkDefaultFont", "TkTextFont", "TkMenuFont"):
            named = font.nametofont(name)
            named.configure(size=11, **({"family": family} if family else {}))
        self.text_font = font.nametofont("TkTextFont")
        self.bold_font = self.text_font.copy()
        self.bold_font.configure(weight="bold")
        self.small_font = self.text_font.copy()
        self.small_font.configure(size=9)

    def _make_header(self, address: str) -> None:
        style = ttk.Style(self.root)
        style.theme_use("clam")
        style.configure("TFrame", background=BACKGROUND)
        style.configure("TLabel", background=BACKGROUND, foreground=INK)
        style.configure("Address.TLabel", foreground=FAINT, font=self.small_font)
        style.configure("TButton", padding=(8, 7), background=ACCENT, foreground=PAPER, borderwidth=0)
        style.map("TButton", background=[("disabled", LINE), ("active", ACCENT_LIGHT)])
        style.configure("TEntry", padding=7, bordercolor=LINE, lightcolor=PAPER)
        style.map("TEntry", bordercolor=[("focus", ACCENT)])
        style.configure("TScrollbar", background=LINE, troughcolor=BACKGROUND, borderwidth=0, arrowcolor=FAINT)
        header = ttk.Frame(self.root, padding=(16, 12, 16, 8))
        header.pack(fill="x")
        ttk.Label(header, text=self.me, font=self.bold_font).pack(side="left")
        ttk.Label(header, text=f"  {address}", style="Address.TLabel").pack(side="left")
        self.state = ttk.Label(header, font=self.small_font)
        self.state.pack(side="right")

    def _make_conversation(self) -> None:
        frame = ttk.Frame(self.root, padding=(16, 0, 16, 0))
        frame.pack(fill="both", expand=True)
        self.conversation = tk.Text(
            frame,
            state="disabled",  # 只给人看：写的时候才打开 / for reading; opened only while something is written
            wrap="word",
            font=self.text_font,
            background=PAPER,
            foreground=INK,
            relief="flat",
            highlightthickness=1,
            highlightbackground=LINE,
            padx=14,
            pady=10,
            cursor="arrow",
            takefocus=False,
        )
        bar = ttk.Scrollbar(frame, command=self.conversation.yview)
        self.conversation.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        self.conversation.pack(side="left", fill="both", expand=True)
        tags = self.conversation.tag_configure
        tags("notice", justify="center", foreground=FAINT, font=self.small_font, spacing1=5, spacing3=5)
        tags("error", justify="center", foreground=OFFLINE, font=self.small_font, spacing1=5, spacing3=5)
        tags("name", font=self.bold_font, spacing1=8)
        tags("time", foreground=FAINT, font=self.small_font)
        tags("said", lmargin1=14, lmargin2=14, spacing1=2, spacing3=2)

    def _make_entry(self) -> None:
        bar = ttk.Frame(self.root, padding=(16, 12, 16, 16))
        bar.pack(side="bottom", fill="x")
        self.button = ttk.Button(bar, text="发送", width=8, command=self._send)
        self.button.pack(side="right", padx=(10, 0))
        self.entry = ttk.Entry(bar, font=self.text_font)
        self.entry.pack(side="left", fill="x", expand=True)
        self.entry.bind("<Return>", self._send)
        self.entry.bind("<KP_Enter>", self._send)
        self.entry.focus_set()  # 打开窗口就可以打字 / one can type as soon as the window is there

    # --- 人做的事 / what the person does

    def _send(self, event: object = None) -> None:
        text = self.entry.get()
        if text:
            self.connection.say(text)
            self.entry.delete(0, "end")  # 自己的话由服务器发回来再显示，大家看到的顺序就一样 / shown when it comes back

    def _close(self) -> None:
        self.root.withdraw()  # 窗口立刻消失，告别在后面进行 / gone at once; saying goodbye may take a moment
        self.root.update_idletasks()
        self.connection.leave()
        self.root.destroy()

    # --- 网络来的消息 / news from the network

    def _look(self) -> None:
        try:
            for _ in range(200):  # 一次不要太多，窗口还要画 / not too many at a time: the window wants to be drawn, too
                kind, event = self.connection.news.get_nowait()
                self._take(kind, event)
        except queue.Empty:
            pass
        self.root.after(LOOK_EVERY, self._look)

    def _take(self, kind: str, event: dict | None) -> None:
        if kind == "connected":
            self._show_state("● 已连接", ONLINE)
            self._write(("你已加入聊天室\n", "notice"))
        elif kind == "event" and event is not None:
            self._show(event)
        else:
            words = "连接已断开" if kind == "lost" else "无法加入聊天室"
            self._show_state(f"● {words}", OFFLINE)
            self._write((f"{words}。关闭窗口，稍后再试。\n", "error"))
            self.entry.state(["disabled"])
            self.button.state(["disabled"])

    def _show(self, event: dict) -> None:
        name = str(event.get("name"))
        match event.get("type"):
            case "message":
                colour = f"name {name}"
                self.conversation.tag_configure(colour, foreground=self._colour(name))
                self._write(
                    (name, ("name", colour)),
                    (time.strftime("   %H:%M\n"), ("time",)),
                    (f"{event.get('text')}\n", "said"),
                )
            case "join":
                self._write((f"{name} 加入了聊天室\n", "notice"))
            case "leave":
                self._write((f"{name} 离开了聊天室\n", "notice"))
            case "error":
                self._write((f"服务器: {event.get('reason')}\n", "error"))

    def _colour(self, name: str) -> str:
        return self.colours.setdefault(name, COLOURS[len(self.colours) % len(COLOURS)])

    def _write(self, *pieces: tuple[str, str | tuple[str, ...]]) -> None:
        at_the_end = self.conversation.yview()[1] >= 0.999
        self.conversation.configure(state="normal")
        for text, tags in pieces:
            self.conversation.insert("end", text, tags)
        self.conversation.configure(state="disabled")
        if at_the_end:  # 正在往回翻的人不要打断 / do not disturb somebody who is reading further up
            self.conversation.see("end")

    def _show_state(self, text: str, colour: str) -> None:
        self.state.configure(text=text, foreground=colour)


def main() -> None:
    """打开窗口，直到它关闭。 Open the window, until it is closed."""
    parser = argparse.ArgumentParser(description="聊天室的窗口 / a window for the chat room")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name", default="匿名", help="在聊天室里的名字 / the name in the chat room")
    options = parser.parse_args()
    ChatWindow(ChatClient(options.host, options.port, options.name)).run()


if __name__ == "__main__":
    main()
