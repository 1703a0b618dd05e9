"""Rules that compare what each hop answers when it is asked directly."""

from __future__ import annotations

from corsage.diagnosis import trace
from corsage.diagnosis.clues import PROOF, STRONG, Table
from corsage.diagnosis.facts import ALLOW_ORIGIN, Facts, grants
from corsage.diagnosis.observation import AtHop

TRACED = "hop-"
"""How the names of these rules begin."""

_table = Table()
_rule = _table.rule


def _hops(facts: Facts) -> tuple[AtHop, ...]:
    """The hops, where what was asked of them is what fails; else none."""
    hops = facts.observation.hops
    if len(hops) < 2:
        return ()
    seen = facts.preflight if facts.failing == "preflight" else facts.response
    now = hops[0].preflight if facts.failing == "preflight" else hops[0].response
    return hops if not facts.failing or now.status == seen.status else ()


@_rule("preflight-wrong-responder", PROOF)
def _hop_other_than_owner_answers(facts: Facts) -> str | None:
    """One hop writes the CORS headers, and another one answers the preflight, without them."""
    hops = _hops(facts)
    if not hops or facts.failing != "preflight" or facts.preflight.status in {401, 404, 405, 429}:
        return None
    answerer, owner = trace.maker(hops, "preflight"), trace.writer(hops, ALLOW_ORIGIN)
    if answerer is None or owner is None or answerer == owner or facts.preflight.redirects:
        return None
    if answerer < owner and not facts.preflight.ok:
        return None  # it refuses OPTIONS by itself, and does not pretend to answer
    if answerer < owner and not grants(hops[owner].preflight, facts.origin, preflight=True):
        return None  # the owner would not have let it pass either
    return (
        f"{hops[answerer].name} answers the preflight ({facts.preflight.status}), while "
        f"{hops[owner].name} writes Access-Control-Allow-Origin on other answers"
    )


@_rule("error-no-cors", PROOF)
def _hop_behind_is_silent(facts: Facts) -> str | None:
    """A hop answers with an error because the one behind it gives no answer at all."""
    hops = _hops(facts)
    status = facts.preflight.status if facts.failing == "preflight" else facts.response.status
    if not hops or hops[0].silence or not status or status < 400:
        return None
    dead = next((hop for hop in hops if hop.silence), None)
    return f"{dead.name} gives no answer at all: {dead.silence}" if dead else None


@_rule("policy-inert", STRONG)
def _hop_loses_the_allowed_origin(facts: Facts) -> str | None:
    """Further in the origin is allowed; on the way out the header is lost."""
    part = facts.failing
    if not part:
        return None
    for change in trace.changes(_hops(facts)):
        lost = change.part == part and change.header == ALLOW_ORIGIN and change.kind == "vanishes"
        if lost and trace.part_of(facts.observation.hops[0], part).ok:
            return change.line
    return None


RULES = tuple(_table.rules)
