"""Cookies that do not travel where credentials are allowed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from corsage.chain.system import System
from corsage.chain.topology import Chain
from corsage.check.finding import Finding
from corsage.check.report import finding
from corsage.layers import rules
from corsage.layers.site import Cookie, Grant
from corsage.layers.source import Reading
from corsage.layers.urls import split_url
from corsage.policy.public_suffixes import registrable_domain


def check_cookies(reading: Reading, system: System) -> Iterator[Finding]:
    """Findings about the cookies of apps that let other sites' pages read with credentials."""
    for cookie in reading.cookies:
        folder = posixpath.dirname(cookie.where.file)
        for chain in system.chains:
            stranger = _another_site(chain, folder)
            if stranger is not None:
                yield from _at_home(cookie, stranger)
                break


def _another_site(chain: Chain, folder: str) -> str | None:
    """An origin on another site that may read with credentials, if the cookie's app is on the
    chain."""
    instances = [link.instance for link in chain.links]
    if not any(posixpath.dirname(one.where.file) == folder for one in instances):
        return None
    grants = [
        site.grant
        for one in instances
        for site in one.sites
        if site.grant is not None and site.grant.credentials
    ]
    home = _site(chain.url)
    return next((o for grant in grants for o in _origins(grant) if _site(o) != home), None)


def _origins(grant: Grant) -> Iterator[str]:
    for entry in grant.entries:
        if entry.text in entry.language:
            yield entry.text


def _site(url: str) -> str:
    host = split_url(url).hostname or ""
    return registrable_domain(host) or host


def _at_home(cookie: Cookie, stranger: str) -> Iterator[Finding]:
    why = f"{stranger} is another site, and may read with credentials that never come."
    if cookie.same_site is not None and cookie.same_site.lower() in ("lax", "strict"):
        yield finding(
            rules.COOKIE_STAYS_HOME,
            f"{cookie.name} is SameSite={cookie.same_site}: it is not sent from another site",
            cookie.where,
            why=why,
            fix="SameSite=None; Secure",
        )
    elif cookie.same_site is not None and cookie.same_site.lower() == "none" and not cookie.secure:
        yield finding(
            rules.COOKIE_STAYS_HOME,
            f"{cookie.name} is SameSite=None without Secure, which browsers drop",
            cookie.where,
            why=why,
            fix="SameSite=None; Secure",
        )
