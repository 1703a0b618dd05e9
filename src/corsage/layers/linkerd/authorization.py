"""Who may call what, as Linkerd decides it (2.20).

Browsers do not come by themselves: their requests come from a gateway in the cluster. Whether that
is meshed is known where its objects are among those that were read; where they are not, it is
taken for meshed, with whatever identity is asked for.
"""

from __future__ import annotations

import ipaddress
import re

from corsage.layers.manifests.cluster import CONTROLLERS, Cluster
from corsage.layers.manifests.objects import Object
from corsage.layers.yaml_document import Value

GROUP = "policy.linkerd.io"

_GATEWAY_IMAGE = re.compile(
    r"(?:.*/)?(?:ingress-nginx/controller|nginx-ingress[^/]*|nginx-gateway[^/]*|traefik[^/]*|"
    r"envoy[^/]*|contour[^/]*|kong[^/]*|haproxy[^/]*|emissary[^/]*|apisix[^/]*)(?:[:@].*)?"
)
_FOR_EVERYBODY = ("all-unauthenticated", "cluster-unauthenticated", "audit")
_FOR_MESHED = ("all-authenticated", "cluster-authenticated")


class Authorizations:
    """The authorizations of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._policies: dict[str, list[Object]] = {}
        for policy in cluster.of_kind("AuthorizationPolicy", GROUP):
            self._policies.setdefault(policy.namespace, []).append(policy)
        gateways = [
            cluster.meshed(each.namespace, template)
            for kind in CONTROLLERS
            for each in cluster.of_kind(kind)
            if (template := each.value.get("spec", "template")) is not None
            and any(
                _GATEWAY_IMAGE.fullmatch(container.string("image"))
                for container in template.elements("spec", "containers")
            )
        ]
        self.meshed = any(gateways) or not gateways
        """Whether the gateway is taken for meshed."""

    def allows(self, server: Object | None, route: Object | None, default: str = "") -> bool:
        """Whether a gateway may call a route of a Server; without a Server ``default`` decides
        (the cluster's own default lets everybody in)."""
        if server is None:
            return self._open(default or "all-unauthenticated")
        if self._open(server.value.string("spec", "accessPolicy") or "deny"):
            return True
        return any(
            self._about(policy, server, route) and self._holds(policy)
            for policy in self._policies.get(server.namespace, ())
        ) or any(
            self._old_about(old, server) and self._old_holds(old)
            for old in self._cluster.of_kind("ServerAuthorization", GROUP)
        )

    def _open(self, policy: str) -> bool:
        return policy in _FOR_EVERYBODY or (policy in _FOR_MESHED and self.meshed)

    def _about(self, policy: Object, server: Object, route: Object | None) -> bool:
        kind = policy.value.string("spec", "targetRef", "kind")
        name = policy.value.string("spec", "targetRef", "name")
        if kind == "Namespace":
            return name == server.namespace
        if kind == "HTTPRoute":
            return route is not None and name == route.name
        return kind == "Server" and name == server.name

    def _holds(self, policy: Object) -> bool:
        return all(
            self._authenticated(reference, policy.namespace)
            for reference in policy.value.elements("spec", "requiredAuthenticationRefs")
        )

    def _authenticated(self, reference: Value, namespace: str) -> bool:
        kind = reference.string("kind")
        where = reference.string("namespace") or namespace
        found = self._cluster.find(kind, where, reference.string("name"))
        if kind == "ServiceAccount":
            return self.meshed
        if kind == "MeshTLSAuthentication":
            return self.meshed
        if kind == "NetworkAuthentication":
            # One that stands in another file may be about any network.
            return found is None or any(
                _in_cluster(each.string("cidr"))
                for each in found.value.elements("spec", "networks")
            )
        return False

    def _old_about(self, old: Object, server: Object) -> bool:
        if old.namespace != server.namespace:
            return False
        wanted = {
            n: v.text for n, v in old.value.items("spec", "server", "selector", "matchLabels")
        }
        labels = {n: v.text for n, v in server.value.items("metadata", "labels")}
        named = old.value.string("spec", "server", "name") == server.name
        return named or (bool(wanted) and all(labels.get(n) == text for n, text in wanted.items()))

    def _old_holds(self, old: Object) -> bool:
        client = old.value.get("spec", "client")
        if client is None:
            return False
        networks = client.elements("networks")
        inside = not networks or any(_in_cluster(each.string("cidr")) for each in networks)
        anybody = client.string("unauthenticated") == "true"
        return inside and (anybody or (client.get("meshTLS") is not None and self.meshed))


def _in_cluster(cidr: str) -> bool:
    """Whether a network may hold addresses of pods."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.is_private or network.prefixlen == 0
