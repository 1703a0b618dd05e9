"""Requests to a policy's gateway: their addresses, and values for the headers that they carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from corsage.browser.exchange import Headers, Request
from corsage.policy.model import Expectation, Policy

# A value that makes the header unsafelisted where it can be either.
_VALUES = {"content-type": "application/json", "authorization": "Bearer token"}


def url_of(policy: Policy, host: str | None, path: str) -> str:
    """The URL of a path under the gateway's public origin, or under another host of it."""
    public = urlsplit(policy.gateway.public_origin)
    authority = public.netloc
    if host is not None:
        authority = host if public.port is None else f"{host}:{public.port}"
    return f"{public.scheme}://{authority}{path}"


def headers_of(names: Iterable[str]) -> Headers:
    """Request headers with these names, as scripts would set them."""
    return tuple((name, _VALUES.get(name.lower(), "x")) for name in names)


def requests_of(policy: Policy, expectation: Expectation) -> Iterator[Request]:
    """The requests that an expectation speaks of: one from each of its origins."""
    url = url_of(policy, expectation.host, expectation.path)
    for origin in expectation.origins:
        yield Request(
            url,
            origin,
            method=expectation.method,
            headers=headers_of(expectation.headers),
            credentials="include" if expectation.credentials else "same-origin",
        )
