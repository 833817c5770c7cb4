"""The module as a program: importing, and running as a script."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.chat_events import join, joined, left, line, message, refused, said
from graders.core.models.chat_lines import Leaves, Lines
from graders.core.models.finding import Side
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.chat_client import ME
from graders.core.wire.script import Script
from graders.exercises.chat_client.unit import JOINS, RECEIVES, SENDS, unit

unit.check(points=2, needs=JOINS)(common.imports_without_side_effects)


def expect_more(script: Script, before: str) -> None:
    """Something is printed for an error, in whatever words."""
    length = len(before.rstrip())
    wanted = Side(Text("为 error 打印些什么", "something is printed for the error"))
    script.expect_output(
        lambda printed: len(printed.rstrip()) > length,
        wanted,
        "chat_client.script_hides_errors",
        python=f"len(got.rstrip()) > {length}",
    )


@unit.check(points=5, actor="bare", cases=3, needs=[*SENDS, *RECEIVES])
@given(
    lines=st.lists(st.sampled_from(["你好", "hello world", "quite right", "a"]), min_size=1, max_size=2),
    named=st.sampled_from([True, False]),
    ending=st.sampled_from(["quit", "input ends"]),
)
def runs_as_a_script(script: Script, lines: list[str], named: bool, ending: str) -> None:
    """作为脚本：逐行发送，事件一到就打印，遇 quit 或输入结束离开。 As a script: sends lines, prints events, leaves."""
    with script.listen("S", port=0) as listener:
        host, port = listener.address
        script.run("--host", host, "--port", str(port), *(["--name", ME] if named else []))
        if not named:
            script.type(f"{ME}\n")  # it asks
        with listener.accept(units=2.0) as server:
            server.expect(Lines((join(ME),)), units=2.0)
            server.send(line(joined(ME)))
            # Nobody types meanwhile: events are printed as they come.
            server.send(line(joined("小红")) + line(said("小红", "anybody here? 7531")))
            script.expect_printed("anybody here? 7531", diagnosis="chat_client.script_shows_late")
            server.send(line(joined("Zoe")) + line(left("Yan")))
            for who in ("Zoe", "Yan"):
                printed = script.expect_printed(who, diagnosis="chat_client.script_hides")
            for number, each in enumerate(lines):
                script.type(each + "\n")
                server.expect(Lines((message(each),)))
                if number == 0:
                    server.send(line(refused("not so loud")))
                    expect_more(script, printed)
                else:
                    server.send(line(said(ME, each)))
            if ending == "quit":
                script.type("quit\n")
            else:
                script.end_of_input()
            server.expect(Leaves())
            server.close()
            script.expect_end()
