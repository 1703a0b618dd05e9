"""What probes vary: the requests of the exchange that is to be explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corsage.browser import Headers, Request, WireRequest, preflight_for
from corsage.browser.profiles import STANDARD
from corsage.browser.request import request_headers

SECRETS = ("authorization", "cookie")
_OF_A_BODY = ("content-type", "content-encoding", "content-language", "content-location")


@dataclass(frozen=True, slots=True)
class Subject:
    """One exchange. ``known_good`` are origins that the user knows to be allowed.

    ``cookies`` says whether the user gave a cookie to send. ``salt`` is a word that no path, query
    or origin of the server has, so that caches and routers have not met it.
    """

    request: Request
    known_good: tuple[str, ...] = ()
    cookies: bool = False
    salt: str = "corsage-probe"

    @property
    def origin(self) -> str:
        """The page's origin."""
        return self.request.origin

    @property
    def preflight(self) -> WireRequest:
        """The preflight of the request; one that asks for its method if it costs none."""
        return preflight_for(self.request) or WireRequest(
            "preflight",
            "OPTIONS",
            self.request.url.partition("#")[0],
            (
                ("Accept", "*/*"),
                ("Access-Control-Request-Method", self.request.method),
                ("Origin", self.origin),
            ),
        )

    @property
    def headers(self) -> Headers:
        """The page's own headers as far as a GET may carry them."""
        kept = request_headers(self.request, STANDARD)
        return tuple(line for line in kept if line[0].lower() not in _OF_A_BODY)

    @property
    def get(self) -> WireRequest:
        """The request as a GET, which changes nothing: with the page's origin and headers."""
        return WireRequest(
            "actual",
            "GET",
            self.request.url.partition("#")[0],
            (*self.headers, ("Origin", self.origin)),
            self.request.credentials == "include",
        )

    @property
    def anonymous_get(self) -> WireRequest:
        """A GET of the URL without origin, headers and cookies."""
        return WireRequest("actual", "GET", self.get.url, ())

    @property
    def has_secrets(self) -> bool:
        """Whether there are credentials that a preflight could be sent with for once."""
        return self.cookies or any(name.lower() in SECRETS for name, _ in self.headers)


def as_get(wire: WireRequest) -> WireRequest:
    """The same request as a GET, without what belongs to a body."""
    kept = tuple(line for line in wire.headers if line[0].lower() not in _OF_A_BODY)
    return replace(wire, method="GET", headers=kept, body=None)


def from_origin(wire: WireRequest, origin: str | None) -> WireRequest:
    """The same request from another origin; from none for None."""
    kept = tuple(line for line in wire.headers if line[0] != "Origin")
    return replace(wire, headers=kept if origin is None else (*kept, ("Origin", origin)))


def without(wire: WireRequest, name: str) -> WireRequest:
    """The same request without one header."""
    return replace(wire, headers=tuple(line for line in wire.headers if line[0] != name))


def at_path(wire: WireRequest, path: str) -> WireRequest:
    """The same request to another path of the same server."""
    return replace(wire, url=urlsplit(wire.url)._replace(path=path, query="").geturl())


def beside(wire: WireRequest, salt: str) -> WireRequest:
    """The same request with one more parameter in the query, which no cache has seen."""
    parts = urlsplit(wire.url)
    query = f"{parts.query}&{salt}=1" if parts.query else f"{salt}=1"
    return replace(wire, url=parts._replace(query=query).geturl())
