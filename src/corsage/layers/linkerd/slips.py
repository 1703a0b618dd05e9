"""What is said to Linkerd of CORS that it does not do, and preflights that it does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from corsage.browser.exchange import Response, WireRequest
from corsage.layers import rules
from corsage.layers.linkerd.authorization import GROUP, Authorizations
from corsage.layers.manifests.cluster import INJECT, Cluster
from corsage.layers.manifests.objects import Object
from corsage.layers.site import Instance, Site, Slip
from corsage.layers.yaml_document import Value

_POLICY_CONTROLLER = re.compile(
    r"(?:.*/)?policy-controller:"
    r"(?P<tag>(?P<channel>stable-|edge-|version-)?(?P<numbers>[0-9]+(?:\.[0-9]+){1,2})).*"
)


def slips(cluster: Cluster) -> Iterator[Slip]:
    """The slips of every object that is Linkerd's."""
    release = _release(cluster)
    for route in cluster.of_kind("HTTPRoute"):
        kinds = _parents(route)
        if not kinds & {"Server", "Service"}:
            yield from _refused_by_the_webhook(cluster, route, release)
            continue
        for rule in route.value.elements("spec", "rules"):
            for each in rule.elements("filters"):
                if each.string("type") == "CORS":
                    yield _cors_in_the_mesh(route, each, kinds)
                elif each.string("type") == "ResponseHeaderModifier":
                    yield from _adds_nothing(route, each, kinds)
    for server in cluster.of_kind("Server", GROUP):
        version = server.value.get("apiVersion")
        if version is not None and server.version in ("v1alpha1", "v1beta1"):
            yield Slip(
                rules.GONE,
                f"Server {server.version} is deprecated",
                server.where(version),
                "Linkerd serves v1beta3.",
                f"apiVersion: {GROUP}/v1beta3",
            )


def _parents(route: Object) -> set[str]:
    """What of the mesh a route is attached to."""
    found = set()
    for parent in route.value.elements("spec", "parentRefs"):
        group, kind = parent.string("group"), parent.string("kind")
        if (kind == "Server" and group == GROUP) or (kind == "Service" and group in ("", "core")):
            found.add(kind)
    return found


def _release(cluster: Cluster) -> re.Match[str] | None:
    """The release of the control plane, if what runs it is among the objects."""
    for of in cluster.of_kind("Deployment"):
        for container in of.value.elements("spec", "template", "spec", "containers"):
            if image := _POLICY_CONTROLLER.fullmatch(container.string("image")):
                return image
    return None


def _refused_by_the_webhook(
    cluster: Cluster, route: Object, release: re.Match[str] | None
) -> Iterator[Slip]:
    """A gateway's route, which Linkerd leaves alone, and yet reads."""
    if release is not None:
        yield from _refused_by(route, release)
        return
    namespace = cluster.find_global("Namespace", route.namespace)
    inject = namespace.value.string("metadata", "annotations", INJECT) if namespace else ""
    if route.group == GROUP or inject != "enabled":
        return
    for rule in route.value.elements("spec", "rules"):
        for each in rule.elements("filters"):
            if each.string("type") == "CORS":
                yield Slip(
                    rules.NOT_KNOWN_HERE,
                    "Linkerd 2.19 and older do not know the CORS filter, and refuse the object",
                    route.where(each),
                    "Their webhook reads every HTTPRoute, a gateway's, too.",
                    "upgrade Linkerd, or leave CORS to a policy of the gateway's own",
                )
                return


def _refused_by(route: Object, release: re.Match[str]) -> Iterator[Slip]:
    numbers = tuple(int(number) for number in release["numbers"].split("."))
    if numbers >= ((26, 4, 4) if release["channel"] == "edge-" else (2, 20)):
        return
    for rule in route.value.elements("spec", "rules"):
        for each in rule.elements("filters"):
            if each.string("type") == "CORS":
                yield Slip(
                    rules.CORS_IN_THE_MESH,
                    f"Linkerd {release['tag']} refuses the HTTPRoute because of its CORS filter",
                    route.where(each),
                    "Its webhook is asked about every HTTPRoute of the cluster, and knows the "
                    "filter since 2.20 (edge-26.4.4).",
                )


