"""An origin that a set admits and nobody trusts: the most telling one, or the proof of none.

A witness is an origin that browsers send, on a name that somebody else can have. Which kind it is
says how bad it is; the worst kind is looked for first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Literal, get_args

from corsage.patterns.alphabet import ODD_CHARACTERS
from corsage.patterns.errors import Undecided
from corsage.patterns.language import OriginLanguage, origins
from corsage.patterns.machines import Both, Machine, Once, Without, Words
from corsage.patterns.meant import meant
from corsage.patterns.names import Graph, SuffixTree, lay_out, shortest_under
from corsage.patterns.same_host import SameHost
from corsage.patterns.sendable import (
    ANY_LABEL,
    IPV4,
    IPV6,
    PLAIN_LABEL,
    PORT,
    is_sendable,
    sendable,
    text_machine,
)
from corsage.patterns.suffixes import Suffixes, is_open, suffixes
from corsage.patterns.work import Work

Kind = Literal["anyone", "neighbour", "null", "insecure", "odd-characters", "port", "subdomain"]
"""Who can have the origin, the worst first.

anyone: whoever registers a domain, or has a public address. neighbour: whoever rents a name beside
a trusted one's on a shared host. null: any page, in a sandboxed frame. insecure: whoever is on the
wire to a trusted host, over plain http. odd-characters: whoever registers a domain, if the browser
is behind a proxy. port: another service of a trusted host. subdomain: another host of a trusted
domain.
"""
KINDS: tuple[Kind, ...] = get_args(Kind)

EVERY_BROWSER = "every browser"


@dataclass(frozen=True, slots=True)
class Witness:
    """An origin that is admitted and not trusted."""

    origin: str
    kind: Kind

    @property
    def sent_by(self) -> str:
        """The browsers that send it (Chromium 156, Firefox 153; Safari as is reported of it)."""
        odd = set(self.origin) & set(ODD_CHARACTERS + "%")
        if not odd:
            return EVERY_BROWSER
        if odd <= set("$+"):
            return "Chromium and Firefox behind a proxy, and Safari"
        return "Chromium behind a proxy" + (", and Safari" if "%" not in odd else "")


def strangers(language: OriginLanguage, *texts: str) -> Witness | None:
    """An origin that an entry of an allow-list admits, and that nobody meant who wrote it so;
    None is the proof that nobody else can have any."""
    if texts not in language.told:
        language.told[texts] = witness(language, meant(*texts))
    known: Witness | None = language.told[texts]
    return known


def witness(
    language: OriginLanguage, trusted: OriginLanguage, kinds: tuple[Kind, ...] = KINDS
) -> Witness | None:
    """The most telling origin of ``language`` that is not ``trusted``: of the worst kind that
    there is, and of these the shortest. None is the proof that there is none of these ``kinds``.

    Raises :class:`Undecided` if that takes too much work.
    """
    strange = language - trusted
    if strange.is_empty():
        return None
    search = _Search(strange.machine, trusted)
    for kind in KINDS:
        if kind in kinds:
            found = search.find(kind)
            if found is not None:
                return Witness(found, kind)
    return None


_MOST_OWNERS = 200


class _Search:
    """The search for one kind of stranger after the other."""

    def __init__(self, strange: Machine, trusted: OriginLanguage) -> None:
        self._strange = strange
        self._work = Work()
        self._trusted = trusted
        domains = (suffixes().domain(host) for host in trusted.hosts if not _is_address(host))
        self._owned = {domain for domain in domains if domain}
        self._graphs: dict[tuple[Machine, frozenset[str], frozenset[str]], Graph] = {}

    def find(self, kind: Kind) -> str | None:
        finders: dict[Kind, Callable[[], Iterator[str | None]]] = {
            "anyone": self._anyone,
            "neighbour": self._neighbour,
            "null": lambda: self._any(Words(["null"])),
            "insecure": lambda: self._any(SameHost(self._trusted.machine, "https", "http")),
            "odd-characters": self._odd,
            "port": self._port,
            "subdomain": lambda: self._any(_subdomains(self._owned)),
        }
        return next(filter(None, finders[kind]()), None)

    def _first(self, machine: Machine) -> str | None:
        return next(origins(machine, self._work), None)

    def _any(self, kind: Machine) -> Iterator[str | None]:
        yield self._first(Both(self._strange, kind))

    def _port(self) -> Iterator[str | None]:
        for scheme in ("https", "http"):
            yield from self._any(SameHost(self._trusted.machine, scheme, scheme))

    def _anyone(self) -> Iterator[str | None]:
        for scheme in ("https", "http"):
            yield self._under(scheme, PLAIN_LABEL, (_popular(), _registries()), _registrable)
        numeric = Both(self._strange, _numeric())
        if self._first(numeric) is not None:
            yield self._first(Both(numeric, _addresses()))

    def _neighbour(self) -> Iterator[str | None]:
        for scheme in ("https", "http"):
            yield self._under(scheme, PLAIN_LABEL, (_shared(),), _rentable)

    def _odd(self) -> Iterator[str | None]:
        for scheme in ("https", "http"):
            yield self._under(scheme, ANY_LABEL, (_popular(), _registries()), _registrable)
            yield self._under(scheme, ANY_LABEL, (_shared(),), _rentable)

    def _under(
        self, scheme: str, label: str, trees: tuple[SuffixTree, ...], judge: Judge
    ) -> str | None:
        """The shortest origin on a domain that strangers can have, under the first of the trees
        that has any. An origin that turns out to be on no such domain rules out all origins of
        its owner."""
        owners = set(self._owned)
        hosts: set[str] = set()
        for _ in range(_MOST_OWNERS):
            found = self._candidate(_names(scheme, label), trees, owners, hosts)
            if found is None:
                return None
            host = host_of(found)
            owner = judge(host, suffixes())
            if owner.is_stranger and is_sendable(found):
                return found
            if owner.is_stranger or owner.domain is None:
                hosts.add(host)
            else:
                owners.add(owner.domain)
        raise Undecided("the pattern names too many owners of domains")

    def _candidate(
        self, kind: Machine, trees: tuple[SuffixTree, ...], owners: set[str], hosts: set[str]
    ) -> str | None:
        work = self._work
        key = (kind, frozenset(owners), frozenset(hosts))
        graph = self._graphs.get(key)
        if graph is None:
            machine: Machine = Both(self._strange, kind)
            if owners:
                machine = Without(machine, _below(owners))
            if hosts:
                machine = Without(machine, _on(hosts))
            graph = self._graphs[key] = lay_out(machine, work)
        return next(filter(None, (shortest_under(graph, tree, work) for tree in trees)), None)


Judge = Callable[[str, Suffixes], "_Owner"]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whether somebody else can have a host; if not, the domain of which that is true (None: only
    this very host)."""

    is_stranger: bool
    domain: str | None = None


