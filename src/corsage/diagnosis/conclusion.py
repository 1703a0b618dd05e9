"""From what a server answered, to the browsers and to probes, to the verdict and its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from corsage.browser import Reason, Request, Verdict, WireRequest, preflight_for
from corsage.diagnosis.classify import Ranked, rank
from corsage.diagnosis.clues import STRONG
from corsage.diagnosis.diagnosis import Diagnosis, diagnose
from corsage.diagnosis.facts import Facts, grants
from corsage.diagnosis.observation import Answer, Asked, Observation, Probed
from corsage.diagnosis.probes.plan import is_beyond_doubt, is_settled
from corsage.diagnosis.probes.rules import PROBED
from corsage.diagnosis.probes.table import Probe
from corsage.diagnosis.redact import redact
from corsage.diagnosis.verdicts import first_refusal

Exchange: TypeAlias = tuple[WireRequest, Answer]

PROVEN = ("chromium", "firefox")
"""The browsers that decide: their models are proven against the real ones, Safari's is not."""

# Of the redirect itself, wherever it happens.
_OF_REDIRECTS = {
    Reason.TOO_MANY_REDIRECTS,
    Reason.REDIRECT_CONTAINS_CREDENTIALS,
    Reason.PREFLIGHT_REDIRECT,
    Reason.INVALID_REDIRECT,
    Reason.UNSAFE_REDIRECT,
}

_BROKEN = {Reason.CORRUPT_RESPONSE, Reason.PROXY_AUTHENTICATION}

# What an allowed exchange may still suffer from.
_TOLD = {"named-header-not-exposed", "credentials-granted-and-denied"}

# A GET that meets no handler says nothing of what another method would get.
_NO_GET = {404, 405, 501}


def refusal_of(verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """The first refusal of a browser whose model is proven."""
    return first_refusal({name: verdicts[name] for name in PROVEN if name in verdicts})


def is_same_origin(verdicts: Mapping[str, Verdict]) -> bool:
    """Whether page and server have one origin, so that CORS is not asked."""
    return any(verdict.type == "basic" for verdict in verdicts.values())


def observe(
    request: Request,
    verdicts: Mapping[str, Verdict],
    exchanges: Sequence[Exchange],
    *,
    silence: str = "",
    resolves: bool = True,
    reads: tuple[str, ...] = (),
    stack: str = "",
    config: str = "",
) -> Observation:
    """What the browsers' own requests have shown. ``exchanges`` are in the order sent."""
    refusal = refusal_of(verdicts)
    url = exchanges[0][0].url if exchanges else request.url
    preflight = _first(exchanges, "preflight", url)
    response = _first(exchanges, "actual", url)
    reason = refusal.reason if refusal else None
    probes: tuple[Probed, ...] = ()
    asked = preflight_for(request)
    after = _after_redirect(exchanges, url)
    if after is not None and refusal is not None and reason not in _OF_REDIRECTS:
        # What failed is not the answer that is diagnosed, but what it leads to.
        reason, probes = None, (Probed("redirect-target", *after),)
    if reason is not None and refusal is not None and (not refusal.sent or reason in _BROKEN):
        silence = silence or reason.title.rstrip(".")
    sent = next((w.method for w, _ in exchanges if w.kind == "actual"), "")
    names = tuple(
        (name.lower(), value)
        for name, value in (asked.headers if asked else ())
        if name.lower() == "access-control-request-headers"
    )
    return Observation(
        id=redact(f"{request.method} {request.url}"),
        preflight=preflight,
        response=response,
        asked=Asked(
            request.method, request.url, request.origin, names, request.credentials, reason, reads
        ),
        stack=stack,
        config=config,
        probes=probes,
        silence=silence,
        resolves=resolves,
        sent=sent,
    )


def _first(exchanges: Sequence[Exchange], kind: str, url: str) -> Answer:
    found = (answer for wire, answer in exchanges if wire.kind == kind and wire.url == url)
    return next(found, Answer())


def _after_redirect(exchanges: Sequence[Exchange], url: str) -> Exchange | None:
    return next(((w, a) for w, a in reversed(exchanges) if w.url != url), None)


def ranking(facts: Facts) -> tuple[Ranked, ...]:
    """The causes that something speaks for; of an exchange that passes only what is worth
    telling all the same."""
    ranked = rank(facts)
    if facts.failing or facts.observation.asked.reason is not None:
        return ranked
    return tuple(
        each
        for each in ranked
        if any(_is_worth_telling(clue.rule, clue.points) for clue in each.clues)
    )


def _is_worth_telling(rule: str, points: int) -> bool:
    return rule in _TOLD or (rule.startswith(PROBED) and points >= STRONG)


def is_enough(observation: Observation, probe: Probe) -> bool:
    """Whether the rest of a probe's requests can be saved: its first ones have settled it."""
    facts = Facts(observation)
    return probe.name != "repeat" and is_settled(ranking(facts))


def conclude(
    observation: Observation,
    verdicts: Mapping[str, Verdict],
    *,
    predicted: bool,
    stray: str,
) -> tuple[bool | None, Diagnosis | None]:
    """Whether the page may read the answer, and why not (or what else is wrong)."""
    facts = Facts(observation)
    refusal = refusal_of(verdicts)
    if is_same_origin(verdicts):
        return True, None
    if not stray and refusal is None:
        return _of_an_allowed_one(facts)
    if stray:
        return None, _at_most_likely(diagnose(observation))
    if refusal is not None and not refusal.sent and refusal.reason not in _NEVER_LEFT:
        return False, None  # the call itself is wrong, and no server can help
    if predicted and facts.failing == "response":
        if facts.response.status in _NO_GET and not grants(facts.response, facts.origin):
            return None, None
        return False, _at_most_likely(diagnose(observation))
    diagnosis = diagnose(observation)
    return False, diagnosis if is_beyond_doubt(facts) else _at_most_likely(diagnosis)


_NEVER_LEFT = {Reason.MIXED_CONTENT, Reason.LOCAL_NETWORK_ACCESS}


def _of_an_allowed_one(facts: Facts) -> tuple[bool, Diagnosis | None]:
    ranked = ranking(facts)
    if not ranked:
        return True, None
    diagnosis = diagnose(facts.observation)
    if diagnosis.cause != ranked[0].cause:
        return True, None
    # An instance that refuses, and a header that cannot be read, are failures of their own.
    return diagnosis.cause not in {"instance-drift", "expose-missing"}, diagnosis


def _at_most_likely(diagnosis: Diagnosis) -> Diagnosis:
    """What was not seen itself is never certain."""
    if diagnosis.confidence == "certain":
        return replace(diagnosis, confidence="likely")
    return diagnosis