def _cors_in_the_mesh(route: Object, each: Value, kinds: set[str]) -> Slip:
    then = (
        "the Server's default route takes its requests, or none does, and authorizations of the "
        "route no longer count"
        if "Server" in kinds
        else "requests go as if the route were not there"
    )
    return Slip(
        rules.CORS_IN_THE_MESH,
        "Linkerd ignores the whole HTTPRoute because of its CORS filter",
        route.where(each),
        f"Linkerd has no CORS: {then}. The webhook of 2.19 and older refuses the object. Move the "
        "filter to a route of the gateway, or leave CORS to the service.",
    )


def _adds_nothing(route: Object, each: Value, kinds: set[str]) -> Iterator[Slip]:
    for field in ("set", "add"):
        for header in each.elements("responseHeaderModifier", field):
            name = header.string("name").lower()
            if not name.startswith("access-control-") and name != "vary":
                continue
            if "Server" in kinds:
                why = "On a route of a Server, Linkerd drops a ResponseHeaderModifier silently."
            elif route.group == GROUP:
                why = "On a policy.linkerd.io route, it would change the request instead."
            else:
                continue
            yield Slip(
                rules.MESH_ADDS_NOTHING,
                f"Linkerd does not add {header.string('name')} here",
                route.where(header),
                f"{why} Set it in the gateway, or leave CORS to the service.",
            )


def denied_preflights(
    instances: Sequence[Instance], others: Sequence[Instance], authorizations: Authorizations
) -> Iterator[Slip]:
    """Paths whose requests the mesh lets through and whose preflights it does not. Where all that
    lead there answer preflights themselves, none comes this far."""
    answered = _answered(others)
    for instance in instances:
        addresses = set(instance.reached_at)
        if addresses and all(answered.get(address) is True for address in addresses):
            continue
        for site in instance.sites:
            yield from _denied(instance, site, authorizations)


def counted_preflights(
    cluster: Cluster, servers: Mapping[tuple[str, str], Sequence[str]], others: Sequence[Instance]
) -> Iterator[Slip]:
    """Rate limits that count the preflights of browsers; ``servers`` are the addresses that lead
    to each Server."""
    answered = _answered(others)
    for limit in cluster.of_kind("HTTPLocalRateLimitPolicy", GROUP):
        target = limit.namespace, limit.value.string("spec", "targetRef", "name")
        addresses = servers.get(target, ())
        if addresses and not all(answered.get(address) is True for address in addresses):
            spec = limit.value.get("spec")
            found = [spec.get(name) for name in ("total", "identity")] if spec else []
            yield Slip(
                rules.PREFLIGHT_COUNTED,
                "Linkerd's limit counts preflights",
                limit.where(next((each for each in found if each is not None), None)),
                "A request that needs a preflight costs two, and the 429 has no CORS headers: the "
                "page sees a CORS error instead of the limit.",
            )


def _answered(others: Sequence[Instance]) -> dict[str, bool]:
    """For each address that something leads to: whether preflights are answered before it."""
    found: dict[str, bool] = {}
    for instance in others:
        for site in instance.sites:
            if site.upstream:
                own = site.grant is not None
                found[site.upstream] = found.get(site.upstream, True) and own
    return found


def _denied(instance: Instance, site: Site, authorizations: Authorizations) -> Iterator[Slip]:
    method = site.match.methods[0] if site.match.methods else "GET"
    url = f"https://mesh.example{site.example}"
    asked = ("Access-Control-Request-Method", method)
    preflight = WireRequest(
        "preflight", "OPTIONS", url, (("Origin", "https://page.example"), asked)
    )
    actual = WireRequest("actual", method, url, site.match.headers)
    through = _status(instance, actual)
    status = _status(instance, preflight)
    if status == 200 or method == "OPTIONS":
        return
    if through != 200:
        if authorizations.meshed:
            return
        message = f"the gateway is not meshed, so Linkerd answers its requests with {through}"
        instead = 'Annotate the pods of the gateway with linkerd.io/inject: "enabled".'
    else:
        message = f"Linkerd answers the preflight for {method} {site.example} with {status}"
        instead = (
            "Let the route take OPTIONS, too: a match without method does."
            if status == 404
            else "Authorize the route that takes OPTIONS as that of the request."
        )
    yield Slip(
        rules.PREFLIGHT_DENIED_BY_MESH,
        message,
        site.where,
        "A preflight is an OPTIONS request without cookies or tokens. Linkerd's own answers have "
        f"no CORS headers, so the browser reports a CORS error. {instead}",
        witness=f"OPTIONS {site.example}",
    )


def _status(instance: Instance, request: WireRequest) -> int:
    answer = instance.hop(request, lambda _request: Response(200))
    return 0 if answer is None else answer.status
