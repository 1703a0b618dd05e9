"""HTTPRoutes that are attached to a Gateway: one instance for each host, a site for each match.

Where nothing says which controller a Gateway has, it is taken for one on Envoy: that is what most
of those are that enforce the CORS filter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.layers import rules
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.envoy_gateway.policies import Policies
from corsage.layers.gateway_api import cors as filter_
from corsage.layers.gateway_api.matches import Condition, conditions, example, route
from corsage.layers.hops import host_takes, with_path
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import gateway_controller
from corsage.layers.manifests.envoy_route import EnvoyRoute, HeaderEdit
from corsage.layers.manifests.objects import Object
from corsage.layers.manifests.preflights import unrouted_preflights
from corsage.layers.nginx_gateway_fabric import Location as NginxLocation
from corsage.layers.site import Grant, Instance, Site, Slip
from corsage.layers.source import Reading
from corsage.layers.target import Hop
from corsage.layers.yaml_document import Value

GROUP = "gateway.networking.k8s.io"

_DIALECTS: Mapping[str, filter_.Dialect] = {"istio": filter_.Dialect(",", null=False)}
_NOT_ENFORCED: Mapping[str, str] = {
    "traefik": "Traefik up to 3.7",
    "kong": "Kong Operator",
    "google": "GKE's controller",
    "aws": "AWS's controller",
    "contour": "Contour",
}
"""Controllers that take the filter and do nothing."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """A listener of a Gateway as far as routes are concerned; ``scheme`` "" for both."""

    gateway: str
    controller: str
    host: str
    scheme: str


def read(cluster: Cluster) -> Reading:
    """Every HTTPRoute that some Gateway takes, or may take."""
    led: dict[tuple[str, str], list[tuple[Condition, Site]]] = {}
    owners: dict[tuple[str, str], tuple[Object, str]] = {}
    found: list[Slip] = []
    policies = Policies(cluster)
    for of in cluster.of_kind("HTTPRoute", GROUP):
        found += _slips(cluster, of)
        for listener in _listeners(cluster, of):
            for host in _hosts(of, listener.host):
                key = listener.gateway, host
                owners.setdefault(key, (of, listener.controller))
                led.setdefault(key, []).extend(_sites(cluster, policies, of, listener, host))
    for of in cluster.of_kind("GRPCRoute", GROUP):
        found += _on_grpc(of)
    instances = []
    for (gateway, host), pairs in led.items():
        of, controller = owners[gateway, host]
        instances.append(
            Instance(
                product=controller or "gateway-api",
                name=f"{gateway} {host or '*'}",
                where=of.where(),
                sites=tuple(site for _, site in pairs),
                route=route(host, pairs),
                reached_at=(host or "_",),
            )
        )
    for instance in instances:
        found += unrouted_preflights(instance)
    found += policies.slips()
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(found)))


def parents(of: Object) -> Iterator[tuple[Value, str, str]]:
    """The parents of a route, each with its API group and kind."""
    for parent in of.value.elements("spec", "parentRefs"):
        group = parent.get("group")
        yield parent, GROUP if group is None else group.text, parent.string("kind") or "Gateway"


def _listeners(cluster: Cluster, of: Object) -> Iterator[_Listener]:
    for parent, group, kind in parents(of):
        if (group, kind) != (GROUP, "Gateway"):
            continue
        namespace = parent.string("namespace") or of.namespace
        name = f"{namespace}/{parent.string('name')}"
        section = parent.string("sectionName")
        gateway = cluster.find("Gateway", namespace, parent.string("name"), near=of)
        if gateway is None or gateway.group != GROUP:
            yield _Listener(name, "", "", _scheme_of_name(section))
            continue
        controller = gateway_controller(cluster, gateway.value.string("spec", "gatewayClassName"))
        listeners = gateway.value.elements("spec", "listeners")
        # Where nothing listens for https, something in front of the Gateway ends it.
        secure = any(_scheme(each) == "https" for each in listeners)
        taken: dict[str, set[str]] = {}
        for each in listeners:
            if section in ("", each.string("name")):
                schemes = taken.setdefault(each.string("hostname").lower(), set())
                schemes.add(_scheme(each) if secure else "")
        for host, schemes in (taken or {"": {""}}).items():
            yield _Listener(name, controller, host, schemes.pop() if len(schemes) == 1 else "")


def _scheme(listener: Value) -> str:
    return {"HTTPS": "https", "HTTP": "http"}.get(listener.string("protocol"), "")


def _scheme_of_name(section: str) -> str:
    return "https" if "https" in section else "http" if "http" in section else ""


def _hosts(of: Object, listener: str) -> Iterator[str]:
    named = [each.text.lower() for each in of.value.elements("spec", "hostnames")]
    if not named:
        yield listener
    for host in dict.fromkeys(named):
        if listener in ("", host) or host_takes(listener, host.removeprefix("*.")):
            yield host
        elif host.startswith("*.") and host_takes(host, listener):
            yield listener


def _sites(
    cluster: Cluster, policies: Policies, of: Object, listener: _Listener, host: str
) -> Iterator[tuple[Condition, Site]]:
    for number, rule in enumerate(of.value.elements("spec", "rules")):
        written = cors_of(rule)
        attached = policies.of(of, rule, listener.gateway)
        implicit = written is not None and listener.controller == "envoy-gateway"
        filtered: CorsFilter | None = None
        grant: Grant | None = None
        if written is not None and listener.controller not in _NOT_ENFORCED:
            dialect = _DIALECTS.get(listener.controller, filter_.Dialect())
            filtered, grant = filter_.read(of, written, dialect)
        elif written is None:
            filtered, grant = attached.cors, attached.grant
        upstream = _upstream(cluster, of, rule)
        for condition in conditions(rule, listener.scheme, implicit):
            hop: Hop = EnvoyRoute(
                cors=filtered,
                edit=header_edit(rule),
                answer=_redirect(rule),
                login=attached.login,
                rewrite=_rewrite(rule, condition),
            )
            if listener.controller == "nginx-gateway-fabric" and filtered is not None:
                hop = NginxLocation(filtered, header_edit(rule))
            match = condition.as_match(host)
            asked = f"{condition.method} " if condition.method else ""
            yield (
                condition,
                Site(
                    product=listener.controller or "gateway-api",
                    name=f"{of.title} rule {number + 1}: {asked}{host or '*'}{condition.path}",
                    where=of.where(rule),
                    match=match,
                    hop=hop,
                    grant=grant,
                    upstream=upstream,
                    example=example(condition),
                ),
            )


def cors_of(rule: Value) -> Value | None:
    """The CORS filter of a rule."""
    for each in rule.elements("filters"):
        if each.string("type") == "CORS":
            return each.get("cors")
    return None


def _upstream(cluster: Cluster, of: Object, rule: Value) -> str:
    for backend in rule.elements("backendRefs"):
        if backend.string("kind") in ("", "Service"):
            namespace = backend.string("namespace") or of.namespace
            return cluster.address(namespace, backend.string("name"), backend.get("port"))
    return ""


def header_edit(rule: Value) -> HeaderEdit:
    """What the rule's ResponseHeaderModifier does."""
    for each in rule.elements("filters"):
        edit = each.get("responseHeaderModifier")
        if edit is not None:
            return HeaderEdit(
                removed=tuple(name.text for name in edit.elements("remove")),
                replaced=dict(_pairs(edit, "set")),
                added=_pairs(edit, "add"),
            )
    return HeaderEdit()


