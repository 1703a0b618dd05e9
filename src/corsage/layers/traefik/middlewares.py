"""The middlewares of a router in Kubernetes, as hops."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.hops import signed_in, with_path
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.objects import Object
from corsage.layers.site import Grant, Slip
from corsage.layers.target import Hop
from corsage.layers.traefik.settings import grant_of, headers_of
from corsage.layers.yaml_document import Value

LOGINS = ("basicAuth", "digestAuth", "forwardAuth")
_MOST_MIDDLEWARES = 50
NOBODY = "255.255.255.255/32"
_REDIRECTS = {
    (False, True): 302,
    (False, False): 307,
    (True, True): 301,
    (True, False): 308,
}
"""Status by whether the redirect is permanent, and the request a GET."""


def references(of: Object, holder: Value) -> Iterator[tuple[str, str]]:
    """The middlewares that something names, by namespace and name."""
    for each in holder.elements("middlewares"):
        yield each.string("namespace") or of.namespace, each.string("name")


def travel(hops: tuple[Hop, ...], request: WireRequest, service: Server) -> Response | None:
    """Through hops, the outermost first, to a service that may be silent."""
    if not hops:
        return service(request) or Response(502)
    return hops[0](request, lambda onward: travel(hops[1:], onward, service))


def chain(
    cluster: Cluster, of: Object, names: list[tuple[str, str]]
) -> tuple[list[Hop], Grant | None, list[Slip]]:
    """The hops of a router's middlewares, whom they let read, and what is wrong with them."""
    hops: list[Hop] = []
    grant: Grant | None = None
    slips: list[Slip] = []
    counted: Object | None = None
    for middleware in _flattened(cluster, of, names):
        spec = middleware.value.get("spec") or middleware.value
        headers = spec.get("headers")
        if headers is not None:
            hop = headers_of(headers)
            hops.append(hop)
            if hop.has_cors:
                grant = grant or grant_of(middleware, headers)
                if counted is not None:
                    slips.append(
                        Slip(
                            rules.PREFLIGHT_COUNTED,
                            f"{counted.name} counts preflights",
                            counted.where(),
                            "It stands before the headers middleware, which answers them. Name "
                            "it after that one.",
                        )
                    )
        elif any(spec.get(name) is not None for name in LOGINS):
            hops.append(login)
        elif spec.get("redirectScheme") is not None:
            hops.append(partial(redirect, spec.get("redirectScheme") or spec))
        elif spec.get("rateLimit") is not None:
            counted = middleware
        elif NOBODY in [each.text for each in spec.elements("ipAllowList", "sourceRange")]:
            hops.append(partial(refuse, spec.string("ipAllowList", "rejectStatusCode")))
        elif (hop_of_path := path_hop(spec)) is not None:
            hops.append(hop_of_path)
    return hops, grant, slips


def _flattened(cluster: Cluster, of: Object, names: list[tuple[str, str]]) -> Iterator[Object]:
    """The middlewares in order, with those of chains in their place."""
    waiting = names[::-1]
    for _ in range(_MOST_MIDDLEWARES):
        if not waiting:
            return
        namespace, name = waiting.pop()
        middleware = cluster.find("Middleware", namespace, name.partition("@")[0], near=of)
        if middleware is None:
            continue
        chain = middleware.value.get("spec", "chain")
        if chain is None:
            yield middleware
        else:
            waiting += [*references(middleware, chain)][::-1]


def refuse(status: str, _request: WireRequest, _service: Server) -> Response:
    """What a list answers on which nobody is: a status for everybody."""
    return Response(int(status) if status.isdecimal() and len(status) == 3 else 403)


def login(request: WireRequest, service: Server) -> Response | None:
    """Asks who is not signed in to do so."""
    return service(request) if signed_in(request) else Response(401)


def redirect(options: Value, request: WireRequest, service: Server) -> Response | None:
    """``redirectScheme``."""
    scheme, _, rest = request.url.partition("://")
    wanted = options.string("scheme") or "https"
    if scheme == wanted:
        return service(request)
    status = _REDIRECTS[options.string("permanent") == "true", request.method == "GET"]
    return Response(status, (("Location", f"{wanted}://{rest}"),))


def path_hop(spec: Value) -> Hop | None:
    """What changes the path; None for anything else."""
    prefixes = [each.text for each in spec.elements("stripPrefix", "prefixes")]
    if prefixes:
        return partial(_strip, tuple(prefixes))
    if prefix := spec.string("addPrefix", "prefix"):
        return partial(_add, prefix)
    if path := spec.string("replacePath", "path"):
        return lambda request, service: service(with_path(request, path))
    return None


def _path_of(request: WireRequest) -> str:
    return "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]


def _strip(prefixes: tuple[str, ...], request: WireRequest, service: Server) -> Response | None:
    path = _path_of(request)
    for prefix in prefixes:
        if path.startswith(prefix):
            rest = path.removeprefix(prefix)
            return service(with_path(request, rest if rest.startswith("/") else f"/{rest}"))
    return service(request)


def _add(prefix: str, request: WireRequest, service: Server) -> Response | None:
    return service(with_path(request, f"{prefix.rstrip('/')}{_path_of(request)}"))
