"""Whom a trace names: the hop that made the failing answer, or at which its header went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from corsage.diagnosis import trace
from corsage.diagnosis.blame.found import Blame, Strategy
from corsage.diagnosis.facts import ALLOW_CREDENTIALS, ALLOW_ORIGIN, Facts
from corsage.diagnosis.observation import AtHop

Found: TypeAlias = tuple[int, str] | None
_FROM_THE_RESPONSE: tuple[trace.Part, ...] = ("response", "preflight")
_Finder: TypeAlias = Callable[[Sequence[AtHop]], Found]


def traced(find: _Finder) -> Strategy:
    """The hop that ``find`` names, where hops were asked one by one."""

    def strategy(facts: Facts) -> Blame | None:
        hops = facts.observation.hops
        found = find(hops) if hops and _is_the_same(facts, hops[0]) else None
        if found is None:
            return None
        number, line = found
        hop, product = trace.kind_of(hops, number)
        return Blame(hop, product, line, sure=len(hops) > 1)

    return strategy


def _is_the_same(facts: Facts, outside: AtHop) -> bool:
    """Whether the trace met what is to be explained: hops are asked with GET, and later."""
    if facts.failing == "preflight":
        return outside.preflight.status == facts.preflight.status
    return facts.failing == "" or outside.response.status == facts.response.status


def made_the_preflight(hops: Sequence[AtHop]) -> Found:
    """Who answered the preflight."""
    number = trace.maker(hops, "preflight")
    if number is None:
        return None
    return number, f"{hops[number].name} answered the preflight: {hops[number].preflight.status}"


def made_the_redirect(hops: Sequence[AtHop]) -> Found:
    """Who redirects, the preflight or the request."""
    if hops[0].preflight.redirects:
        return made_the_preflight(hops)
    number = trace.maker(hops, "response")
    if number is None:
        return None
    return number, f"{hops[number].name} answered {hops[number].response.status}"


def made_or_owns_the_error(hops: Sequence[AtHop]) -> Found:
    """Who made the error; further out, who owns CORS and lets it pass without the headers."""
    part: trace.Part = "response" if hops[0].response.status else "preflight"
    made = trace.maker(hops, part)
    if made is None:
        return None
    status = trace.part_of(hops[made], part).status
    line = f"{hops[made].name} made the {status}"
    owner = trace.writer(hops, ALLOW_ORIGIN, "preflight")
    if owner is not None and owner < made:
        return owner, f"{line}; {hops[owner].name} owns CORS and does not stamp it"
    if made + 1 < len(hops) and hops[made + 1].silence:
        line += f": {hops[made + 1].name} gives no answer ({hops[made + 1].silence})"
    return made, line


def doubles(hops: Sequence[AtHop]) -> Found:
    """Where the second value is written: the innermost hop that already sends two.

    A wildcard from behind it is what must go: it never fits beside an origin.
    """
    for part in _FROM_THE_RESPONSE:
        for header in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
            counts = [_count(hop, part, header) for hop in hops]
            if counts[0] < 2:
                continue
            last = 0
            while last + 1 < len(hops) and counts[last + 1] > 1:
                last += 1
            behind = trace.part_of(hops[last + 1], part) if last + 1 < len(hops) else None
            if behind is not None and behind.lines(header) == ("*",):
                return last + 1, f"{hops[last + 1].name} sends the wildcard"
            return last, f"at {hops[last].name} {header} stands {counts[last]} times"
    return None


def _count(hop: AtHop, part: trace.Part, header: str) -> int:
    return sum(len(line.split(",")) for line in trace.part_of(hop, part).lines(header))


def loses_the_policy(hops: Sequence[AtHop]) -> Found:
    """Where an allowed origin vanishes, or gives way to another."""
    for change in trace.changes(hops):
        lost = change.kind in {"vanishes", "changes"}
        if lost and change.header == ALLOW_ORIGIN:
            return _named(hops, change.hop), change.line
    return None


def alters_the_origin(hops: Sequence[AtHop]) -> Found:
    """Where the allowed origin that arrives was written or put in place of another."""
    for part in _FROM_THE_RESPONSE:
        number = trace.writer(hops, ALLOW_ORIGIN, part)
        if number is not None:
            value = trace.part_of(hops[number], part).get(ALLOW_ORIGIN)
            return number, f"at {hops[number].name} {ALLOW_ORIGIN} is {value}"
    return None


def should_have_answered(hops: Sequence[AtHop]) -> Found:
    """The owner, past whom the preflight went, or who answered in the owner's place."""
    made, owner = trace.maker(hops, "preflight"), trace.writer(hops, ALLOW_ORIGIN)
    if made is None or made == owner:
        return None
    if owner is None:
        return max(made - 1, 0), f"{hops[made].name} answers preflights, which came that far"
    # The owner lets it pass, or a hop in front of the owner answers: the outer one must change.
    number = min(made, owner)
    return number, f"{hops[made].name} answers preflights, {hops[owner].name} writes the headers"


def falls_silent(hops: Sequence[AtHop]) -> Found:
    """The innermost hop of those that give no answer, from the outside in."""
    silent = [number for number, hop in enumerate(hops) if hop.silence]
    if 0 not in silent:
        return None
    last = 0
    while last + 1 in silent:
        last += 1
    return last, f"{hops[last].name} gives no answer: {hops[last].silence}"


def sends_the_answer(hops: Sequence[AtHop]) -> Found:
    """Who made the answer to the request."""
    number = trace.maker(hops, "response")
    return None if number is None else (number, f"{hops[number].name} sends the answer")


def answers_without_a_policy(hops: Sequence[AtHop]) -> Found:
    """Who made the first answer that lacks the header: the preflight's, else the request's."""
    if not hops[0].preflight.lines(ALLOW_ORIGIN) and hops[0].preflight.status:
        return made_the_preflight(hops)
    return sends_the_answer(hops)


def _named(hops: Sequence[AtHop], name: str) -> int:
    return next(number for number, hop in enumerate(hops) if hop.name == name)
