"""Which controller answers for an Ingress, or for a Gateway."""

from __future__ import annotations

from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.objects import Object

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"

_BY_CONTROLLER = {
    "k8s.io/ingress-nginx": "ingress-nginx",
    "nginx.org/ingress-controller": "f5-nginx",
    "traefik.io/ingress-controller": "traefik",
    "haproxy-ingress.github.io/controller": "haproxy-ingress",
    "haproxy.org/ingress-controller": "haproxytech",
    "ingress-controllers.konghq.com/kong": "kong",
}
"""``spec.controller`` of an IngressClass."""

_BY_CLASS = {
    "nginx": "ingress-nginx",
    "traefik": "traefik",
    "kong": "kong",
    "apisix": "apisix",
    "contour": "contour",
    "istio": "istio",
    "alb": "aws",
    "gce": "google",
    "azure": "azure",
    "cilium": "cilium",
}
"""What a class is called where its object is elsewhere; ``nginx-internal`` is one of nginx."""

_BY_ANNOTATION = {
    "nginx.ingress.kubernetes.io/": "ingress-nginx",
    "nginx.org/": "f5-nginx",
    "haproxy-ingress.github.io/": "haproxy-ingress",
    "haproxy.org/": "haproxytech",
    "konghq.com/": "kong",
    "traefik.ingress.kubernetes.io/": "traefik",
    "alb.ingress.kubernetes.io/": "aws",
}

_BY_GATEWAY_CONTROLLER = {
    "gateway.envoyproxy.io": "envoy-gateway",
    "istio.io": "istio",
    "gateway.nginx.org": "nginx-gateway-fabric",
    "traefik.io": "traefik",
    "io.cilium": "cilium",
    "kgateway.dev": "kgateway",
    "projectcontour.io": "contour",
    "konghq.com": "kong",
    "networking.gke.io": "google",
    "gateway.k8s.aws": "aws",
}
"""The host of ``spec.controllerName`` of a GatewayClass."""

_BY_GATEWAY_CLASS = {
    "envoy-gateway": "envoy-gateway",
    "eg": "envoy-gateway",
    "envoy": "envoy-gateway",
    "istio": "istio",
    "istio-waypoint": "istio",
    "nginx": "nginx-gateway-fabric",
    "traefik": "traefik",
    "cilium": "cilium",
    "kgateway": "kgateway",
    "contour": "contour",
    "kong": "kong",
}


def class_of(ingress: Object) -> str:
    """The class of an Ingress, "" where it names none."""
    named = ingress.value.string("spec", "ingressClassName")
    return named or ingress.value.string("metadata", "annotations", _CLASS_ANNOTATION)


def controller_of(cluster: Cluster, ingress: Object) -> str:
    """The controller of an Ingress, "" where nothing says which."""
    named = class_of(ingress)
    ingress_class = cluster.find_global("IngressClass", named) if named else None
    if ingress_class is not None:
        return _BY_CONTROLLER.get(ingress_class.value.string("spec", "controller"), "")
    prefixes = list(ingress.annotations)
    annotated = [
        controller
        for prefix, controller in _BY_ANNOTATION.items()
        if any(name.startswith(prefix) for name in prefixes)
    ]
    if named:
        by_name = _by_name(named)
        # Two controllers each answer to the names nginx and haproxy.
        others = {"ingress-nginx": "f5-nginx", "haproxy-ingress": "haproxytech"}
        if annotated and annotated == [others.get(by_name)]:
            return annotated[0]
        return by_name or ("" if len(annotated) != 1 else annotated[0])
    return annotated[0] if len(annotated) == 1 else ""


def _by_name(named: str) -> str:
    if "haproxy" in named:
        return "haproxytech" if named.startswith("haproxytech") else "haproxy-ingress"
    for name, controller in _BY_CLASS.items():
        if named == name or name in named.split("-"):
            return controller
    return ""


def ingresses_of(cluster: Cluster, controller: str) -> list[Object]:
    """The Ingresses of a controller."""
    return [
        each for each in cluster.of_kind("Ingress") if controller_of(cluster, each) == controller
    ]


def gateway_controller(cluster: Cluster, class_name: str) -> str:
    """The controller of a class of Gateways, "" where nothing says which."""
    gateway_class = cluster.find_global("GatewayClass", class_name)
    if gateway_class is not None:
        host = gateway_class.value.string("spec", "controllerName").partition("/")[0]
        return _BY_GATEWAY_CONTROLLER.get(host, "")
    return _BY_GATEWAY_CLASS.get(class_name, "")
