"""WebSocket 服务器：回声、聊天室和一个聊天网页（课程 21.7 任务 2）。

可以用 websockets 库，也可以用 socket 自己写协议（RFC 6455）；线程、asyncio、selectors 都行。

试一试：运行本文件，用浏览器打开 http://127.0.0.1:8765/ ，再开一个窗口，用另一个名字加入。

A WebSocket server: an echo, a chat room and a page to chat in (lesson 21.7, task 2). The websockets library will do,
and so will the protocol (RFC 6455) written by hand; threads, asyncio or selectors, as you like.

Try it: run this file, open http://127.0.0.1:8765/ in a browser, and join from a second window under another name.

要做到的事 / What is asked
- /echo（WebSocket）：每条文字或二进制消息原样送回。 Every text or binary message comes back as it was.
- /chat（WebSocket）：聊天室，消息是文字，内容是一个 JSON 对象。
  The chat room; its messages are text, each a JSON object.
  客户端 → 服务器：第一条 {"type":"join","name":NAME}，然后是 {"type":"message","text":TEXT} 和
  {"type":"direct","to":NAME,"text":TEXT}，最后 {"type":"leave"}，或者直接关闭（重置也算）。
  NAME 是字符串，先去掉首尾空白，然后有 1–32 个字符，没有控制字符（Unicode 类别 Cc），没有被别人使用（逐字比较）；
  TEXT 是任何文字，可以为空，至少可以有 60,000 个字符。
  Client → server: first a join, then messages and direct messages, at the end a leave or just a close (a reset alike).
  NAME: a string; stripped first, then 1–32 characters, none of category Cc, not in use (compared exactly). TEXT: any
  text, the empty one included; 60,000 characters must do.
- 服务器 → 客户端（N 是去掉空白的名字） / Server → client (N is the stripped name):
  {"type":"join","name":N}              给所有已加入的人，包括新来的，这是他的第一条
                                        to all joined, the newcomer included, for whom it is the first
  {"type":"message","name":N,"text":T}  给所有已加入的人，包括说话的人；每人恰好一次
                                        to all joined, the sender included; exactly once each
  {"type":"leave","name":N}             给所有留下的人；他们看到之后，这个名字又可以用了
                                        to all that remain; once they have seen it the name is free again
  {"type":"direct","name":FROM,"to":N,"text":T}
                                        只给那个人和说话的人；对自己说时只有一次；没有这个人：error
                                        to that client and the sender alone, once when they are the same; unknown: error
  {"type":"push","text":T}              push(T)：马上给所有已加入的人 / to all joined, at once
  {"type":"error","reason":STR}         只给出错的人 / to the offender alone
  所有人看到的顺序相同，每个人说的话保持顺序；加入之前说的话，不会收到。多出来的键，双方都允许并忽略。
  All see one and the same order, each sender's order is kept, nobody gets what was sent before he joined. Extra keys
  are allowed and ignored on both sides.
- 名字不行、缺少或已被使用，或者第一条不是 join：error，然后关闭，其他人什么也不知道。加入之后：再次 join、二进制消息、
  别的看不懂的：error，连接继续。leave 之后服务器关闭连接。
  A bad, missing or taken name, or another first message: error, then close, and nobody else notices. After joining: a
  second join, a binary message, anything else that is not understood: error, and the connection goes on. After leave
  the server closes.
- GET /（没有 Upgrade）：200，一个 HTML 聊天网页，有元素 #name、#join、#messages、#text、#send：点 #join 之后自己的加入
  通知出现在 #messages 里，然后点 #send 就发送 #text 里的文字。别人写的只是显示出来，绝不当作 HTML。
  别的路径：404，有没有 Upgrade 都一样。
  GET / without upgrade: 200, an HTML page to chat in with the elements #name, #join, #messages, #text, #send: after
  #join one's own join notice appears in #messages, then #send sends what is in #text. What others write is shown, never
  interpreted. Other paths: 404, with and without upgrade.
- 协议 / The protocol (RFC 6455): 握手（首部名字不分大小写，Connection: keep-alive, Upgrade 也行，请求可能切成任意几段，
  后面可能紧跟着帧）；文字和二进制消息，最大 1 MiB，最多 1000 个片段；ping 用同样数据的 pong 回答；关闭握手（回一个有效
  的关闭码）。
  The opening handshake (header names in any case, tokens in a list, the request in any pieces, frames right behind it);
  text and binary messages of up to 1 MiB in up to 1000 fragments; a ping is answered by a pong with the same data; the
  closing handshake (any valid code back).
- 稳健 / Robust:
  没有掩码的帧、保留位、没有的 opcode、超过 125 字节或分片的控制帧、顺序不对的片段 → 关闭，1002；不是 UTF-8 → 1007；
  超过 1 MiB（片段合计）→ 1009；无效的关闭码（小于 1000、1004–1006、1015、5000 以上），或者只有一个字节的 Close → 1002；
  控制帧可以夹在片段之间；Upgrade、Connection、Sec-WebSocket-Key、Sec-WebSocket-Version 缺少或不对 → 4xx；
  不接收的、什么都不说的客户端不耽误任何人（他要么得到全部，要么被断开）；可以有 200 个客户端。
  An unmasked frame, reserved bits or opcodes, a control frame over 125 bytes or fragmented, a fragment out of order:
  close with 1002; invalid UTF-8: 1007; over 1 MiB, fragments together: 1009; an invalid close code (below 1000,
  1004–1006, 1015, 5000 and above) or a close payload of one byte: 1002; control frames may come between fragments;
  Upgrade, Connection, Sec-WebSocket-Key or Sec-WebSocket-Version missing or wrong: 4xx; a client that does not read, or
  says nothing at all, delays nobody (it gets everything or is disconnected); 200 clients.
"""


class WebSocketServer:
    """WebSocket 服务器：/echo 是回声，/chat 是聊天室，/ 是聊天网页。

    The WebSocket server: /echo is the echo, /chat the chat room, / the page to chat in.

    host: 监听的地址；'0.0.0.0' 表示本机所有网络接口。 Where to listen; '0.0.0.0' means every interface.
    port: 监听的端口。 The port to listen on.
    """

    def __init__(self, host: str = "0.0.0.0", port: int = 8765) -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C；那时（不管还有没有客户端连着）约 2 秒内结束，端口空出来。
        被杀掉之后可以马上在同一个端口重新启动。
        地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C; then end within about 2 s, clients connected or not, with the port free. It can be started
        again on the same port right after it was killed. If the address cannot be used (taken, not this machine's,
        port out of range), print why and return; never raise.
        """
        raise NotImplementedError("TODO: 监听，握手，收发消息 / listen, shake hands, receive and send messages")

    def push(self, text: str) -> None:
        """把一段文字推送给聊天室里的所有人；服务器启动之后，可以在任何线程里调用。

        Push a text to all who are in the chat room; once the server has started it may be called from any thread.
        """
        raise NotImplementedError("TODO: 推送 / push")


def main() -> None:
    raise NotImplementedError("TODO: 读取 --host 和 --port，启动服务器 / read --host and --port, start the server")


if __name__ == "__main__":
    main()
