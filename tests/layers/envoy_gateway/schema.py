"""What the API server refuses of a SecurityPolicy (Envoy Gateway 1.9), as far as it is used."""

from __future__ import annotations

from tests.layers.gateway_api.schema import NAME, a_list, an_object

CORS = an_object(
    [],
    allowOrigins={
        "type": "array",
        "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": 253,
            "pattern": (
                r"^(\*|[A-Za-z][A-Za-z0-9+.-]*:\/\/(\*|(\*\.)?(([a-zA-Z0-9_-]+\.?)+)?"
                r"[a-zA-Z0-9_-]+)(:[0-9]{1,5})?)$"
            ),
        },
    },
    allowCredentials={"type": "boolean"},
    allowMethods={"type": "array", "items": {"type": "string"}},
    allowHeaders={"type": "array", "items": {"type": "string"}},
    exposeHeaders={"type": "array", "items": {"type": "string"}},
    maxAge={"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"},
)
SECURITY_POLICY = an_object(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "gateway.envoyproxy.io/v1alpha1"},
    kind={"const": "SecurityPolicy"},
    metadata=an_object(["name", "namespace"], name=NAME, namespace=NAME),
    spec=an_object(
        ["targetRefs"],
        targetRefs=a_list(
            an_object(
                ["group", "kind", "name"],
                group={"const": "gateway.networking.k8s.io"},
                kind={"enum": ["Gateway", "HTTPRoute", "GRPCRoute"]},
                name=NAME,
            ),
            16,
        ),
        cors=CORS,
    ),
)
"""Unknown fields are refused here, where a cluster would drop them in silence."""
