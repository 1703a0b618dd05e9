"""What the hops of all products are made of: headers read, set and removed, hosts and paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.layers.urls import split_url


def header(request: WireRequest, name: str) -> str:
    """The value of a request's header, "" where it has none."""
    wanted = name.lower()
    return next((value for key, value in request.headers if key.lower() == wanted), "")


def is_preflight(request: WireRequest) -> bool:
    """Whether a request is what most products take for a preflight."""
    return (
        request.method == "OPTIONS"
        and header(request, "Origin") != ""
        and header(request, "Access-Control-Request-Method") != ""
    )


def host_of(request: WireRequest) -> str:
    """The host that a request is for, in lower case and without its port."""
    return (split_url(request.url).hostname or "").lower()


def signed_in(request: WireRequest) -> bool:
    """Whether a request brings something to log in with: a cookie or ``Authorization``.
    A preflight never does."""
    return request.credentials or header(request, "Authorization") != ""


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    """The response with each of ``headers`` once; what had that name is gone."""
    replaced = {name.lower() for name in headers}
    kept = [line for line in response.headers if line[0].lower() not in replaced]
    return Response(response.status, (*kept, *headers.items()))


def without(response: Response, names: Iterable[str]) -> Response:
    """The response without the headers of these names."""
    removed = {name.lower() for name in names}
    kept = tuple(line for line in response.headers if line[0].lower() not in removed)
    return Response(response.status, kept)


def added(response: Response, headers: Headers) -> Response:
    """The response with more header lines."""
    return Response(response.status, (*response.headers, *headers))


def with_path(request: WireRequest, path: str) -> WireRequest:
    """The request for another path."""
    url = split_url(request.url)
    return replace(request, url=url._replace(path=path).geturl())


def host_takes(pattern: str, host: str, labels: int | None = None) -> bool:
    """Whether ``*.example.com``, or a plain name, takes a host. A wildcard stands for one label
    or more, or for ``labels`` of them. An empty pattern takes every host."""
    pattern = pattern.lower()
    if pattern in ("", "*"):
        return True
    if not pattern.startswith("*."):
        return pattern == host
    rest = host.removesuffix(pattern[1:])
    if rest == host or not rest or rest.startswith("."):
        return False
    return labels is None or rest.count(".") < labels
