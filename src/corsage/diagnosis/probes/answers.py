"""Reading the answers to probes: who asked, who was let in, which answers are alike."""

from __future__ import annotations

from corsage.browser import Headers
from corsage.diagnosis.facts import ALLOW_ORIGIN, Facts, grants
from corsage.diagnosis.observation import Answer, Probed


def origin_of(probe: Probed) -> str:
    """The Origin that a probe was sent with; empty for none."""
    return next((value for name, value in probe.asked.headers if name == "Origin"), "")


def granted(probe: Probed) -> bool:
    """Whether the answer to a probe lets in the origin that asked, by name or for all."""
    return grants(probe.answer, origin_of(probe), preflight=probe.asked.kind == "preflight")


def passes(facts: Facts, name: str) -> bool:
    """Whether the probe was sent and let in."""
    probes = facts.probed(name)
    return bool(probes) and all(map(granted, probes))


def refused(facts: Facts, name: str) -> bool:
    """Whether the probe was sent and never let in."""
    probes = facts.probed(name)
    return bool(probes) and not any(map(granted, probes))


def preflight_passes(facts: Facts) -> bool:
    """Whether a server that was asked further grants preflights to the page's origin."""
    if facts.preflight.seen:
        asked_further = bool(facts.observation.probes)
        return asked_further and grants(facts.preflight, facts.origin, preflight=True)
    return passes(facts, "preflight")


def cors_lines(answer: Answer) -> Headers:
    """The CORS headers of an answer, sorted."""
    return tuple(sorted(line for line in answer.headers if line[0].startswith("access-control-")))


def alike(one: Answer, other: Answer) -> bool:
    """Whether two answers have the same status and the same CORS headers."""
    return one.status == other.status and cors_lines(one) == cors_lines(other)


def fails_alike(get: Probed, facts: Facts) -> bool:
    """Whether a GET gets the error that the preflight got, for a reason of its own.

    Where the page's method is another, a 404 to GET says nothing: routes may be for one method.
    """
    status = facts.preflight.status or 0
    by_itself = status >= 500 or (status == 404 and facts.observation.asked.method in _READING)
    same = get.answer.status == status and not get.answer.lines(ALLOW_ORIGIN)
    return same and by_itself


_READING = {"GET", "HEAD", None}


def repeats(facts: Facts) -> tuple[int, int]:
    """How many of the same requests, the first included, were let in and how many refused.

    Errors of the server, limits and silence are not counted: they come and go by themselves.
    """
    probes = facts.probed("repeat")
    if not probes:
        return 0, 0
    lets_in = [_lets_in(probe, facts) for probe in probes if _counts(probe)]
    first = Probed("repeat", probes[0].asked, facts.failed_answer)
    if _counts(first):
        lets_in.append(facts.failing == "")
    return lets_in.count(True), lets_in.count(False)


def _lets_in(probe: Probed, facts: Facts) -> bool:
    if facts.failing and not facts.closed:
        # The lists refuse, or credentials: another answer is another policy.
        return not alike(probe.answer, facts.failed_answer)
    if not facts.failing and probe.asked.kind == "preflight":
        return alike(probe.answer, facts.preflight)
    return granted(probe)


def _counts(probe: Probed) -> bool:
    return probe.answer.status not in _PASSING


_PASSING = {None, 0, 429, *range(502, 600)}
