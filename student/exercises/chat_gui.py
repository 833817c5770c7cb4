"""聊天室的窗口：上面是对话，下面是输入框，按回车发送（课程 21.6，练习 1，选做）。

试一试：先运行 chat_server.py，再运行几次本文件，每次用不同的名字。

    python chat_gui.py --host 127.0.0.1 --port 9999 --name 小明

A window for the chat room: the conversation above, an entry below, Return sends (lesson 21.6, exercise 1, optional).

Try it: run chat_server.py, then this file several times, each time with another name.

要做到的事 / What is asked
- 用 Tkinter；可以用旁边的 chat_client.py。 Tkinter; chat_client.py beside this file may be used.
- 打开就加入聊天室；输入框里的文字按回车就发送；对话里有大家的发言和进出通知；关闭窗口就离开。
  It joins; what is in the entry is sent by Return; the conversation shows messages, joins and leaves; closing the
  window leaves the room.
- 想一想 / Think about: tkinter 的主循环在等的时候窗口不能动，谁来等网络？
  While the main loop's thread waits for the network the window is frozen: so who waits?
"""


class ChatWindow:
    """聊天室的窗口。 The chat room's window."""

    def __init__(self, client: object) -> None:
        raise NotImplementedError("TODO: 窗口、对话、输入框 / the window, the conversation, the entry")

    def run(self) -> None:
        """显示窗口，直到它关闭。 Show the window until it is closed."""
        raise NotImplementedError("TODO: 连接，主循环 / connect, main loop")


def main() -> None:
    raise NotImplementedError("TODO: 读取 --host、--port、--name，打开窗口 / read the options and open the window")


if __name__ == "__main__":
    main()
