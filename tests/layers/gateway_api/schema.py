"""What the API server refuses of an HTTPRoute (Gateway API 1.5 and 1.6), as far as it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def an_object(required: list[str], **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def a_list(items: Any, most: int, least: int = 1) -> dict[str, Any]:
    """A list of some items."""
    return {"type": "array", "items": items, "maxItems": most, "minItems": least}


def _set(items: Any, most: int) -> dict[str, Any]:
    return {**a_list(items, most), "uniqueItems": True}


_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"]
_HEADER_NAME = {
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "pattern": r"^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$",
}
_ORIGIN = {
    "type": "string",
    "minLength": 1,
    "maxLength": 253,
    "pattern": (
        r"(^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)"
    ),
}
NAME = {
    "type": "string",
    "maxLength": 253,
    "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
}
_HEADER = an_object(["name", "value"], name=_HEADER_NAME, value={"type": "string", "minLength": 1})

CORS = an_object(
    [],
    allowOrigins=_set(_ORIGIN, 64),
    allowCredentials={"type": "boolean"},
    allowMethods=_set({"enum": _METHODS}, 9),
    allowHeaders=_set(_HEADER_NAME, 64),
    exposeHeaders=_set(_HEADER_NAME, 64),
    maxAge={"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
)
_EDIT = an_object(
    [],
    set=a_list(_HEADER, 16),
    add=a_list(_HEADER, 16),
    remove=_set({"type": "string"}, 16),
)
_FILTER = {
    "oneOf": [
        an_object(["type", "cors"], type={"const": "CORS"}, cors=CORS),
        an_object(
            ["type", "responseHeaderModifier"],
            type={"const": "ResponseHeaderModifier"},
            responseHeaderModifier=_EDIT,
        ),
    ]
}
_PATH = an_object(
    ["type", "value"],
    type={"enum": ["Exact", "PathPrefix"]},
    value={
        "type": "string",
        "maxLength": 1024,
        "pattern": r"^/(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})*$",
    },
)
_RULE = an_object(
    ["matches", "backendRefs"],
    matches=a_list(an_object(["path"], path=_PATH), 64),
    filters=a_list(_FILTER, 16),
    backendRefs=a_list(
        an_object(
            ["name", "port"], name=NAME, port={"type": "integer", "minimum": 1, "maximum": 65535}
        ),
        16,
    ),
    timeouts=an_object(["request"], request={"pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"}),
)
HTTP_ROUTE = an_object(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "gateway.networking.k8s.io/v1"},
    kind={"const": "HTTPRoute"},
    metadata=an_object(["name", "namespace"], name=NAME, namespace=NAME),
    spec=an_object(
        ["parentRefs", "rules"],
        parentRefs=a_list(an_object(["name"], name=NAME, namespace=NAME), 32),
        hostnames=a_list(NAME, 16),
        rules=a_list(_RULE, 16),
    ),
)
"""Unknown fields are refused here, where a cluster would drop them in silence."""


def broken_rules(route: dict[str, Any]) -> Iterator[str]:
    """What the CEL rules of the CRD say against a route that the schema takes."""
    rules = route["spec"]["rules"]
    if sum(len(rule["matches"]) for rule in rules) > 128:
        yield "more than 128 matches"
    for rule in rules:
        kinds = [each["type"] for each in rule.get("filters", ())]
        if len(kinds) > len(set(kinds)):
            yield "a filter is repeated"
        for each in rule.get("filters", ()):
            for field in ("allowOrigins", "allowMethods", "allowHeaders"):
                values = each.get("cors", {}).get(field, ())
                if "*" in values and len(values) > 1:
                    yield f"{field} has * beside others"
            edit = each.get("responseHeaderModifier", {})
            names = [
                *(header["name"].lower() for header in edit.get("set", ())),
                *(header["name"].lower() for header in edit.get("add", ())),
                *(name.lower() for name in edit.get("remove", ())),
            ]
            if len(names) > len(set(names)):
                yield "two actions for one header"
        for match in rule["matches"]:
            value = match["path"]["value"]
            if "//" in value or "/./" in value or "/../" in value or value.endswith(("/.", "/..")):
                yield f"{value} is not normalised"
