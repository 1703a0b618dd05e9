"""One round: every question asked, every drift found, the witnesses asked again."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from corsage.browser import Response, WireRequest
from corsage.check.finding import Finding
from corsage.live.client import Client, NoAnswerError
from corsage.live.verify.answer import Meant
from corsage.live.verify.ask import Asker, Pace, ask_all
from corsage.live.verify.compare import compare
from corsage.live.verify.direct import located
from corsage.live.verify.drift import Drift, Ledger
from corsage.live.verify.findings import finding_of
from corsage.live.verify.followups import Unlisted
from corsage.live.verify.places import Places
from corsage.live.verify.plan import Question, aimed, origins_of, questions, way
from corsage.live.verify.sample import Chosen, choose, count
from corsage.policy.asking import requests_of
from corsage.policy.model import Policy

_MOST_NOTES = 50
_NOT_AGAIN = (
    "asked again it was as the policy says: replicas that differ, a cache, or a change under way"
)

Progress = Callable[[int, int], None]
"""Called with how many cases were asked, of how many."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to ask, and how.

    ``url`` is an origin; ``resolve`` the address at which it is asked instead. ``services`` are
    addresses of services (by name) to be asked directly. ``timeout`` bounds an exchange, in
    seconds; ``rate`` is in requests a second. ``cookie`` goes with credentialed requests, never
    to a service directly. ``send``: methods other than GET and HEAD, too.
    """

    url: str
    resolve: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    cookie: str | None = None
    send: bool = False
    timeout: float = 5.0
    rate: float | None = None
    connections: int = 16

    @property
    def address(self) -> str:
        """Where the bytes go."""
        return self.resolve or self.url


@dataclass(frozen=True, slots=True)
class Scope:
    """How much to ask: at most ``sample`` cases, chosen by ``seed``; ``everything``: of every
    origin on every route."""

    sample: int | None = None
    seed: int = 0
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found.

    Of the ``chosen`` questions ``asked`` were asked, with ``requests`` requests in ``seconds``.
    ``judged`` (by method) on their preflight alone; ``unasked`` (by method) not at all, because
    their method is not sent uninvited. ``limited`` cases met a rate limit (429). ``answered``: some
    answer came. ``stopped``: by Ctrl-C.
    """

    drifts: Sequence[Drift]
    findings: Sequence[Finding]
    chosen: Chosen
    asked: int
    requests: int
    seconds: float
    answered: bool
    stopped: bool
    judged: Counter[str]
    unasked: Counter[str]
    samples: tuple[str, ...]
    limited: int = 0


