"""What Linkerd's inbound proxy does with a request, in its order: route, authorization, limit.

A Server with no route has a default one; the first that binds takes that away. A route that has a
filter which Linkerd does not know is as good as not there.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Object: TypeAlias = Mapping[str, Any]

_FILTERS = {"RequestHeaderModifier", "RequestRedirect", "ResponseHeaderModifier"}


@dataclass(frozen=True)
class Client:
    """Who connects: by mesh identity, if it is meshed, and address."""

    identity: str | None = "gateway.ingress.serviceaccount.identity.linkerd.cluster.local"
    address: str = "10.42.0.7"


UNMESHED = Client(identity=None)
KUBELET = Client(identity=None, address="192.168.1.10")
OUTSIDE = Client(identity=None, address="203.0.113.9")


@dataclass
class Mesh:
    """A server of a service and all that is said of it; ``tokens`` are left of its rate limit."""

    objects: list[Object]
    server: str
    tokens: int | None = None
    _kinds: dict[tuple[str, str], Object] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = {(each["kind"], each["metadata"]["name"]): each for each in self.objects}

    def status(
        self,
        method: str,
        path: str,
        client: Client | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int | None:
        """The status of Linkerd's own answer; None if the request reaches the service."""
        routes = [route for route in self._of_kind("HTTPRoute") if self._binds(route)]
        found = _best(routes, method, path, headers or {})
        if routes and found is None:
            return 404
        if not self._authorized(found, client or Client()):
            return 403
        if self.tokens is not None:
            self.tokens -= 1
            if self.tokens < 0:
                return 429
        return None

    def _of_kind(self, kind: str) -> Iterable[Object]:
        return (each for each in self.objects if each["kind"] == kind)

    def _binds(self, route: Object) -> bool:
        filters = [each for rule in route["spec"]["rules"] for each in rule.get("filters", ())]
        known = all(each["type"] in _FILTERS for each in filters)
        parents = route["spec"]["parentRefs"]
        return known and any(
            (parent["kind"], parent["name"]) == ("Server", self.server) for parent in parents
        )

    def _authorized(self, route: str | None, client: Client) -> bool:
        server = self._kinds["Server", self.server]["spec"]
        if server.get("accessPolicy", "deny") == "all-unauthenticated":
            return True
        targets = [("Server", self.server), ("HTTPRoute", route)]
        return any(
            (policy["spec"]["targetRef"]["kind"], policy["spec"]["targetRef"]["name"]) in targets
            and all(
                self._authenticated(reference, client)
                for reference in policy["spec"]["requiredAuthenticationRefs"]
            )
            for policy in self._of_kind("AuthorizationPolicy")
        )

    def _authenticated(self, reference: Object, client: Client) -> bool:
        known = self._kinds.get((reference["kind"], reference["name"]))
        if known is None:
            return False
        if reference["kind"] == "MeshTLSAuthentication":
            wanted = known["spec"]["identities"]
            return client.identity is not None and ("*" in wanted or client.identity in wanted)
        address = ipaddress.ip_address(client.address)
        return any(
            address in ipaddress.ip_network(network["cidr"])
            for network in known["spec"]["networks"]
        )


def _best(routes: list[Object], method: str, path: str, headers: Mapping[str, str]) -> str | None:
    """The route with the most specific match: an exact path, then the longest prefix."""
    found: list[tuple[tuple[bool, int], str]] = []
    for route in routes:
        for rule in route["spec"]["rules"]:
            for match in rule["matches"]:
                wanted = match["path"]
                value = wanted["value"]
                exact = wanted["type"] == "Exact"
                prefix = value.rstrip("/")
                takes = path == value if exact else path == prefix or path.startswith(f"{prefix}/")
                asked = match.get("method", method) == method and all(
                    headers.get(header["name"]) == header["value"]
                    for header in match.get("headers", ())
                )
                if takes and asked:
                    found.append(((exact, len(prefix)), route["metadata"]["name"]))
    return max(found)[1] if found else None