def _pairs(edit: Value, field: str) -> Headers:
    return tuple((each.string("name"), each.string("value")) for each in edit.elements(field))


class _Redirect:
    """What a RequestRedirect answers."""

    def __init__(self, value: Value) -> None:
        code = value.string("statusCode")
        self._status = int(code) if code in ("301", "302", "303", "307", "308") else 302
        self._scheme = value.string("scheme")
        self._host = value.string("hostname")

    def __call__(self, request: WireRequest) -> Response:
        """The answer to a request."""
        scheme, _, rest = request.url.partition("://")
        host, slash, path = rest.partition("/")
        location = f"{self._scheme or scheme}://{self._host or host}{slash}{path}"
        return Response(self._status, (("Location", location),))


def _redirect(rule: Value) -> _Redirect | None:
    for each in rule.elements("filters"):
        value = each.get("requestRedirect")
        if value is not None:
            return _Redirect(value)
    return None


def _rewrite(rule: Value, condition: Condition) -> _Rewrite:
    for each in rule.elements("filters"):
        path = each.get("urlRewrite", "path")
        if path is not None:
            return _Rewrite(
                path.string("replaceFullPath"),
                path.get("replacePrefixMatch") is not None,
                path.string("replacePrefixMatch"),
                condition.path,
            )
    return _Rewrite("", False, "", "")


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """What a URLRewrite makes of a path."""

    full: str
    prefixed: bool
    prefix: str
    matched: str

    def __call__(self, request: WireRequest) -> WireRequest:
        """The request as it goes on."""
        if self.full:
            return with_path(request, self.full)
        if not self.prefixed:
            return request
        path = request.url.partition("://")[2].partition("/")[2].partition("?")[0]
        rest = f"/{path}".removeprefix(self.matched.rstrip("/"))
        return with_path(request, f"{self.prefix.rstrip('/')}{rest}" or "/")


def _slips(cluster: Cluster, of: Object) -> Iterator[Slip]:
    version = of.value.get("apiVersion")
    if version is not None and of.version in ("v1alpha2", "v1beta1"):
        gone = of.version == "v1alpha2"
        yield Slip(
            rules.GONE,
            f"HTTPRoute {of.version} is {'no longer served' if gone else 'deprecated'}",
            of.where(version),
            "The CORS filter is of v1.",
            f"apiVersion: {GROUP}/v1",
        )
    controllers = {listener.controller for listener in _listeners(cluster, of)}
    for rule in of.value.elements("spec", "rules"):
        filters = [each for each in rule.elements("filters") if each.string("type") == "CORS"]
        for each in filters[1:]:
            message = "a rule has one CORS filter at most"
            yield Slip(rules.INERT, message, of.where(each), "The API server refuses the object.")
        for each in filters[:1]:
            value = each.get("cors")
            if value is None:
                message = "the filter of type CORS has no field cors"
                why = "The API server refuses the object."
                yield Slip(rules.INERT, message, of.where(each), why)
                continue
            yield from filter_.slips(of, value)
            for controller in controllers & {*_NOT_ENFORCED}:
                yield Slip(
                    rules.INERT,
                    f"{_NOT_ENFORCED[controller]} does not enforce the CORS filter",
                    of.where(each),
                    "It does not list HTTPRouteCORS among the features that it supports; the "
                    "service has to answer.",
                )


def _on_grpc(of: Object) -> Iterator[Slip]:
    for rule in of.value.elements("spec", "rules"):
        for each in rule.elements("filters"):
            if each.string("type") == "CORS":
                yield Slip(
                    rules.INERT,
                    "a GRPCRoute has no CORS filter",
                    of.where(each),
                    "The API server refuses the object.",
                )
