"""The answer: class, hop, one sentence, the evidence, what to write, and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.diagnosis.blame import Blame, blame
from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.classify import Ranked, is_of_a_live_server, rank
from corsage.diagnosis.clues import FAIR, PROOF
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.fixes import fix
from corsage.diagnosis.observation import Observation
from corsage.diagnosis.redact import redact

Confidence: TypeAlias = Literal["certain", "likely", "ambiguous"]

MOST_EVIDENCE = 8
"""Lines of evidence in an answer."""

_NAMES = {
    "client": "the page's own code",
    "browser": "the browser",
    "cookie": "the cookie's own attributes",
    "config": "the configuration",
    "CDN": "the CDN",
    "edge": "the edge",
    "storage": "the object store",
    "platform": "the platform in front of the service",
    "emulator": "the emulator",
    "load balancer": "the load balancer",
    "ingress": "the ingress",
    "gateway": "the gateway",
    "API Gateway": "the API Gateway",
    "nginx": "nginx",
    "proxy": "the reverse proxy",
    "auth proxy": "the authentication proxy",
    "mesh": "the mesh",
    "mesh gateway": "the mesh's gateway",
    "mesh control plane": "the mesh's control plane",
    "service": "the service",
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another class that fits, and the question that would tell."""

    cause: str
    hop: str
    because: str
    ask: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One failure explained. Secrets are redacted in every text.

    ``confidence`` is ``certain`` only where recorded answers prove the class and name the hop,
    ``ambiguous`` where two classes fit about as well; then ``ask`` is the question that settles it.
    ``cors`` is False where no CORS setting will help.
    """

    id: str
    cause: str
    hop: str
    product: str
    sentence: str
    evidence: tuple[str, ...]
    fix: str
    confidence: Confidence
    alternatives: tuple[Alternative, ...]
    ask: str
    cors: bool | None


def diagnose(observation: Observation) -> Diagnosis:
    """Explain one failure from what was recorded of it."""
    facts = Facts(observation)
    ranked = rank(facts) or (_nothing_known(),)
    top = ranked[0]
    found = blame(top.cause, facts)
    confidence = _confidence(ranked, found)
    alternatives = _alternatives(ranked, facts)
    cause = CAUSES[top.cause]
    ask = cause.ask
    if confidence == "ambiguous" and alternatives:
        ask = alternatives[0].ask
    return Diagnosis(
        id=observation.id,
        cause=top.cause,
        hop=found.hop,
        product=found.product,
        sentence=redact(_sentence(top, found, facts, confidence, alternatives)),
        evidence=tuple(map(redact, _evidence(top, found, facts))),
        fix=fix(top.cause, found.hop, found.product or _revealed(found, facts)),
        confidence=confidence,
        alternatives=alternatives,
        ask=ask,
        cors=cause.cors,
    )


def _revealed(found: Blame, facts: Facts) -> str:
    """Whose list it may be, where every hop does what it is told: who the answer came from."""
    return next((trace.product for trace in facts.traces), "") if found.hop == "config" else ""


def _nothing_known() -> Ranked:
    """In everyday life an unlisted origin is the commonest cause; it is offered as a guess only."""
    return Ranked("origin-mismatch", 0, ())


def _confidence(ranked: tuple[Ranked, ...], found: Blame) -> Confidence:
    top = ranked[0]
    rival = ranked[1].points if len(ranked) > 1 else 0
    if top.points <= FAIR or top.points - rival < 2:
        return "ambiguous"
    if top.proven and found.sure and rival * 2 <= top.points:
        return "certain"
    return "likely"


def _alternatives(ranked: tuple[Ranked, ...], facts: Facts) -> tuple[Alternative, ...]:
    top = ranked[0]
    if not top.clues:
        ranked = (top, Ranked("error-no-cors", 0, ()), Ranked("preflight-auth", 0, ()))
        worth = 0
    else:
        worth = min(max(FAIR, top.points // 3), top.points - 1)
    return tuple(
        Alternative(
            other.cause,
            blame(other.cause, facts).hop,
            redact(other.clues[0].line) if other.clues else "nothing recorded rules it out",
            CAUSES[other.cause].ask,
        )
        for other in ranked[1:4]
        if other.points >= worth
    )


def _sentence(
    top: Ranked,
    found: Blame,
    facts: Facts,
    confidence: Confidence,
    alternatives: tuple[Alternative, ...],
) -> str:
    cause, name = top.cause, _NAMES[found.hop]
    if found.product and found.product.removeprefix("a ").removeprefix("an ") not in name:
        name = f"{name} ({found.product})" if found.hop != "nginx" else found.product
    status = facts.response.status if facts.response.failed else facts.preflight.status
    code = f" {status}" if status and status >= 400 else ""
    text = CAUSES[cause].sentence.format(hop=name, status=code)
    text = text[0].upper() + text[1:]
    text += _finding(top, facts)
    if confidence == "ambiguous":
        other = f" and {alternatives[0].cause}" if alternatives else " and other causes"
        ask = alternatives[0].ask if alternatives else CAUSES[cause].ask
        return f"I cannot tell between {cause}{other}. Ask this: {ask} If it is {cause}: {text}"
    return text


def _finding(top: Ranked, facts: Facts) -> str:
    """What a live server has shown, where that proves the cause."""
    if facts.observation.silence and top.cause == "not-cors-transport":
        return f" What happened: {facts.observation.silence}."
    asked = (clue.line for clue in top.clues if clue.points >= PROOF and is_of_a_live_server(clue))
    line = next(asked, "")
    if not line:
        return ""
    return f" {line if line.startswith('http') else line[0].upper() + line[1:]}."


def _evidence(top: Ranked, found: Blame, facts: Facts) -> list[str]:
    lines = [clue.line for clue in top.clues]
    lines.append(f"{found.hop}: {found.line}")
    lines += [f"made by {trace.product}: {trace.evidence}" for trace in facts.traces if trace.maker]
    return list(dict.fromkeys(lines))[:MOST_EVIDENCE]
