"""Who is trusted and should not be: one finding for each kind of origin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.live.audit.exchanges import Reading
from corsage.live.audit.findings.scene import Scene
from corsage.live.audit.probes import IMPLIES, Kind, Probe
from corsage.policy.rules import Rule, Severity

_RULES: dict[Kind, Rule] = {
    Kind.ARBITRARY: rules.ARBITRARY_ORIGIN,
    Kind.NULL: rules.NULL_TRUSTED,
    Kind.PREFIX: rules.PREFIX,
    Kind.SUFFIX: rules.SUFFIX,
    Kind.SUBSTRING: rules.SUBSTRING,
    Kind.SIMILAR: rules.SIMILAR,
    Kind.DOT: rules.DOT,
    Kind.SHARED: rules.SHARED_HOST,
    Kind.SCHEME: rules.DOWNGRADE,
    Kind.SPECIAL: rules.SPECIAL_CHARACTER,
    Kind.SUBDOMAIN: rules.SUBDOMAIN,
    Kind.PARENT: rules.PARENT,
    Kind.PORT: rules.PORT,
    Kind.LOCALHOST: rules.LOCALHOST,
}

_MILDER: dict[Severity, Severity] = {"error": "warning", "warning": "note", "note": "note"}

_ANY_NAME = "://attacker"  # then the end that is trusted, in a probe of a suffix


def of_probes(scene: Scene, found: Sequence[tuple[Probe, Reading]]) -> Iterator[Finding]:
    """One finding for each kind of origin that is trusted and should not be."""
    by_kind: dict[Kind, list[tuple[Probe, Reading]]] = {}
    ends = [probe.origin.partition(_ANY_NAME)[2] for probe, _ in found if probe.kind == Kind.SUFFIX]
    for probe, reading in found:
        # Who trusts every .com trusts what is hosted there.
        if probe.kind == Kind.SHARED and any(end and probe.origin.endswith(end) for end in ends):
            continue
        by_kind.setdefault(probe.kind, []).append((probe, reading))
    explained = {
        kind
        for found_kind in by_kind
        for kind in IMPLIES.get(found_kind, frozenset())
        # What lets less be read does not explain what lets more.
        if kind != found_kind
        and (any(r.credentials for _, r in by_kind[found_kind]) or not _with(by_kind, kind))
    }
    for kind, all_of_it in by_kind.items():
        if kind not in explained:
            yield _of_kind(scene, kind, all_of_it)


def _with(by_kind: dict[Kind, list[tuple[Probe, Reading]]], kind: Kind) -> bool:
    return any(reading.credentials for _, reading in by_kind.get(kind, ()))


def _of_kind(scene: Scene, kind: Kind, found: Sequence[tuple[Probe, Reading]]) -> Finding:
    def worst(pair: tuple[Probe, Reading]) -> tuple[bool, bool, bool]:
        probe, reading = pair
        return not reading.credentials, bool(probe.senders), reading.exchange.response.status >= 400

    probe, reading = min(found, key=worst)
    rule = _RULES[kind]
    severity = rule.severity
    status = reading.exchange.response.status
    what = "with the visitor's credentials"
    if not reading.credentials:
        severity, what = "note", "without credentials"
    elif status >= 400 or probe.senders:
        severity = _MILDER[severity]
    of = f" ({probe.how}; {probe.of} is trusted)" if probe.of else f" ({probe.how})"
    answer = "the answer" if status < 400 else f"the answer {status}"
    message = f"{reading.origin} may read {answer} {what}{of}"
    others = [other.origin for other, _ in found if other.origin != probe.origin]
    said = [f"{' and '.join(reading.browsers)} let the page read it"]
    if probe.senders:
        said = [f"{probe.senders} send such an origin, and the page may read the answer"]
    if status >= 400 and reading.credentials:
        said.append("an answer to somebody who is signed in may hold more (--cookie)")
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        said.append(f"so may {', '.join(others[:5])}{more}")
    return scene.finding(
        rule,
        severity,
        message,
        reading.first,
        said="; ".join(said) + ".",
        why=_WHY.get(kind, "") if reading.credentials else _WHY_NOT_WORSE,
        witness=reading.origin,
    )


_WHY_NOT_WORSE = (
    "Without credentials a page reads no more than anybody's own server could; "
    "it is a hole where the network or the address of the visitor is what lets people in."
)

_WHY: dict[Kind, str] = {
    Kind.ARBITRARY: "Any page that a signed-in visitor opens reads this with the visitor's cookies "
    "(those that the browser sends across sites).",
    Kind.NULL: "Any page can make a sandboxed frame, whose origin is null.",
    Kind.PREFIX: "The rule has no end: whoever owns the rest of the name is trusted.",
    Kind.SUFFIX: "The rule has no beginning: whoever registers a longer name is trusted.",
    Kind.SUBSTRING: "The rule has neither a beginning nor an end.",
    Kind.SIMILAR: "Whoever registers the name is trusted.",
    Kind.DOT: "An unescaped dot of a regular expression stands for any character.",
    Kind.SHARED: "Whoever opens an account at the host is trusted.",
    Kind.SCHEME: "Whoever is on the visitor's network answers for http and reads what https hides.",
    Kind.SPECIAL: "The rule takes the character for the end of the name; an https page there needs "
    "a certificate that is hard to get, an http page does not.",
    Kind.SUBDOMAIN: "A script injected into any subdomain, or a forgotten one taken over, reads "
    "this too; the browser counts it as the same site.",
    Kind.PARENT: "A page on the parent domain reads this; a policy that names the host alone is "
    "wider than it says.",
    Kind.PORT: "Another program on the trusted host reads this too.",
    Kind.LOCALHOST: "Any program on the visitor's machine that serves a page reads this; a rule "
    "for developers has come along.",
}
