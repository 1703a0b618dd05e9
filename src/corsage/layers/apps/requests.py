"""Requests as frameworks see them, and headers as they write them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.urls import split_url


def path_of(request: WireRequest) -> str:
    """The decoded path of a request."""
    return unquote(split_url(request.url).path or "/")


def raw_path_of(request: WireRequest) -> str:
    """The path of a request as it was sent."""
    return split_url(request.url).path or "/"


def header(request: WireRequest, name: str) -> str | None:
    """The first value of a header (lower case); None if the request has none."""
    return next((value for key, value in request.headers if key.lower() == name), None)


def values(headers: Headers, name: str) -> list[str]:
    """All values of a header (lower case)."""
    return [value for key, value in headers if key.lower() == name]


def set_all(headers: Headers, new: Mapping[str, str]) -> Headers:
    """With these headers in place of those of the same names."""
    names = {name.lower() for name in new}
    return (*(line for line in headers if line[0].lower() not in names), *new.items())


def automatic_options(service: Server) -> Server:
    """Handlers in a framework that answers OPTIONS itself, where no handler takes it."""

    def answer(request: WireRequest) -> Response | None:
        response = service(request)
        if request.method == "OPTIONS" and response is not None and response.status == 405:
            return Response(200, response.headers)
        return response

    return answer


def below(path: str, prefix: str) -> bool:
    """Whether a path is a prefix, or below it, by whole segments."""
    bare = prefix.rstrip("/")
    return path == bare or path.startswith(f"{bare}/")


def written_before(before: Headers, response: Response) -> Response:
    """A response of a handler for which headers had been set: what it sets itself wins, and names
    in ``Vary`` add up."""
    own = {name.lower() for name, _ in response.headers} - {"vary"}
    kept = [line for line in before if line[0].lower() not in own]
    vary = [value for name, value in kept if name.lower() == "vary"]
    more = values(response.headers, "vary")
    if vary and more:
        kept = [line for line in kept if line[0].lower() != "vary"]
        handlers = [line for line in response.headers if line[0].lower() != "vary"]
        joined = merged_vary(", ".join(vary), ", ".join(more))
        return Response(response.status, (*kept, ("Vary", joined), *handlers))
    return Response(response.status, (*kept, *response.headers))


def merged_vary(first: str, more: str) -> str:
    """Two lists of names as one, each name once (as the `vary` package of Node.js does)."""
    if "*" in (first.strip(), more.strip()):
        return "*"
    names = [name.strip() for name in first.split(",")]
    lower = {name.lower() for name in names}
    for name in more.split(","):
        if name.strip() and name.strip().lower() not in lower:
            names.append(name.strip())
            lower.add(name.strip().lower())
    if "*" in names:
        return "*"
    return ", ".join(names)
