"""Which origins to send: what attackers can have, and what sloppy rules take for a trusted one.

Pure: a trusted origin in, probes out. Only what a browser can send is here
(:func:`corsage.browser.is_origin`, and what of it browsers really load).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from corsage.browser.url import DEFAULT_PORTS, Url, parse
from corsage.policy.public_suffixes import is_listed, registrable_domain

ATTACKER = "attacker.test"
"""A domain that is nobody's (RFC 2606 reserves ``.test``; ``.example`` is what examples trust).
Nothing is ever sent there."""

_NAME = "attacker"


class Kind(StrEnum):
    """What a probe tells when the server trusts it. In the order of how much it tells."""

    ARBITRARY = "arbitrary"
    NULL = "null"
    SUBSTRING = "substring"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    SIMILAR = "similar"
    DOT = "dot"
    SHARED = "shared"
    SCHEME = "scheme"
    SPECIAL = "special"
    SUBDOMAIN = "subdomain"
    PARENT = "parent"
    PORT = "port"
    LOCALHOST = "localhost"


IMPLIES: dict[Kind, frozenset[Kind]] = {
    Kind.ARBITRARY: frozenset(Kind),
    Kind.SUBSTRING: frozenset(
        {Kind.PREFIX, Kind.SUFFIX, Kind.SIMILAR, Kind.DOT, Kind.SCHEME, Kind.SPECIAL}
        | {Kind.SUBDOMAIN, Kind.PARENT, Kind.PORT}
    ),
    Kind.PREFIX: frozenset({Kind.SIMILAR, Kind.SPECIAL, Kind.PORT}),
    Kind.SUFFIX: frozenset({Kind.SIMILAR, Kind.DOT, Kind.SCHEME, Kind.SUBDOMAIN, Kind.PARENT}),
}
"""Kinds that a worse one explains: the rule without an end also takes every port."""


@dataclass(frozen=True, slots=True)
class Probe:
    """An origin to send. ``of`` is the trusted origin that it imitates, empty if none.

    ``how`` says what it is in words. ``senders`` says which browsers send it, where not all do.
    """

    origin: str
    kind: Kind
    how: str
    of: str = ""
    senders: str = ""


def stranger(scheme: str) -> Probe:
    """An origin that nobody has a reason to trust."""
    return Probe(f"{scheme}://{ATTACKER}", Kind.ARBITRARY, "an origin that nobody knows")


NULL = Probe("null", Kind.NULL, "the origin of sandboxed frames, which any page can make")

_SHARED = (
    "github.io", "gitlab.io", "vercel.app", "netlify.app", "pages.dev", "workers.dev",
    "herokuapp.com", "web.app", "firebaseapp.com", "onrender.com", "up.railway.app", "fly.dev",
    "azurewebsites.net", "azurestaticapps.net", "s3.amazonaws.com", "cloudfront.net",
    "amplifyapp.com", "ngrok-free.app", "trycloudflare.com", "surge.sh", "replit.app",
    "lovable.app", "loca.lt", "blogspot.com",
)  # fmt: skip
"""Where anybody gets a name for nothing; the commonest real hole is a pattern that ends here."""

_PLAYGROUNDS = ("codepen.io", "jsfiddle.net", "jsbin.com")
"""Sites that run what visitors write, on one origin for all."""


def shared_hosts(scheme: str) -> Iterator[Probe]:
    """Names at hosting services that anybody can have."""
    for suffix in _SHARED:
        origin = f"{scheme}://{_NAME}.{suffix}"
        yield Probe(origin, Kind.SHARED, f"a name that anybody can have at {suffix}")
    for host in _PLAYGROUNDS:
        how = f"the playground {host}, where anybody's script runs"
        yield Probe(f"{scheme}://{host}", Kind.SHARED, how)


def local_pages() -> Iterator[Probe]:
    """Pages that a visitor's own machine serves."""
    for origin in _LOCAL:
        how = "a page from the visitor's own machine, where any program may listen"
        yield Probe(origin, Kind.LOCALHOST, how)


_LOCAL = ("http://localhost", "http://localhost:3000", "http://127.0.0.1", "https://localhost")


def family(url: str) -> Iterator[str]:
    """Origins that an API at ``url`` probably trusts: its own, and its neighbours'."""
    own = parse(url)
    if own is None or not own.is_http:
        return
    yield own.origin
    domain = _domain(own)
    if domain is None:
        return
    schemes = ("https",) if own.scheme == "https" else ("http", "https")
    for scheme in schemes:
        for host in (domain, f"www.{domain}", f"app.{domain}"):
            yield f"{scheme}://{host}"
    if own.scheme == "https":
        yield f"http://{domain}"


def imitations(trusted: str) -> Iterator[Probe]:
    """Probes that imitate an origin which the server trusts, without special characters."""
    base = parse(trusted)
    if base is None or not base.is_http:
        return
    yield from _neighbours(base)
    if _is_address(base):
        return
    yield from _containing(base)
    domain = _domain(base)
    if domain is not None:
        yield from _of_domain(base, domain)


def special(trusted: str) -> Iterator[Probe]:
    """Probes with a character after the trusted host that a class like ``[^.]`` lets through.

    As measured: ``_`` from any browser; the rest only where no system resolver stands between
    (Chromium 156 and Firefox 153 behind a forward proxy), or in Safari by what is published.
    """
    base = parse(trusted)
    if base is None or not base.is_http or _is_address(base):
        return
    for characters, senders in _SPECIAL:
        for character in characters:
            origin = _origin(base, f"{base.host}{character}.{ATTACKER}")
            how = f"the trusted host, then {character} and a stranger's domain"
            yield Probe(origin, Kind.SPECIAL, how, base.origin, senders)


