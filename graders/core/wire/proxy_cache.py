"""A conversation with a caching proxy: exchanges, one after the other, by any client with any origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from graders.core.models.finding import Ending, Mismatch
from graders.core.models.http_message import Response
from graders.core.models.proxy_cache import CacheModel
from graders.core.models.proxy_exchange import Exchange, number_of, right_answer
from graders.core.models.proxy_messages import Reply, Sent
from graders.core.models.web_answer import Question
from graders.core.wire.proxy import CLOSE, AnswerPart, Origin, let_finish
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer

#: From an exchange and those before it: the same exchange, with what may come of it.
Judging = Callable[[Exchange, Sequence[Exchange]], Exchange]

#: What is asked of the client's answer in the last of these exchanges.
Questioning = Callable[[Sequence[Exchange]], Question]


def converse(
    server: Server,
    exchanges: Sequence[Exchange],
    *,
    expect: Judging = lambda exchange, before: exchange,
    question: Questioning = right_answer,
    saw: Callable[[Sequence[Exchange], Response], None] = lambda history, answer: None,
) -> None:
    """Hold the exchanges one after the other; each client's answer must be right.

    ``question``: what is asked of each client's answer. ``expect`` says what may come, where that depends on what came
    before; ``saw`` is told all exchanges up to the one that has just been held, and what the client got.
    """
    history: list[Exchange] = []
    before = ""
    with ExitStack() as closing:
        origins: dict[str, Origin] = {}
        clients: dict[str, TcpPeer] = {}
        for name in dict.fromkeys(exchange.origin for exchange in exchanges):
            origins[name] = closing.enter_context(Origin(server, name))
        for exchange in exchanges:
            exchange = expect(exchange, history)
            history.append(exchange)
            other = clients.get(before) if before != exchange.client else None
            if other is not None and not _settled(origins[exchange.origin], other):
                del clients[before]
            before = exchange.client
            if (client := clients.get(exchange.client)) is None:
                client = clients[exchange.client] = server.connect(exchange.client)
                closing.push(client.__exit__)
            answer = _hold(origins[exchange.origin], client, history, question)
            if answer is None or not answer.keeps_alive:
                let_finish(client)
                client.close()
                del clients[exchange.client]
            if answer is not None:
                saw(history, answer)


#: What lies between what one client asks and what another one does; nobody stores it.
_BETWEEN = Reply(headers=(("Cache-Control", "no-store"),), body=b"between")


def _settled(origin: Origin, client: TcpPeer) -> bool:
    """One more answer on this connection, before another client asks; whether the connection goes on.

    Who passes an answer on as it comes may store it, or make another void, when the last byte has gone out. On the same
    connection the next request comes after that, on another one it may overtake it by milliseconds, and a MISS is right
    then. The answer to one more request on this connection shows that the program is done with the one before.
    """
    sent, oracle = Sent(path="/between"), AnswerPart("GET", lambda answer: None, may_close=True)
    origin.offer(_BETWEEN, [sent], then=CLOSE)
    client.send(sent.bytes(origin.authority))
    origin.serve_until(client, oracle)
    client.expect(oracle, units=0.1)
    if oracle.message is not None and oracle.message.keeps_alive:
        return True
    let_finish(client)
    client.close()
    return False


def _hold(origin: Origin, client: TcpPeer, history: Sequence[Exchange], question: Questioning) -> Response | None:
    """One exchange: the client's answer, None where there was none to speak of."""
    exchange, number = history[-1], len(history)
    reply = exchange.reply(number)
    data = reply.bytes()
    # What a cache makes of conditions and directives on their way is its own business.
    wanted = replace(exchange.sent, headers=())
    origin.offer(data[: len(data) - exchange.cut], [wanted], then=CLOSE, unchanged=exchange.unchanged)
    client.send(exchange.sent.bytes(origin.authority), pause=exchange.pause)
    oracle = CutShort(exchange.method) if exchange.cut else AnswerPart(exchange.method, question(history))
    origin.serve_until(client, oracle)
    client.expect(oracle, units=0.1)
    return oracle.message if not exchange.cut else None


def follow(server: Server, exchanges: Sequence[Exchange]) -> None:
    """Hold the exchanges, and have a model of the cache say what may come of each."""
    model = CacheModel()

    def saw(history: Sequence[Exchange], answer: Response) -> None:
        came = number_of(answer.body, history) if answer.status not in (204, 304) else None
        model.saw(history[-1], len(history), came or len(history))

    def expect(exchange: Exchange, before: Sequence[Exchange]) -> Exchange:
        return replace(exchange, wants=model.allowed(exchange, len(before) + 1))

    converse(server, exchanges, expect=expect, saw=saw)


class CutShort(AnswerPart):
    """What a client gets of an answer that breaks off: an error, a part of it, or nothing. All that is fine here."""

    def __init__(self, method: str) -> None:
        super().__init__(method, lambda answer: None)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        super().judge(data, ending)
        return None