def _registrable(host: str, known: Suffixes) -> _Owner:
    domain = known.registered(host)
    if domain is None:
        return _Owner(False)
    if known.rents_out(domain) or not is_open(domain):
        return _Owner(False, domain)
    return _Owner(True)


def _rentable(host: str, known: Suffixes) -> _Owner:
    domain = known.domain(host)
    if domain is None:
        return _Owner(False)
    return _Owner(True) if known.is_rented(domain) else _Owner(False, domain)


def host_of(origin: str) -> str:
    """The host of an origin, without the dot at its end that it may have."""
    return re.sub(r"\.?(:[0-9]*)?$", "", origin.partition("://")[2])


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


# Kinds of origins, as machines

_SPECIAL_IPV4 = (
    r"(?:0|10|127|22[4-9]|2[3-5][0-9]|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|169\.254"
    r"|172\.(?:1[6-9]|2[0-9]|3[01])|192\.(?:168|0\.0|0\.2|88\.99)|198\.(?:1[89]|51\.100)"
    r"|203\.0\.113)\..*"
)


# Of IPv6, only 2000::/3 is in use, without what is for documents, tunnels and tests.
_SPECIAL_IPV6 = (
    r"\[(?:[^23].*|.[^:]{0,2}:.*|3fff:.*|2002:.*|2001:(?:db8:|0:|:|[12][0-9a-f]:|[2-9a-f]:).*)"
)


@cache
def _names(scheme: str, label: str) -> Machine:
    """Origins on a host that has a name of two labels or more."""
    names = text_machine(rf"{scheme}://(?:{label}\.)+{PLAIN_LABEL}\.?{PORT}")
    return Once(Both(names, sendable()))


@cache
def _popular() -> SuffixTree:
    """Registries that everybody knows, and names that are not too short to be had."""
    tree = SuffixTree(least=3)
    for rule in ("com", "net", "org", "io", "co", "dev", "app", "xyz"):
        tree.add(rule)
    return tree


@cache
def _registries() -> SuffixTree:
    tree = SuffixTree()
    for rule in suffixes().registries:
        if "." not in rule.removeprefix("*.") and is_open(f".{rule}"):
            tree.add(rule)
    return tree


@cache
def _shared() -> SuffixTree:
    tree = SuffixTree()
    for rule in suffixes().shared:
        if not rule.startswith("!"):
            tree.add(rule)
    return tree


@cache
def _numeric() -> Machine:
    """Origins that may be addresses: quickly told, and few patterns admit any."""
    return Once(text_machine(r"https?://(?:[0-9.]+|\[[0-9a-f:]+\])(?::[0-9]+)?"))


@cache
def _addresses() -> Machine:
    """Addresses that somebody on the Internet has."""
    special = rf"https?://(?:{_SPECIAL_IPV4}|{_SPECIAL_IPV6})"
    everywhere = rf"https?://(?:{IPV4}|{IPV6}){PORT}"
    return Once(Without(text_machine(everywhere), text_machine(special)))


def _below(domains: set[str]) -> Machine:
    """The hosts of domains, and all below them."""
    return text_machine(rf"https?://(?:.*\.)?(?:{_any_of(domains)})\.?{PORT}")


def _subdomains(domains: set[str]) -> Machine:
    """The hosts of domains, and hosts below them, with characters that every browser sends."""
    return text_machine(rf"https?://(?:{PLAIN_LABEL}\.)*(?:{_any_of(domains)}){PORT}")


def _on(hosts: set[str]) -> Machine:
    return text_machine(rf"https?://(?:{_any_of(hosts)})\.?{PORT}")


def _any_of(names: set[str]) -> str:
    return "|".join(map(re.escape, sorted(names))) if names else "[^\\s\\S]"
