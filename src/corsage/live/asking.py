"""Asking one server in a row, and keeping what was asked and answered, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corsage.browser import Response, WireRequest
from corsage.diagnosis.observation import LONGEST_TEXT, LONGEST_VALUE, MOST_HEADERS, Answer
from corsage.live.client import Client, NoAnswerError, Silence


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that was sent, why, and what came back.

    ``at`` names the hop that was asked directly; empty for the URL itself. Where no HTTP answer
    came the answer's status is 0, ``silence`` says what happened and ``kind`` in one word.
    ``slow``: the time was up before the body was there. ``response`` is the whole of what came,
    for a judge; ``answer`` is what a diagnosis reads of it.
    """

    wire: WireRequest
    why: str
    answer: Answer
    silence: str = ""
    kind: Silence | None = None
    at: str = ""
    slow: bool = False
    response: Response | None = None


class Asking:
    """Sends requests through a client; ``tell`` is called with the reason before each is sent."""

    def __init__(self, client: Client, tell: Callable[[str], None] = lambda _: None) -> None:
        self.sent: list[Sent] = []
        self._client = client
        self._tell = tell
        self._known: dict[WireRequest, Sent] = {}

    def once(self, wire: WireRequest, why: str) -> Sent:
        """The answer to a request that may have been sent before; browsers are judged by one."""
        if wire not in self._known:
            self._known[wire] = self.again(wire, why)
        return self._known[wire]

    def again(self, wire: WireRequest, why: str) -> Sent:
        """Send the request, whether or not it was sent before."""
        self._tell(why)
        sent = ask(self._client, wire, why)
        self.sent.append(sent)
        return sent


_TELLING = 300  # from this status on, bodies are written by whoever refuses


def ask(client: Client, wire: WireRequest, why: str, at: str = "") -> Sent:
    """Send one request. Of errors and redirects the beginning of the body is read:
    it tells who wrote it.

    Raises OffLimitsError, and ValueError for a request that cannot be written as HTTP.
    """
    try:
        exchange = client.exchange(wire, LONGEST_TEXT, wanted=lambda r: r.status >= _TELLING)
    except NoAnswerError as error:
        return Sent(wire, why, Answer(status=0), str(error), error.kind, at)
    body = exchange.body.decode("utf-8", "replace")
    wanted = exchange.response.status >= _TELLING
    slow = wanted and not exchange.complete and len(exchange.body) < LONGEST_TEXT
    answer = _answer(exchange.response, body)
    return Sent(wire, why, answer, at=at, slow=slow, response=exchange.response)


def _answer(response: Response, body: str) -> Answer:
    lines = tuple(
        (name.lower()[:LONGEST_VALUE], value[:LONGEST_VALUE])
        for name, value in response.headers[:MOST_HEADERS]
    )
    return Answer(response.status, lines, body)
