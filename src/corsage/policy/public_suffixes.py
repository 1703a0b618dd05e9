"""Domains under which strangers can register names.

The Public Suffix List (https://publicsuffix.org/list/), its private part included: a wildcard
right above ``vercel.app`` or ``co.uk`` admits whoever pays, or does not even pay, for a name.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

ALSO_PUBLIC = frozenset(
    {"cloudworkstations.dev", "loca.lt", "localhost.run", "nip.io", "sslip.io", "xip.io"}
)
"""Open to everybody, and not on the list (2026-10): tunnels, and names that resolve to the address
they spell."""


@cache
def _suffixes() -> PublicSuffixList:
    # Read on first use: it takes a while, and few policies have wildcards.
    try:
        from publicsuffixlist import PublicSuffixList
    except ModuleNotFoundError as error:
        # A wildcard that cannot be checked is not let in.
        message = "wildcards are checked by the Public Suffix List: pip install 'corsage[tools]'"
        raise ModuleNotFoundError(message, name=error.name) from None

    return PublicSuffixList()


def is_public_suffix(host: str) -> bool:
    """Whether anybody can register a subdomain of ``host`` (lower case, punycode).

    A single unknown label (``internal``, ``corp``) counts as one, as the list's own default
    rule has it; ``localhost`` does not: it never leaves the machine (RFC 6761, section 6.3).
    """
    if host == "localhost":
        return False
    return host in ALSO_PUBLIC or _suffixes().publicsuffix(host) == host


def is_listed(suffix: str) -> bool:
    """Whether ``suffix`` stands on the list itself, so that names under it can be had; an unknown
    label does not."""
    return suffix in ALSO_PUBLIC or (
        _suffixes().publicsuffix(suffix, accept_unknown=False) == suffix
    )


@lru_cache(maxsize=1024)
def registrable_domain(host: str) -> str | None:
    """The part of ``host`` that somebody has registered (``example.co.uk``); None for what is a
    public suffix itself, and for a single label."""
    labels = host.split(".")
    for position in range(len(labels) - 1):
        if is_public_suffix(".".join(labels[position + 1 :])):
            return ".".join(labels[position:]) if labels[position] else None
    return None
