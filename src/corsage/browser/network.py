"""What stops a request before CORS is asked: mixed content and Local Network Access.

A page sees the same ``TypeError`` as for CORS, and no header of the server can help.
"""

from __future__ import annotations

import ipaddress

from corsage.browser.check import Failure
from corsage.browser.exchange import AddressSpace, Request
from corsage.browser.profiles import Profile
from corsage.browser.url import Url, parse
from corsage.browser.verdict import Reason

_RANK: dict[AddressSpace, int] = {"public": 0, "local": 1, "loopback": 2}
_CARRIER_GRADE_NAT = ipaddress.ip_network("100.64.0.0/10")


def check(request: Request, url: Url, profile: Profile) -> Failure | None:
    """Why a cross-origin request to ``url`` never leaves the browser; None if it does."""
    if is_mixed_content(request.origin, url, profile):
        return Failure(Reason.MIXED_CONTENT, url.origin)
    page = request.page_address_space
    if page is None or not profile.guards_local_network:
        return None
    target = address_space(url)
    if target is not None and _RANK[target] > _RANK[page]:
        return Failure(Reason.LOCAL_NETWORK_ACCESS, target)
    return None


def is_mixed_content(origin: str, url: Url, profile: Profile) -> bool:
    """Whether an ``https`` page asks for ``http`` from somewhere else than this machine.

    https://w3c.github.io/webappsec-mixed-content/#should-block-fetch. Loopback is potentially
    trustworthy (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy). Where
    Local Network Access is at work, it decides on addresses of the local network instead.
    """
    if url.scheme != "http" or not origin.startswith("https:"):
        return False
    space = address_space(url)
    if space == "loopback":
        return profile.loopback_is_mixed_content
    return not (space == "local" and profile.guards_local_network)


def address_space(url: Url) -> AddressSpace | None:
    """The address space that a URL's host says it is in; None for a name, which may be in any.

    https://wicg.github.io/local-network-access/#ip-address-space. ``localhost`` is loopback and
    ``.local`` local by name.
    """
    host = (url.host or "").removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    if host.endswith(".local"):
        return "local"
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    local = address.is_private or address.is_link_local or _is_carrier_grade_nat(address)
    return "local" if local else "public"


def _is_carrier_grade_nat(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.version == _CARRIER_GRADE_NAT.version and address in _CARRIER_GRADE_NAT


def page_address_space(origin: str) -> AddressSpace | None:
    """The address space that a page's origin says it came from, where it is an address."""
    url = parse(origin)
    return None if url is None else address_space(url)
