"""聊天室客户端：加入聊天室，发言，收到大家的发言和进出通知（课程 21.6，练习 1）。

试一试：先运行 chat_server.py，再在两个终端里各运行一次本文件；输入一行文字后按回车，输入 quit 离开。

    python chat_client.py --host 127.0.0.1 --port 9999 --name 小明

Chat client: joins the room, speaks, and hears what everybody says and who comes and goes (lesson 21.6, exercise 1).

Try it: run chat_server.py, then this file in two terminals; type a line and press Return, type quit to leave.

协议 / The protocol: 一行一个 JSON 对象，UTF-8，以 \\n 结尾 / one JSON object per line, UTF-8, ended by \\n
    → {"type": "join", "name": "小明"}                     ← {"type": "join", "name": "小明"}
    → {"type": "message", "text": "大家好"}                 ← {"type": "message", "name": "小明", "text": "大家好"}
    → {"type": "leave"}                                    ← {"type": "leave", "name": "小红"}
                                                           ← {"type": "error", "reason": "…"}
多出来的键不用管。 Extra keys are allowed and ignored.

要做到的事 / What is asked
- 任何方法都不抛出异常。 No method ever raises.
- 稳健 / Robust: 不管网络把字节切在哪里、粘在一起，事件都完整；一个线程 receive() 的同时，另一个线程可以 send()；
  服务器发来的一行如果不是 JSON 对象就跳过；超时准时，而且什么也不丢；文字可以有 60,000 个字符。
  Events come whole wherever the network cuts or glues; one thread may send() while another is in receive(); a line
  of the server's that is no JSON object is skipped; time-outs are kept, and lose nothing; texts of 60,000 characters.
- 作为脚本运行 / As a script: 接受 --host、--port、--name（没有 --name 就问）；逐行读取输入并发送，事件一到就打印；
  遇到 quit 或输入结束就离开。
  Takes --host, --port and --name (asks where there is none); sends each line of input, prints the events as they come;
  leaves on quit or the end of input.
- 选做 / Optional: chat_gui.py。
"""


class ChatClient:
    """聊天室里的一个人。 One person in the chat room.

    host, port: 服务器的地址 / the server's address; name: 在聊天室里的名字 / the name in the chat room
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 9999, name: str = "匿名") -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def connect(self) -> bool:
        """连接服务器并加入聊天室；等到服务器通知「自己加入了」才返回 True，出错、被拒绝、连接关闭返回 False。

        在那之前到的事件丢掉。失败之后可以再试。

        Connect and join; True once the server's notice of one's own joining came (what comes before it is dropped),
        False on an error, a refusal or a closed connection. May be tried again.
        """
        raise NotImplementedError(
            "TODO: 连接，发送 join，等自己的 join 事件 / connect, send join, await one's own join"
        )

    def send(self, text: str) -> bool:
        """发言，返回是否成功。 Say something; whether it could be sent."""
        raise NotImplementedError("TODO: 发送一行 message / send a line of type message")

    def receive(self, timeout: float = 5) -> dict | None:
        """返回自己加入之后的下一个事件，最多等 timeout 秒（0：只看一眼），没有就返回 None。

        连接关闭之后，先返回已经到了的事件，然后立刻返回 None；自己 close() 之后也立刻返回 None。

        The next event after one's own joining; None when none came within timeout seconds (0: just look). Once the
        connection is closed the events that came before are still returned, then None at once; None at once, too,
        after one's own close().
        """
        raise NotImplementedError("TODO: 收到一整行，解析成 dict / get a whole line, parse it")

    def close(self) -> None:
        """告诉服务器自己离开了（leave），然后关闭连接。 Say leave, and close."""
        raise NotImplementedError("TODO: 发送 leave，关闭 / send leave and close")


def main() -> None:
    raise NotImplementedError("TODO: 一边读输入一边打印事件 / read input and print events at the same time")


if __name__ == "__main__":
    main()
