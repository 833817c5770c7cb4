"""聊天服务器：TCP 上的 JSON Lines，每个客户端说的话，所有人都收到（课程 21.6 练习 1）。

试一试：在一个终端里运行本文件，在另外两个终端里各运行一次 `nc 127.0.0.1 9999`，输入
    {"type": "join", "name": "小明"}
    {"type": "message", "text": "大家好"}
    {"type": "leave"}

A chat server: JSON Lines over TCP; what one client says, everybody receives (lesson 21.6, exercise 1).

Try it: run this file in one terminal and `nc 127.0.0.1 9999` in two others, and type the lines above.

要做到的事 / What is asked
- 每行一个 UTF-8 的 JSON 对象，以 \\n 结束（也接受 \\r\\n）；末尾没有换行的半行不算一行。
  One UTF-8 JSON object per line, ended by \\n (\\r\\n accepted); an unterminated last line is no line.
- 客户端 → 服务器：第一行 {"type":"join","name":NAME}，然后是 {"type":"message","text":TEXT}，
  最后 {"type":"leave"}，或者直接关闭（半关闭、重置也算）。
  NAME 是字符串，先去掉首尾空白，然后有 1–32 个字符，没有控制字符（Unicode 类别 Cc），没有被别人使用（逐字比较）；
  TEXT 是任何文字，可以为空，可以有换行。
  Client → server: first a join, then messages, at the end a leave or just a close (half-close and reset alike). NAME: a
  string; stripped first, then 1–32 characters, none of category Cc, not in use (compared exactly). TEXT: any text, the
  empty one and newlines included.
- 服务器 → 客户端（N 是去掉空白的名字） / Server → client (N is the stripped name):
  {"type":"join","name":N}              给所有已加入的人，包括新来的，这是他的第一行
                                        to all joined, the newcomer included, for whom it is the first line
  {"type":"message","name":N,"text":T}  给所有已加入的人，包括说话的人；每人恰好一次
                                        to all joined, the sender included; exactly once each
  {"type":"leave","name":N}             给所有留下的人；他们看到之后，这个名字又可以用了
                                        to all that remain; once they have seen it the name is free again
  {"type":"error","reason":STR}         只给出错的人 / to the offender alone
  多出来的键，双方都允许并忽略。 Extra keys are allowed and ignored on both sides.
- 每个人说的话保持顺序；加入之前说的话，不会收到。
  Each sender's order is kept; nobody gets what was sent before he joined.
- 名字不行、缺少或已被使用，或者第一行不是 join：error，然后关闭，其他人什么也不知道。
  加入之后：不是 JSON、不是对象、不认识的 type、再次 join、text 缺少或不是字符串、不是 UTF-8：error，连接继续；
  空行：error 或忽略；leave 之后服务器关闭连接。
  A bad, missing or taken name, or another first line: error, then close, and nobody else notices. After joining: not
  JSON, not an object, unknown type, a second join, text missing or no string, not UTF-8: error, and the connection goes
  on; an empty line: error or ignored. After leave the server closes.
- 稳健 / Robust: 所有人看到的事件顺序完全相同；一行可能被切开，几行可能粘在一起；不接收的客户端从不耽误别人
  （他要么得到全部，要么被断开，中间没有缺口；欠他的不到 1 MB、停顿一秒，不是断开他的理由）；
  一行超过 65,536 字节还没有结束：error，然后关闭，不等它结束；可以有 200 个客户端；嵌套几千层的 JSON 不影响别人。
  All clients see one and the same order of events; lines cut or glued anywhere; a client that stops reading never
  delays the others (it gets everything or is disconnected, never a gap; a pause of a second with under 1 MB outstanding
  is no reason to drop it); a line over 65,536 bytes without its end: error, then close, without waiting for the end;
  200 clients at once; JSON nested thousands deep disturbs nobody else.
"""


class ChatServer:
    """聊天室。 The chat room.

    host: 监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port: 监听的端口。 The port to listen on.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 9999) -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C；那时（不管还有没有客户端连着）约 2 秒内结束，端口空出来。
        被杀掉之后可以马上在同一个端口重新启动。
        地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C; then end within about 2 s, clients connected or not, with the port free. It can be started
        again on the same port right after it was killed. If the address cannot be used (taken, not this machine's,
        port out of range), print why and return; never raise.
        """
        raise NotImplementedError("TODO: 监听、接受连接、转发每一行 / listen, accept, pass every line on")


def main() -> None:
    raise NotImplementedError("TODO: 读取 --host 和 --port，启动服务器 / read --host and --port, start the server")


if __name__ == "__main__":
    main()
