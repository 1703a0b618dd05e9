"""One target from the first question to its findings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from corsage.browser import CHROMIUM, Request, WireRequest, parse_url, preflight_for
from corsage.browser.network import address_space, is_mixed_content
from corsage.browser.origin import is_origin
from corsage.check.finding import Finding
from corsage.live.audit import findings
from corsage.live.audit.client import BudgetSpentError, Client
from corsage.live.audit.exchanges import (
    Exchange,
    Reading,
    Recording,
    UnaskedError,
    question,
    reading,
)
from corsage.live.audit.findings import HEADER, METHOD, Scene
from corsage.live.audit.probes import (
    NULL,
    Kind,
    Probe,
    family,
    imitations,
    local_pages,
    shared_hosts,
    special,
    stranger,
)
from corsage.live.audit.secrets import Secrets, shown_url
from corsage.live.audit.target import Outcome, Target
from corsage.live.client import NoAnswerError, OffLimitsError

MOST_TRUSTED = 100
"""Trusted origins of one target that are imitated; of more, an even sample."""

_PROBES = 200
_PROBES_FOR_EACH = 25  # trusted origin that is named

_MOST_SPECIAL = 2
"""Trusted origins that are followed by special characters; a rule that lets one by lets all by."""

_RESERVE = 0.2  # of a target's requests, for what proves what the probes have shown
_MOST_FAILURES = 3
_MOST_HOPS = 25  # a browser gives up after twenty redirects


@dataclass(frozen=True, slots=True)
class Settings:
    """``probes``: requests for one target, at most; None for 200, and 25 more for each origin that
    is named as trusted. ``exhaustive`` sends also those that the first answers make pointless.
    ``prove_cache`` asks a made-up query twice, to see what a cache does."""

    probes: int | None = None
    exhaustive: bool = False
    prove_cache: bool = False


class _StopError(Exception):
    """This target is asked no more; the message says why."""


async def examine(target: Target, client: Client, settings: Settings, secrets: Secrets) -> Outcome:
    """Ask one target all that is worth asking. Raises nothing but what cancels it."""
    try:
        url = target.parsed
    except ValueError as error:
        return Outcome(target.key, secrets.mask(shown_url(target.url)), problem=str(error))
    examination = _Examination(target, url.href, client, settings, secrets)
    problem = None
    try:
        await examination.run()
    except (_StopError, BudgetSpentError, NoAnswerError, ValueError) as error:
        problem = secrets.mask(str(error))
    return Outcome(
        target.key,
        secrets.mask(shown_url(url.href)),
        examination.findings(),
        examination.requests,
        problem,
        tuple(examination.notes),
    )


class _Examination:
    def __init__(
        self, target: Target, url: str, client: Client, settings: Settings, secrets: Secrets
    ) -> None:
        self.url = url
        self.parsed = target.parsed
        self.scheme = self.parsed.scheme
        self.own = self.parsed.origin
        # A page on https cannot ask it: mixed content.
        self.insecure = is_mixed_content("https://any.example", self.parsed, CHROMIUM)
        self.target = target
        self.trusted = frozenset(target.trusted)
        self.client = client
        self.settings = settings
        self.secrets = secrets
        self.recording = Recording()
        named = min(len(self.trusted), MOST_TRUSTED)
        self.budget = settings.probes or _PROBES + _PROBES_FOR_EACH * named
        self.requests = 0
        self.failures = 0
        self.notes: dict[str, None] = {}
        self.spares = False
        self.urls: dict[str, str] = {}
        self.asked: set[str] = set()
        self.accepted: list[str] = []
        self.found: list[tuple[Probe, Reading]] = []
        self.trusting: list[Reading] = []  # readings of origins that are meant, or may be
        self.everybody: list[Reading] = []  # of a stranger
        self.proofs: list[Finding] = []

    async def run(self) -> None:
        unknown = stranger(self.scheme)
        first = await self._send(question(self.url, None))
        if first is None:
            raise _StopError("no answer")
        await self._spare_caches(first)
        await self._ask_all([unknown, NULL])
        answers = [self._answer(origin) for origin in (None, unknown.origin, "null")]
        values = {answer.allow_origin for answer in answers if answer is not None}
        answer = self._answer(unknown.origin)
        if answer is not None and answer.allow_origin in {unknown.origin, "*"}:
            reader = await self._reading(unknown.origin)
            self.everybody += [] if reader is None else [reader]
        # Who trusts everybody tells nothing about anybody.
        if self.settings.exhaustive or not self._is_trusted(unknown):
            await self._find_trusted(values)
            if self.settings.exhaustive or self.accepted or values != {"*"}:
                await self._imitate()
        await self._look_at_preflights()
        if self.settings.prove_cache:
            await self._prove_cache()

    async def _spare_caches(self, first: Exchange) -> None:
        """Where a cache may stand in between, ask from each origin with a query of its own.

        Another's stored answer would hide what the server says, and ours would be handed to its
        users. Not where the server takes a query amiss.
        """
        if findings.asks_to_be_kept(first.response):
            other = await self._send(question(self._unused(), None))
            self.spares = other is not None and other.response.status == first.response.status

    def _url(self, origin: str | None) -> str:
        """Where a page on ``origin`` asks."""
        if not self.spares or origin is None:
            return self.url
        return self.urls.setdefault(origin, self._unused())

    def findings(self) -> tuple[Finding, ...]:
        """Everything that the answers so far prove."""
        scene = self._scene()
        exchanges = [e for e in self.recording.exchanges() if e.request.kind == "actual"]
        asked = {self.url, *self.urls.values()}
        exchanges = [e for e in exchanges if e.request.url in asked]
        readers = [*self.trusting, *self.everybody]
        found = [
            *findings.of_probes(scene, self.found),
            *findings.of_allow_origin(scene, exchanges),
            *findings.of_vary(scene, exchanges, readers),
            *findings.of_network(scene, self.everybody),
            *self.proofs,
        ]
        if readers:
            found += findings.of_exposure(scene, readers[0])
        return tuple(found)

    def _scene(self) -> Scene:
        return Scene(self.url, self.secrets, self.client.address_of(self.url))

    def _is_meant(self, origin: str) -> bool:
        return origin in self.trusted or origin == self.own or origin in self.target.meant

    def _is_trusted(self, probe: Probe) -> bool:
        return any(found.kind == probe.kind for found, _ in self.found)

    async def _find_trusted(self, values: set[str | None]) -> None:
        """Whom does the server trust? Those named, the neighbours, and whom it tells of itself."""
        told = {value for value in values if value and "*" not in value and is_origin(value)}
        volunteered = sorted(told - {stranger(self.scheme).origin, NULL.origin})
        named, neighbours = _sampled(self.target.trusted), list(family(self.url))
        if len(named) < len(self.target.trusted):
            self._note(f"{len(named)} of {len(self.target.trusted)} trusted origins imitated")
        candidates = dict.fromkeys((*named, *neighbours, *volunteered))
        await self._send_all(question(self._url(origin), origin) for origin in candidates)
        for origin in candidates:
            answer = self._answer(origin)
            if answer is not None and answer.allow_origin == origin:
                self.accepted.append(origin)
                found = None if origin == self.own else await self._reading(origin)
                if found is not None:
                    self.trusting.append(found)
        insecure = [
            _without_tls(origin)
            for origin in self.accepted
            if self.scheme == "https" and origin.startswith("http:") and not self._is_meant(origin)
        ]
        self.asked.update(probe.origin for probe in insecure)
        await self._weigh(insecure)

    async def _imitate(self) -> None:
        first = [probe for trusted in self.accepted for probe in imitations(trusted)]
        first += [*shared_hosts(self.scheme), *local_pages()]
        await self._ask_all(first)
        kinds = {(probe.kind, probe.of) for probe, _ in self.found}
        # A rule without an end has been found already, whatever stands there.
        ended = [
            trusted
            for trusted in self.accepted
            if not kinds & {(Kind.PREFIX, trusted), (Kind.SUBSTRING, trusted)}
        ]
        chosen = self.accepted if self.settings.exhaustive else ended[:_MOST_SPECIAL]
        await self._ask_all([probe for trusted in chosen for probe in special(trusted)])

    async def _ask_all(self, probes: Sequence[Probe]) -> None:
        """Send probes, each origin once, and keep those that a page could use."""
        fresh = {}
        for probe in probes:
            # Only who was named has parents that were not.
            guessed = probe.kind is Kind.PARENT and probe.of not in self.trusted
            if probe.origin not in self.asked and self._is_possible(probe.origin) and not guessed:
                fresh[probe.origin] = probe
        self.asked.update(fresh)
        limit = int(self.budget * (1 - _RESERVE)) or 1
        await self._send_all((question(self._url(origin), origin) for origin in fresh), limit)
        await self._weigh(fresh.values())

    def _is_possible(self, origin: str) -> bool:
        """Whether a browser would send this origin here, and nobody means it to be trusted."""
        return (
            is_origin(origin)
            and not self._is_meant(origin)
            and not (self.insecure and origin.startswith("https:"))
        )

    async def _weigh(self, probes: Iterable[Probe]) -> None:
        for probe in probes:
            answer = self._answer(probe.origin)
            if answer is not None and answer.allow_origin == probe.origin:
                found = await self._reading(probe.origin)
                if found is not None and (found.credentials or not self.target.public):
                    self.found.append((probe, found))

    async def _look_at_preflights(self) -> None:
        """One preflight for what nobody lists, and an ordinary one where that is refused."""
        with_credentials = [r for r in self.trusting if r.credentials]
        attackers = [r for _, r in self.found if r.credentials]
        reader = next(iter((*attackers, *with_credentials, *self.trusting)), None)
        if reader is None:
            return
        trusted = reader in self.trusting
        odd = Request(self.url, reader.origin, METHOD, ((HEADER, "x"),), credentials="include")
        usual = Request(self.url, reader.origin, "POST", (("Content-Type", "application/json"),))
        scene = self._scene()
        for request in (odd, usual):
            wire = preflight_for(request)
            answer = None if wire is None else await self._send(wire)
            if answer is None:
                return
            if request is odd:
                self.proofs += findings.of_preflight(scene, answer, reader, trusted=trusted)
            if findings.is_granted(answer, reader.origin):
                self.proofs += findings.of_max_age(scene, answer)
                return

    async def _prove_cache(self) -> None:
        """Two requests to an address that nobody uses: is the second answered for the first?"""
        reader = next(iter((*self.trusting, *self.everybody)), None)
        if reader is None or reader.first.allow_origin == "*":
            return
        # An address that differs must be answered as the target is, or the rest tells nothing.
        alone = await self._send(question(self._unused(), reader.origin), through_caches=True)
        if alone is None or alone.allow_origin != reader.first.allow_origin:
            return
        for origin in (None, stranger(self.scheme).origin, NULL.origin):
            if origin == reader.origin:
                continue
            unused = self._unused()
            poison, victim = [
                await self._send(question(unused, each), through_caches=True)
                for each in (origin, reader.origin)
            ]
            if poison is not None and victim is not None:
                proved = list(findings.of_poison(self._scene(), poison, victim, reader))
                self.proofs += proved
                if proved:
                    return

    def _unused(self) -> str:
        """The target's URL with a query that nobody has used, and no cache has kept."""
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{mark}corsage-audit={uuid4().hex}"

    def _answer(self, origin: str | None) -> Exchange | None:
        return self.recording.exchange(question(self._url(origin), origin))

    async def _reading(self, origin: str) -> Reading | None:
        """Whether a page on ``origin`` can read the target; what is missing for that is asked."""
        for _ in range(_MOST_HOPS):
            try:
                return reading(self._url(origin), origin, self.recording)
            except UnaskedError as error:
                if await self._send(error.request) is None:
                    return None
        return None

    async def _send_all(self, requests: Iterable[WireRequest], limit: int = 0) -> None:
        tasks = [asyncio.create_task(self._send(request, limit)) for request in requests]
        try:
            await asyncio.gather(*tasks)
        finally:
            # Whoever stops asking leaves nothing behind that goes on.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(
        self, request: WireRequest, limit: int = 0, *, through_caches: bool = False
    ) -> Exchange | None:
        """The answer, recorded; None where there is none, or the request is not to be sent.

        ``limit``: not if so many have been sent already (0: as many as a target may be asked).
        """
        if request in self.recording:
            return self.recording.exchange(request)
        if self.requests >= (limit or self.budget):
            self._note(f"{self.budget} requests were not enough for all probes (--probes)")
            return None
        self.requests += 1
        try:
            response = await self.client.send(request, through_caches=through_caches)
        except OffLimitsError as error:
            self.requests -= 1
            self._note(f"redirects to {error.origin} were not followed: nobody named it")
            return None
        except NoAnswerError as error:
            self.failures += 1
            if self.failures >= _MOST_FAILURES or self.requests == 1:
                raise _StopError(str(error)) from None
            self._note(str(error))
            return None
        self.recording[request] = response
        return self.recording.exchange(request)

    def _note(self, text: str) -> None:
        self.notes[self.secrets.mask(text)] = None


def _sampled(origins: Sequence[str]) -> list[str]:
    """All of them, or the first, the last and an even sample between."""
    if len(origins) <= MOST_TRUSTED:
        return list(origins)
    last = len(origins) - 1
    return [origins[round(i * last / (MOST_TRUSTED - 1))] for i in range(MOST_TRUSTED)]


def _without_tls(origin: str) -> Probe:
    """An http origin that an https server trusts, and that nobody has named."""
    url = parse_url(origin)
    if url is not None and address_space(url) == "loopback":
        return Probe(origin, Kind.LOCALHOST, "a page from the visitor's own machine")
    return Probe(
        origin, Kind.SCHEME, "a neighbour without TLS, which any network on the way can be"
    )
