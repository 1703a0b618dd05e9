"""VirtualServices of a gateway: one instance for each host, a site for each match.

https://istio.io/latest/docs/reference/config/networking/virtual-service/. Routes are tried in
their order. Where ``corsPolicy`` says nothing of them, preflights of other origins go to the
service; logins (RequestAuthentication, AuthorizationPolicy) come before CORS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corsage.browser.exchange import Response, WireRequest
from corsage.layers import rules
from corsage.layers.hops import header, host_of, host_takes, with_path
from corsage.layers.istio.cors import read as read_cors
from corsage.layers.istio.cors import slips as cors_slips
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.envoy_route import EnvoyRoute, HeaderEdit
from corsage.layers.manifests.objects import Object
from corsage.layers.manifests.preflights import unrouted_preflights
from corsage.layers.regexes import regex_of
from corsage.layers.site import Instance, Match, Route, Site, Slip
from corsage.layers.source import Reading
from corsage.layers.urls import split_url
from corsage.layers.yaml_document import Value
from corsage.policy.paths import requested_path

GROUP = "networking.istio.io"
PRODUCT = "istio"

_MESH = "mesh"


@dataclass(frozen=True, slots=True)
class _Condition:
    """One element of ``match``: header names are in lower case, ``:method`` among them."""

    path: str
    kind: str
    ignore_case: bool
    headers: tuple[tuple[str, str, str], ...]

    def takes(self, request: WireRequest) -> bool:
        path = requested_path(split_url(request.url).path)
        if not _matches(self.kind, self.path, path, self.ignore_case):
            return False
        return all(_matches(kind, text, _header(request, n)) for n, kind, text in self.headers)


def _header(request: WireRequest, name: str) -> str:
    return request.method if name == ":method" else header(request, name)


def _matches(kind: str, wanted: str, value: str, ignore_case: bool = False) -> bool:
    if kind == "regex":
        return regex_of(wanted, ignore_case).fullmatch(value) is not None
    if ignore_case:
        wanted, value = wanted.lower(), value.lower()
    if kind == "exact":
        return value == wanted
    return value.startswith(wanted) if kind == "prefix" else value != ""


def read(cluster: Cluster) -> Reading:
    """Every VirtualService that some gateway takes."""
    led: dict[str, list[tuple[_Condition, Site]]] = {}
    owners: dict[str, Object] = {}
    found: list[Slip] = []
    for of in cluster.of_kind("VirtualService", GROUP):
        found += list(_slips(of))
        for host in of.value.elements("spec", "hosts"):
            address = _address(cluster, of, host.text)
            owners.setdefault(address, of)
            led.setdefault(address, []).extend(_sites(cluster, of, host.text))
    instances = tuple(
        Instance(
            product=PRODUCT,
            name=host,
            where=owners[host].where(),
            sites=tuple(site for _, site in pairs),
            route=_route(host, pairs),
            reached_at=("_" if host == "*" else host,),
        )
        for host, pairs in led.items()
    )
    for instance in instances:
        found += unrouted_preflights(instance)
    return Reading(instances=instances, slips=tuple(dict.fromkeys(found)))


def _address(cluster: Cluster, of: Object, host: str) -> str:
    """What a host is reached at: for the mesh, the Service of that name."""
    gateways = [each.text for each in of.value.elements("spec", "gateways")]
    inside = not gateways or gateways == [_MESH]
    return _service(cluster, of, host, None) if inside else host.lower()


def _service(cluster: Cluster, of: Object, host: str, port: Value | None) -> str:
    parts = host.split(".")
    if len(parts) > 2 and parts[2] != "svc":
        return f"http://{host}" + (f":{port.text}" if port is not None else "")
    namespace = parts[1] if len(parts) > 1 else of.namespace
    return cluster.address(namespace, parts[0], port)


def _route(host: str, led: list[tuple[_Condition, Site]]) -> Route:
    def find(request: WireRequest) -> Site | None:
        if not host.startswith("service/") and not host_takes(host, host_of(request)):
            return None
        return next((site for condition, site in led if condition.takes(request)), None)

    return find


def _sites(cluster: Cluster, of: Object, host: str) -> Iterator[tuple[_Condition, Site]]:
    for number, route in enumerate(of.value.elements("spec", "http")):
        cors = route.get("corsPolicy")
        filtered, grant = (None, None) if cors is None else read_cors(of, cors)
        destination = next(iter(route.elements("route")), None)
        upstream = ""
        if destination is not None and destination.string("destination", "host"):
            port = destination.get("destination", "port", "number")
            upstream = _service(cluster, of, destination.string("destination", "host"), port)
        for condition in _conditions(route):
            hop = EnvoyRoute(
                cors=filtered,
                edit=_edit(route, destination),
                answer=_answer(route),
                guard=_guard(cluster, of),
                rewrite=_rewrite(route, condition),
            )
            methods = [text for name, _, text in condition.headers if name == ":method"]
            kinds = {"exact": "exact", "regex": "regex"}
            match = Match(
                hosts=() if host == "*" else (host.lower(),),
                path=condition.path or "/",
                kind=kinds.get(condition.kind, "prefix"),  # type: ignore[arg-type]  # its literals
                methods=tuple(methods),
                headers=tuple((n, text) for n, _, text in condition.headers if n != ":method"),
            )
            yield (
                condition,
                Site(
                    product=PRODUCT,
                    name=f"{of.title} route {number + 1}: {host}{condition.path}",
                    where=of.where(route),
                    match=match,
                    hop=hop,
                    grant=grant,
                    upstream=upstream,
                    example=_example(condition),
                ),
            )


def _conditions(route: Value) -> Iterator[_Condition]:
    matches = route.elements("match")
    if not matches:
        yield _Condition("/", "prefix", ignore_case=False, headers=())
    for match in matches:
        uri = next(iter(match.items("uri")), None)
        kind, path = ("prefix", "/") if uri is None else (uri[0], uri[1].text)
        headers = [(name.lower(), *_text_match(value)) for name, value in match.items("headers")]
        method = match.get("method")
        if method is not None:
            headers.append((":method", *_text_match(method)))
        yield _Condition(
            path,
            kind,
            match.string("ignoreUriCase") == "true",
            tuple(each for each in headers if each[1]),
        )


def _text_match(value: Value) -> tuple[str, str]:
    """How a text is compared, and with what; "" for no comparison."""
    for kind in ("exact", "prefix", "regex"):
        found = value.get(kind)
        if found is not None and not isinstance(found.data, dict | list):
            return kind, found.text
    return "", ""


def _edit(route: Value, destination: Value | None) -> HeaderEdit:
    removed: list[str] = []
    replaced: dict[str, str] = {}
    more: list[tuple[str, str]] = []
    # Envoy applies those of the destination before those of the route.
    for holder in (destination, route):
        response = holder.get("headers", "response") if holder is not None else None
        if response is not None:
            removed += [name.text for name in response.elements("remove")]
            replaced |= {name: value.text for name, value in response.items("set")}
            more += [(name, value.text) for name, value in response.items("add")]
    return HeaderEdit(tuple(removed), replaced, tuple(more))


def _answer(route: Value) -> Callable[[WireRequest], Response] | None:
    redirect = route.get("redirect")
    if redirect is not None:
        code = redirect.string("redirectCode")
        status = int(code) if code in ("301", "302", "303", "307", "308") else 301

        def redirected(request: WireRequest) -> Response:
            url = split_url(request.url)
            new = url._replace(
                scheme=redirect.string("scheme") or url.scheme,
                netloc=redirect.string("authority") or url.netloc,
                path=redirect.string("uri") or url.path,
            )
            return Response(status, (("Location", new.geturl()),))

        return redirected
    status_text = route.string("directResponse", "status")
    if status_text.isdecimal() and len(status_text) == 3:
        return lambda _request: Response(int(status_text))
    return None


def _rewrite(route: Value, condition: _Condition) -> Callable[[WireRequest], WireRequest]:
    uri = route.string("rewrite", "uri")
    if not uri or condition.kind == "regex":
        return lambda request: request

    def rewritten(request: WireRequest) -> WireRequest:
        path = split_url(request.url).path
        rest = "" if condition.kind == "exact" else path.removeprefix(condition.path)
        return with_path(request, f"{uri}{rest}")

    return rewritten


def _guard(cluster: Cluster, of: Object) -> Response | None:
    """The answer of a gateway that asks for a token before anything else: an AuthorizationPolicy
    of its own namespace that allows requests with claims alone."""
    for gateway in of.value.elements("spec", "gateways"):
        namespace = gateway.text.rpartition("/")[0] or of.namespace
        for policy in cluster.of_kind("AuthorizationPolicy", "security.istio.io"):
            if policy.namespace != namespace or policy.value.string("spec", "action") not in (
                "",
                "ALLOW",
            ):
                continue
            allowed = policy.value.elements("spec", "rules")
            if allowed and all(_asks_for_claims(rule) for rule in allowed):
                return Response(403)
    return None


def _asks_for_claims(rule: Value) -> bool:
    sources = [
        each for each in rule.elements("from") if each.elements("source", "requestPrincipals")
    ]
    claims = [
        each
        for each in rule.elements("when")
        if each.string("key").startswith("request.auth.") and each.elements("values")
    ]
    return bool(sources) or bool(claims)


def _example(condition: _Condition) -> str:
    if condition.kind != "regex":
        return condition.path if condition.path.startswith("/") else "/"
    takes = regex_of(condition.path)
    plain = condition.path.partition("(")[0].partition(".")[0].partition("[")[0].rstrip("*+?^$\\")
    start = plain if plain.startswith("/") else "/"
    candidates = (start, f"{start}x", f"{start.rstrip('/')}/x", f"{start}1")
    return next((each for each in candidates if takes.fullmatch(each)), start)


def _slips(of: Object) -> Iterator[Slip]:
    version = of.value.get("apiVersion")
    if version is not None and of.version == "v1alpha3":
        yield Slip(
            rules.GONE,
            "VirtualService v1alpha3 is deprecated",
            of.where(version),
            "v1 is served since Istio 1.22, v1beta1 since 1.5.",
            f"apiVersion: {GROUP}/v1",
        )
    for route in of.value.elements("spec", "http"):
        cors = route.get("corsPolicy")
        if cors is not None:
            yield from cors_slips(of, cors)
            if route.get("redirect") is not None:
                yield Slip(
                    rules.INERT,
                    "corsPolicy has no effect on a redirect",
                    of.where_key(route, "corsPolicy"),
                    "Envoy's CORS filter does not see redirects, so browsers refuse them.",
                )
    if of.value.get("spec", "corsPolicy") is not None:
        yield Slip(
            rules.INERT,
            "corsPolicy stands beside the routes",
            of.where_key(of.value.get("spec"), "corsPolicy"),
            "Each element of http has its own; the API server drops this one.",
        )
