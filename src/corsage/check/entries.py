"""What is wrong with an allow-list: whom its entries admit, and whom they never can."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from corsage.check.asking import STRANGER, a_likely_origin_of
from corsage.check.finding import Finding
from corsage.check.report import finding
from corsage.layers import rules
from corsage.layers.site import Grant, OriginEntry, Site
from corsage.layers.urls import split_url
from corsage.patterns import OriginLanguage, Undecided, Witness, regex, strangers
from corsage.policy.rules import Rule, Severity

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_entries(site: Site, grant: Grant) -> Iterator[Finding]:
    """Findings in the entries of one site."""
    everything = [entry for entry in grant.entries if admits_everybody(entry)]
    for entry in grant.entries:
        if _is_dead(entry):
            yield finding(
                rules.NEVER_MATCHES,
                f'"{entry.text}" matches no origin that a browser sends',
                entry.where,
                why=f"{site.product} compares it with origins as browsers write them: "
                "scheme, host and port in lower case, no path, no default port.",
            )
        elif entry not in everything:
            if everything:
                yield finding(
                    rules.DEAD_LIST,
                    f'"{entry.text}" has no effect: "{everything[0].text}" admits every origin',
                    entry.where,
                )
            else:
                yield from _admitted(entry, grant)


def admits_everybody(entry: OriginEntry) -> bool:
    """Whether an entry admits every website. (Some regexes admit all but ``null``.)"""
    if STRANGER not in entry.language:
        return False
    try:
        return _every_website() <= entry.language
    except Undecided:
        return False


def _is_dead(entry: OriginEntry) -> bool:
    # Most entries are an origin or a glob, and admit it: nothing is to be searched.
    if entry.text in entry.language or STRANGER in entry.language:
        return False
    if a_likely_origin_of(entry) is not None:
        return False
    try:
        return entry.language.is_empty()
    except Undecided:
        return False


@cache
def _every_website() -> OriginLanguage:
    return regex(r"https://[a-z0-9.-]+", "python", "full")


def _admitted(entry: OriginEntry, grant: Grant) -> Iterator[Finding]:
    if "null" in entry.language:
        yield finding(
            rules.NULL_ADMITTED,
            f'"{entry.text}" admits null',
            entry.where,
            severity="error" if grant.credentials else "warning",
            why="Any website can make its origin null, with a sandboxed frame.",
            witness="null",
        )
    exact = entry.text in entry.language and not _goes_on(entry)
    # What is an origin can be split; the texts of regexes cannot always.
    if exact and grant.credentials and _is_insecure(entry.text):
        yield finding(
            rules.INSECURE_ADMITTED,
            f"{entry.text} may read with cookies over plain http",
            entry.where,
            why="Whoever is on the way can answer in that site's name, and read with its origin.",
            witness=entry.text,
            fix=entry.text.replace("http://", "https://", 1),
        )
    if exact:
        return
    witness = _stranger(entry)
    if witness is not None and witness.kind in _KINDS:
        rule, why = _KINDS[witness.kind]
        yield finding(
            rule,
            f'"{entry.text}" admits {witness.origin}',
            entry.where,
            severity=_severity(rule, witness, grant),
            why=why,
            witness=witness.origin,
        )


def _goes_on(entry: OriginEntry) -> bool:
    """Whether an origin's text is a regex or a comparison that is not anchored at both ends."""
    before, separator, after = entry.text.partition("://")
    longer = (f"{entry.text}.stranger.example", f"{before}{separator}stranger.{after}")
    return any(origin in entry.language for origin in longer)


def _is_insecure(origin: str) -> bool:
    url = split_url(origin)
    return url.scheme == "http" and url.hostname not in _LOOPBACK


def _stranger(entry: OriginEntry) -> Witness | None:
    try:
        return strangers(entry.language, entry.text.lstrip("~"))  # nginx's sign of a regex
    except Undecided:
        return None


_KINDS: dict[str, tuple[Rule, str]] = {
    "anyone": (rules.STRANGER, "Anybody can register that domain."),
    "neighbour": (rules.NEIGHBOUR, "Anybody can have a name on that shared host."),
    "insecure": (
        rules.INSECURE_ADMITTED,
        "Whoever is on the way of plain http can answer in that site's name.",
    ),
    "odd-characters": (
        rules.STRANGER,
        "Some browsers send such names where a proxy resolves them.",
    ),
}


def _severity(rule: Rule, witness: Witness, grant: Grant) -> Severity:
    if witness.kind == "odd-characters":
        return "note"
    if grant.credentials or rule is rules.INSECURE_ADMITTED:
        return rule.severity
    return "warning"
