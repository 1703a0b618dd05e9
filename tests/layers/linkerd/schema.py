"""What Linkerd's CRDs (2.20) require of the objects that are written, as far as they are used."""

from __future__ import annotations

from typing import Any

_GROUP = {"const": "policy.linkerd.io"}
_NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 253}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: Any, most: int | None = None, least: int = 1) -> dict[str, Any]:
    limit = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": items, "minItems": least, **limit}


_PATH = _object(
    ["type", "value"],
    type={"enum": ["Exact", "PathPrefix", "RegularExpression"]},
    value={"type": "string", "maxLength": 1024, "pattern": "^/"},
)
_RULE = _object(["matches"], matches=_list(_object(["path"], path=_PATH), 8))
_REFERENCE = _object(["group", "kind", "name"], group=_GROUP, kind={"type": "string"}, name=_NAME)

SPECS: dict[tuple[str, str], dict[str, Any]] = {
    ("policy.linkerd.io/v1beta3", "Server"): _object(
        ["podSelector", "port"],
        podSelector=_object(["matchLabels"], matchLabels={"type": "object"}),
        port={"type": "integer", "minimum": 1, "maximum": 65535},
        proxyProtocol={"enum": ["unknown", "HTTP/1", "HTTP/2", "gRPC", "opaque", "TLS"]},
        accessPolicy={"type": "string"},
    ),
    ("policy.linkerd.io/v1beta3", "HTTPRoute"): _object(
        ["parentRefs", "rules"], parentRefs=_list(_REFERENCE, 32), rules=_list(_RULE, 16)
    ),
    ("policy.linkerd.io/v1alpha1", "AuthorizationPolicy"): _object(
        ["targetRef", "requiredAuthenticationRefs"],
        targetRef=_REFERENCE,
        requiredAuthenticationRefs=_list(_REFERENCE),
    ),
    ("policy.linkerd.io/v1alpha1", "MeshTLSAuthentication"): _object(
        ["identities"], identities=_list({"type": "string"})
    ),
    ("policy.linkerd.io/v1alpha1", "NetworkAuthentication"): _object(
        ["networks"], networks=_list(_object(["cidr"], cidr={"type": "string"}))
    ),
}
"""apiVersion and kind -> the schema of ``spec``. Unknown fields are refused here, where a cluster
would drop them in silence."""
