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
from corsage.patterns.machines import Both, Either, Joined, Machine, Once, Without, Words
from corsage.patterns.meant import meant
from corsage.patterns.same_host import SameHost
from corsage.patterns.sendable import ANY_LABEL, IPV4, IPV6, PLAIN_LABEL, PORT, text_machine
from corsage.patterns.suffixes import Suffixes, is_open, suffixes

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
    return witness(language, meant(*texts))


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
        self._trusted = trusted
        domains = (suffixes().domain(host) for host in trusted.hosts if not _is_address(host))
        self._owned = {domain for domain in domains if domain}

    def find(self, kind: Kind) -> str | None:
        finders: dict[Kind, Callable[[], Iterator[str | None]]] = {
            "anyone": self._anyone,
            "neighbour": self._neighbour,
            "null": lambda: self._first(Words(["null"])),
            "insecure": lambda: self._first(SameHost(self._trusted.machine, "https", "http")),
            "odd-characters": self._odd,
            "port": self._port,
            "subdomain": lambda: self._first(_under(self._owned)),
        }
        return next(filter(None, finders[kind]()), None)

    def _first(self, kind: Machine) -> Iterator[str | None]:
        yield next(origins(Both(self._strange, kind)), None)

    def _port(self) -> Iterator[str | None]:
        for scheme in ("https", "http"):
            yield from self._first(SameHost(self._trusted.machine, scheme, scheme))

    def _anyone(self) -> Iterator[str | None]:
        yield self._owned_by_others(_popular(), _registrable)
        yield self._owned_by_others(_registered(PLAIN_LABEL), _registrable)
        yield next(origins(Both(self._strange, _addresses())), None)

    def _neighbour(self) -> Iterator[str | None]:
        yield self._owned_by_others(_rented(PLAIN_LABEL), _rentable)

    def _odd(self) -> Iterator[str | None]:
        yield self._owned_by_others(_registered(ANY_LABEL), _registrable)
        yield self._owned_by_others(_rented(ANY_LABEL), _rentable)

    def _owned_by_others(
        self, kind: Machine, judge: Callable[[str, Suffixes], _Owner]
    ) -> str | None:
        """The shortest origin of a kind on a domain that strangers can have. An origin that turns
        out to be on no such domain rules out all origins of its owner."""
        owners = set(self._owned)
        hosts: set[str] = set()
        for _ in range(_MOST_OWNERS):
            machine: Machine = Both(self._strange, kind)
            if owners:
                machine = Without(machine, _under(owners))
            if hosts:
                machine = Without(machine, _on(hosts))
            found = next(origins(machine), None)
            if found is None:
                return None
            host = host_of(found)
            owner = judge(host, suffixes())
            if owner.is_stranger:
                return found
            if owner.domain is None:
                hosts.add(host)
            else:
                owners.add(owner.domain)
        raise Undecided("the pattern names too many owners of domains")


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

_REGISTRABLE_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_SPECIAL_IPV4 = (
    r"(?:0|10|127|22[4-9]|2[3-5][0-9]|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|169\.254"
    r"|172\.(?:1[6-9]|2[0-9]|3[01])|192\.(?:168|0\.0|0\.2|88\.99)|198\.(?:1[89]|51\.100)"
    r"|203\.0\.113)\..*"
)


@cache
def _popular() -> Machine:
    """Sites that look like sites: a registry that everybody knows."""
    label = "[a-z0-9][a-z0-9-]+[a-z0-9]"
    pattern = rf"https://(?:{PLAIN_LABEL}\.)*{label}\.(?:com|net|org|io|co|dev|app|xyz){PORT}"
    return Once(text_machine(pattern))


@cache
def _registered(label: str) -> Machine:
    known = suffixes().registries
    tops = [rule for rule in known if "." not in rule]
    deeper = [rule[2:] for rule in known if rule.startswith("*.") and rule.count(".") == 1]
    return _names(label, tops, deeper)


@cache
def _rented(label: str) -> Machine:
    known = suffixes().shared
    names = [rule for rule in known if rule[0] not in "*!"]
    deeper = [rule[2:] for rule in known if rule.startswith("*.")]
    return _names(label, names, deeper)


def _names(label: str, suffixes: list[str], wild: list[str]) -> Machine:
    """Hosts under suffixes, and hosts under any label of those for which the list has ``*.``."""
    prefix = rf"https?://(?:{label}\.)*{_REGISTRABLE_LABEL}\."
    plain = Joined(text_machine(prefix), Words(suffixes))
    under_any = Joined(text_machine(rf"{prefix}{_REGISTRABLE_LABEL}\."), Words(wild))
    return Joined(Either(plain, under_any), text_machine(rf"\.?{PORT}"))


@cache
def _addresses() -> Machine:
    """Addresses that somebody on the Internet has."""
    special = text_machine(rf"https?://{_SPECIAL_IPV4}")
    everywhere = text_machine(rf"https?://{IPV4}{PORT}")
    global_ipv6 = Both(
        text_machine(rf"https?://{IPV6}{PORT}"), text_machine(r"https?://\[2[46-9a-f].*")
    )
    return Once(Either(Without(everywhere, special), global_ipv6))


def _under(domains: set[str]) -> Machine:
    """The hosts of domains, and all below them."""
    return text_machine(rf"https?://(?:.*\.)?(?:{_any_of(domains)})\.?{PORT}")


def _on(hosts: set[str]) -> Machine:
    return text_machine(rf"https?://(?:{_any_of(hosts)})\.?{PORT}")


def _any_of(names: set[str]) -> str:
    return "|".join(map(re.escape, sorted(names))) if names else "[^\\s\\S]"
