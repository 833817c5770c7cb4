"""The window (chat_gui, a bonus): it joins, sends what is typed, and leaves when it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graders.core.models.chat_events import join, joined, line, said
from graders.core.models.chat_lines import Leaves, Lines, SaysText
from graders.core.traffic.chat_client import ME
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.window import Window
from graders.exercises.chat_client.unit import unit

#: What is typed, then, with a number: on every keyboard, and without a space, which would press a button.
TYPED, AGAIN = "hello,is-anybody-there?", "yes,here-i-am!"


@contextmanager
def window_in_the_room(window: Window) -> Iterator[TcpPeer]:
    """The window's program runs and has joined."""
    with window.listen() as listener:
        host, port = listener.address
        with window.running("--host", host, "--port", str(port), "--name", ME), window.accept(listener) as server:
            server.expect(Lines((join(ME),)), units=2.0)
            server.send(line(joined(ME)))
            server.send(line(joined("小红")) + line(said("小红", "大家好！")))
            yield server


@unit.check(points=3, tier="bonus", actor="window", module="chat_gui")
def window_joins(window: Window) -> None:
    """窗口：打开就加入聊天室。 The window opens, and joins the room."""
    with window_in_the_room(window):
        window.await_window()


#: How long a text that was typed may take to arrive before another way to the entry is tried.
ARRIVAL_UNITS = 0.7

#: How often it is looked whether the window, asked to close, asks back.
MOST_LOOKS = 5


@unit.check(points=4, tier="bonus", actor="window", module="chat_gui", needs=["window_joins"])
def window_sends_what_is_typed(window: Window) -> None:
    """窗口：输入文字后按回车，就发送出去。 What is typed into the window's entry is sent by Return."""
    with window_in_the_room(window) as server:
        window.await_window()
        type_and_send(window, server, TYPED)
        type_and_send(window, server, AGAIN, apart=(TYPED, AGAIN))


def type_and_send(window: Window, server: TcpPeer, text: str, apart: tuple[str, ...] = ()) -> None:
    """Type a text, with a number behind it, wherever the entry may be: it arrives, and not with others."""
    ways = window.ways_to_the_entry()
    texts: tuple[str, ...] = ()
    for number, way in enumerate(ways):
        # A click may meet the button that sends what was typed before: that is not Return's doing.
        texts = (*(texts if way <= 0 else ()), f"{text}{number}")
        window.type(texts[-1], way)
        if way == ways[-1] or server.await_data(SaysText(texts, apart), units=ARRIVAL_UNITS):
            break
        window.agree()  # it may have said something first, in a window of its own
    server.expect(SaysText(texts, apart))
    server.send(line(said(ME, texts[-1])))
    window.take_picture(units=0.3)


@unit.check(points=3, tier="bonus", actor="window", module="chat_gui", needs=["window_joins"])
def window_leaves_when_it_is_closed(window: Window) -> None:
    """窗口：关闭窗口就离开聊天室。 Closing the window leaves the room."""
    with window_in_the_room(window) as server:
        window.await_window()
        window.ask_to_close()
        for look in range(MOST_LOOKS):
            if server.await_data(Leaves(), units=ARRIVAL_UNITS):
                break
            if not window.agree() and look == MOST_LOOKS // 2:
                window.ask_to_close()  # something in front of it may have kept it from hearing
        server.expect(Leaves(), units=2.0)