class _Anew:
    """Questions that are made anew each time: too many to be kept."""

    def __init__(self, make: Callable[[], Iterator[Question]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Question]:
        return self._make()


class Verifier:
    """A policy, where it is deployed, and how much of it is asked. ``name`` and ``text`` are the
    policy file's; a verifier can be asked for one round after another."""

    def __init__(
        self,
        policy: Policy,
        target: Target,
        scope: Scope | None = None,
        *,
        name: str = "cors.yaml",
        text: str = "",
    ) -> None:
        self.policy = aimed(policy, target.url)
        self.target = target
        self._meant = Meant(self.policy)
        self._places = Places(policy, name, text)
        self._scope = scope or Scope()
        self._unasked: Counter[str] = Counter()
        askable = self._askable(self._unasked)
        if self._scope.everything and self._scope.sample is None:
            counted = count(askable)
            self.chosen = replace(counted, questions=_Anew(lambda: self._askable(Counter())))
        else:
            self.chosen = choose(askable, self._scope.sample, self._scope.seed)

    def round(
        self,
        *,
        stop: threading.Event | None = None,
        progress: Progress = lambda *_: None,
        asker: Asker | None = None,
    ) -> Round:
        """Ask everything once. After ``stop`` is set, or Ctrl-C, what was asked so far counts.

        ``asker`` asks instead of one that sends HTTP requests to the target.
        """
        started = time.monotonic()
        stop = stop or threading.Event()
        client = self.client()
        asker = asker or self.asker(client)
        ledger, unlisted = Ledger(), Unlisted(self.policy)
        asked, answered, limited = 0, False, 0
        judged: Counter[str] = Counter()
        samples: dict[str, None] = {}
        threads = max(1, min(self.target.connections, self.chosen.asked))
        try:
            for batch in (self.chosen.questions, unlisted):
                for answer in ask_all(batch, asker, connections=threads, stop=stop):
                    asked += 1
                    answered = answered or not answer.silence
                    ledger.add(answer, compare(self._meant, answer))
                    unlisted.look(answer)
                    case = answer.question.case
                    if way(case.request, send=self.target.send) == "preflight":
                        judged[case.request.method] += 1
                    if case.sample is not None:
                        samples[case.sample] = None
                    limited += any(r is not None and r.status == 429 for _, r in answer.exchanges)
                    progress(asked, self.chosen.asked)
            drifts = ledger.drifts()
            notes = self._notes(drifts[:_MOST_NOTES], asker, stop) if answered else {}
        except KeyboardInterrupt:
            stop.set()
            drifts, notes = ledger.drifts(), {}
        finally:
            client.close()
        return Round(
            drifts=drifts,
            findings=[self._finding(drift, notes) for drift in drifts],
            chosen=self.chosen,
            asked=asked,
            requests=asker.requests,
            seconds=time.monotonic() - started,
            answered=answered,
            stopped=stop.is_set(),
            judged=judged,
            unasked=self._unasked,
            samples=tuple(samples),
            limited=limited,
        )

    def client(self, address: str | None = None, *, cookies: bool = True) -> Client:
        """A client for every host of the policy, at the target's address or another."""
        origins = origins_of(self.policy)
        cookie = self.target.cookie if cookies else None
        return Client(
            origins,
            resolve=dict.fromkeys(origins, address or self.target.address),
            cookies=dict.fromkeys(origins, cookie) if cookie else None,
            timeout=self.target.timeout,
            keep_alive=True,
        )

    def asker(self, client: Client) -> Asker:
        """Asks questions through ``client``."""

        def exchange(request: WireRequest) -> Response:
            try:
                return client.exchange(request).response
            except ValueError as error:  # where a redirect leads may be nothing to write down
                raise NoAnswerError(str(error), "broken") from None

        return Asker(exchange, Pace(self.target.rate), send=self.target.send)

    def differences(self, asker: Asker, question: Question) -> list[Finding]:
        """What is wrong with the answer to one question, as findings."""
        answer = asker(question)
        ledger = Ledger()
        ledger.add(answer, compare(self._meant, answer))
        return [self._finding(drift, {}) for drift in ledger.drifts()]

    @property
    def expectations(self) -> int:
        """How many of the policy's expectations are asked."""
        if self.chosen.asked < self.chosen.total:
            asked = {what for _, _, what in self.chosen.clauses}
            return sum(f"expect: {each.text}" in asked for each in self.policy.expectations)
        # One without a clause of its own is the same request as another case.
        firsts = (next(requests_of(self.policy, each), None) for each in self.policy.expectations)
        return sum(
            first is not None and way(first, send=self.target.send) != "unasked" for first in firsts
        )

    def line_of(self, question: Question) -> int:
        """The policy file's line for what a question asks about; 0 for the whole file."""
        line = self._places.expectation(question.case.kind)
        return line or self._places.route(question.place).line

    def _askable(self, unasked: Counter[str]) -> Iterator[Question]:
        for question in questions(self.policy, everything=self._scope.everything):
            if way(question.case.request, send=self.target.send) == "unasked":
                unasked[question.case.request.method] += 1
            else:
                yield question

    def _notes(
        self, drifts: Sequence[Drift], asker: Asker, stop: threading.Event
    ) -> dict[int, str]:
        notes: dict[int, str] = {}
        for drift in drifts:
            if stop.is_set():
                break
            told = [self._again(drift, asker), self._directly(drift)]
            if any(told):
                notes[id(drift)] = "; ".join(filter(None, told))
        return notes

    def _again(self, drift: Drift, asker: Asker) -> str:
        witness = drift.witness
        if witness.response is None:
            return ""  # a silence was waited for long enough
        again = compare(self._meant, asker(witness.answer.question))
        same = any(each.rule is witness.rule or not each.response for each in again)
        return "" if same else _NOT_AGAIN

    def _directly(self, drift: Drift) -> str:
        witness = drift.witness
        route = witness.answer.question.route
        address = self.target.services.get(route.service) if route is not None else None
        if (
            route is None
            or address is None
            or witness.request not in dict(witness.answer.exchanges)
        ):
            return ""
        client = self.client(address, cookies=False)
        response: Response | None = None
        try:
            response = client.exchange(witness.request).response
        except NoAnswerError:
            pass
        finally:
            client.close()
        return located(drift, route, response)

    def _finding(self, drift: Drift, notes: Mapping[int, str]) -> Finding:
        at = self.target.address
        elsewhere = at if at != self.policy.gateway.public_origin else None
        return finding_of(drift, self._places, address=elsewhere, notes=notes)
