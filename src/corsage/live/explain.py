"""Why a page may not read a server's answer: asked as a browser asks, and then further.

What to ask is decided in :mod:`corsage.diagnosis`; here it is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from corsage.browser import PROFILES, Request, Response, Verdict, WireRequest, judge
from corsage.diagnosis import conclusion
from corsage.diagnosis.diagnosis import Diagnosis
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.observation import AtHop, Observation, Probed
from corsage.diagnosis.probes.plan import every_probe, next_probe
from corsage.diagnosis.probes.subject import Subject, as_get
from corsage.diagnosis.probes.table import Probe
from corsage.diagnosis.verdicts import BROWSERS
from corsage.live.asking import Asking, Sent
from corsage.live.client import Client, OffLimitsError
from corsage.live.trace import OUTSIDE, HopAddress, ask_hops, is_at

SAFE = frozenset({"GET", "HEAD"})
"""Methods that are always sent; others only where the user says so."""

MOST_PROBES = 48
"""Further requests that are sent unless the user sets another limit."""

_MOST_SILENCES = 2  # further questions that hang are not worth the waiting

_WHY = {
    "preflight": "the browser asks first (a preflight, without cookies)",
    "actual": "the browser sends the request",
}

Effort: TypeAlias = Literal["none", "auto", "all"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained, and how far to go for it.

    ``client_for`` makes a client whose bytes go to the address given; None asks the URL itself.
    After ``patience`` seconds no further question is begun.
    """

    subject: Subject
    client_for: Callable[[str | None], Client]
    hops: Sequence[HopAddress] = ()
    send: bool = False
    effort: Effort = "auto"
    most_probes: int = MOST_PROBES
    patience: float = 60.0
    reads: tuple[str, ...] = ()
    stack: str = ""
    config: str = ""
    tell: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True)
class Findings:
    """The answer, and everything that was asked for it, in order.

    ``allowed`` is None where that could not be found out. ``predicted``: a GET stood in for a
    method that was not sent. ``stray`` is the origin that a redirect leads to and that was not
    asked. ``diagnosis`` is None where there is nothing to explain.
    """

    request: Request
    allowed: bool | None
    verdicts: Mapping[str, Verdict]
    diagnosis: Diagnosis | None
    sent: tuple[Sent, ...]
    hops: tuple[AtHop, ...] = ()
    predicted: bool = False
    stray: str = ""
    unreachable: bool = False
    more: int = 0
    probes: tuple[Probed, ...] = ()


def explain(question: Question) -> Findings:
    """Ask, judge, ask further, conclude.

    Raises ValueError for a request that cannot be written as HTTP. No server makes it raise.
    """
    return _Inquiry(question).run()


class _Inquiry:
    """One explanation in the making; thrown away afterwards."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.subject = question.subject
        self.asking = Asking(question.client_for(None), question.tell)
        self.predicted = False
        self.stray = ""
        self.more = 0
        self.done: set[str] = set()

    def run(self) -> Findings:
        verdicts = self._verdicts()
        exchanges = [(s.wire, s.answer) for s in self.asking.sent]
        silent = next((each for each in self.asking.sent if each.silence), None)
        observation = conclusion.observe(
            self.subject.request,
            verdicts,
            exchanges,
            silence=silent.silence if silent else "",
            resolves=silent is None or silent.kind != "unknown host",
            reads=self.question.reads,
            stack=self.question.stack,
            config=self.question.config,
        )
        unreachable = silent is not None and silent is self.asking.sent[0]
        hops: tuple[AtHop, ...] = ()
        if self.asking.sent and self.question.hops:
            hops = self._hops()
            observation = replace(observation, hops=hops)
        if self.asking.sent and not unreachable and not conclusion.is_same_origin(verdicts):
            observation = self._probe(observation)
        allowed, diagnosis = conclusion.conclude(
            observation, verdicts, predicted=self.predicted, stray=self.stray
        )
        return Findings(
            request=self.subject.request,
            allowed=allowed,
            verdicts=verdicts,
            diagnosis=diagnosis,
            sent=tuple(self.asking.sent),
            hops=hops,
            predicted=self.predicted,
            stray=self.stray,
            unreachable=unreachable,
            more=self.more,
            probes=observation.probes,
        )

    def _verdicts(self) -> Mapping[str, Verdict]:
        verdicts: dict[str, Verdict] = {}
        for name in BROWSERS:
            try:
                verdicts[name] = judge(self.subject.request, self._server, profile=PROFILES[name])
            except OffLimitsError as stray:
                self.stray = stray.origin
                return {}
        return verdicts

    def _server(self, wire: WireRequest) -> Response | None:
        why = _WHY[wire.kind]
        if wire.kind == "actual" and wire.method not in SAFE and not self.question.send:
            self.predicted = True
            why = f"a GET stands in for {wire.method}, which only --send sends"
            wire = as_get(wire)
        return self.asking.once(wire, why).response

    def _hops(self) -> tuple[AtHop, ...]:
        preflight = self.asking.once(self.subject.preflight, "a preflight, to compare the hops")
        get = self.asking.once(self.subject.get, "a GET, to compare the hops")
        silence = preflight.silence or get.silence
        outermost, *others = self.question.hops
        if not is_at(outermost, self.subject.get.url):
            outermost, others = HopAddress(OUTSIDE, ""), [outermost, *others]
        found = [AtHop(outermost.name, preflight.answer, get.answer, silence)]
        asked = ask_hops(
            self.subject.preflight,
            self.subject.get,
            others,
            self.question.client_for,
            self.question.tell,
        )
        for hop, sent in asked:
            found.append(hop)
            self.asking.sent += sent
        return tuple(found)

    def _probe(self, observation: Observation) -> Observation:
        silences, left = 0, self.question.most_probes
        ends = time.monotonic() + self.question.patience
        while (probe := self._next(observation)) is not None:
            self.done.add(probe.name)
            wires = probe.requests(Facts(observation), self.subject)
            for wire in wires:
                if left == 0 or time.monotonic() > ends:
                    self.more += 1
                    continue
                left -= 1
                sent = self.asking.again(wire, probe.question)
                silences += bool(sent.silence) or sent.slow
                probed = Probed(probe.name, wire, sent.answer)
                observation = replace(observation, probes=(*observation.probes, probed))
                if silences == _MOST_SILENCES:
                    return observation
                if self.question.effort == "auto" and conclusion.is_enough(observation, probe):
                    break
        return observation

    def _next(self, observation: Observation) -> Probe | None:
        facts = Facts(observation)
        match self.question.effort:
            case "none":
                return None
            case "all":
                return every_probe(facts, self.subject, self.done)
            case "auto":
                return next_probe(facts, conclusion.ranking(facts), self.subject, self.done)