_SPECIAL = (
    ("_", ""),
    ("+$", "Chromium and Firefox behind a proxy, and Safari"),
    ("!\"&'(),;=`{}~", "Chromium behind a proxy, and Safari"),
)


def _neighbours(base: Url) -> Iterator[Probe]:
    if base.scheme == "https":
        host, port = base.host or "", base.port
        origin = f"http://{host}" + (f":{port}" if port not in {None, 80} else "")
        how = "the trusted host without TLS, which any network on the way can be"
        yield Probe(origin, Kind.SCHEME, how, base.origin)
    other = 8443 if base.port != 8443 else 9443
    how = "another port of the trusted host"
    yield Probe(f"{base.scheme}://{base.host}:{other}", Kind.PORT, how, base.origin)
    if base.port is not None and (longer := base.port * 10 + 1) <= 65535:
        how = "a port that begins like the trusted one"
        yield Probe(f"{base.scheme}://{base.host}:{longer}", Kind.PORT, how, base.origin)


def _containing(base: Url) -> Iterator[Probe]:
    """A stranger's names in which the trusted host stands: before, behind, in the middle."""
    host = base.host or ""

    def probe(host: str, kind: Kind, how: str) -> Probe:
        return Probe(_origin(base, host), kind, how, base.origin)

    how = "a stranger's name in which the trusted host stands"
    yield probe(f"{_NAME}-{host}.{ATTACKER}", Kind.SUBSTRING, how)
    how = "a stranger's name that begins like the trusted host"
    yield probe(f"{host}.{ATTACKER}", Kind.PREFIX, how)
    yield probe(f"{host}-{ATTACKER}", Kind.PREFIX, how)
    yield probe(f"{host}{ATTACKER}", Kind.PREFIX, how)
    if base.port is not None:
        # A rule without an end takes the port's digits for part of the name as well.
        yield Probe(f"{base.scheme}://{host}.{ATTACKER}", Kind.PREFIX, how, base.origin)
    how = "a name under the trusted host"
    yield probe(f"{_NAME}.{host}", Kind.SUBDOMAIN, how)


def _of_domain(base: Url, domain: str) -> Iterator[Probe]:
    host = base.host or ""
    label, _, suffix = domain.partition(".")
    shared = suffix in _SHARED

    def probe(host: str, kind: Kind, how: str) -> Probe:
        return Probe(_origin(base, host), kind, how, base.origin)

    if shared:
        how = f"a name that anybody can have at {suffix}"
        for name in (_NAME, f"{label}-{_NAME}", f"{_NAME}-{label}"):
            yield probe(f"{name}.{suffix}", Kind.SHARED, how)
    else:
        how = "a stranger's name that ends like the trusted domain"
        yield probe(f"{_NAME}{domain}", Kind.SUFFIX, how)
        yield probe(f"{_NAME}-{domain}", Kind.SUFFIX, how)
        how = f"a stranger's name under .{suffix}"
        yield probe(f"{_NAME}.{suffix}", Kind.SUFFIX, how)
    if host != domain:
        how = "another name under the trusted domain"
        yield probe(f"{_NAME}.{domain}", Kind.SUBDOMAIN, how)
        yield probe(f"{_NAME}{host}", Kind.SUBDOMAIN, how)
    parent = host
    while parent != domain:
        parent = parent.partition(".")[2]
        yield probe(parent, Kind.PARENT, "a domain above the trusted host")
    yield from _shortened(base, domain)
    for place, character in enumerate(host):
        changed = f"{host[:place]}x{host[place + 1 :]}"
        owner = registrable_domain(changed) if character == "." else None
        if owner is not None and owner != domain and is_listed(owner.partition(".")[2]):
            how = "the trusted host with another character for a dot"
            yield probe(changed, Kind.DOT, how)


def _shortened(base: Url, domain: str) -> Iterator[Probe]:
    """What a comparison takes that looks for the wrong thing in the wrong one."""
    host = base.host or ""
    label, _, suffix = domain.partition(".")

    def probe(host: str, kind: Kind, how: str) -> Probe:
        return Probe(_origin(base, host), kind, how, base.origin)

    how = "a stranger's name in which the trusted word stands"
    yield probe(f"{label}.{ATTACKER}", Kind.SUBSTRING, how)
    stem = host.removesuffix(f".{suffix}")
    if stem != label:
        how = "a stranger's name that begins like the trusted host, without its suffix"
        yield probe(f"{stem}.{ATTACKER}", Kind.PREFIX, how)
    other = "net" if suffix != "net" else "org"
    how = "the trusted name under another top-level domain"
    yield probe(f"{stem}.{other}", Kind.SIMILAR, how)
    if host == domain and len(label) > 3 and label[1] != "-":
        how = "the trusted host without its first letter"
        yield probe(f"{label[1:]}.{suffix}", Kind.SIMILAR, how)
    if is_listed(suffix[:-1]):
        how = "the trusted host without its last letter"
        yield probe(host[:-1], Kind.SIMILAR, how)


def _domain(url: Url) -> str | None:
    return None if _is_address(url) else registrable_domain(url.host or "")


def _is_address(url: Url) -> bool:
    try:
        ipaddress.ip_address((url.host or "").strip("[]"))
    except ValueError:
        return False
    return True


def _origin(base: Url, host: str) -> str:
    port = "" if base.port in {None, DEFAULT_PORTS[base.scheme]} else f":{base.port}"
    return f"{base.scheme}://{host}{port}"
