"""The JSON Schema of the policy file, written from the same tables that the loader checks.

``docs/cors.schema.json`` is :func:`schema_text`; editors complete and check a policy with it::

    # yaml-language-server: $schema=docs/cors.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from corsage.policy.format import FILE
from corsage.policy.shapes import (
    NAME,
    Boolean,
    Integer,
    Key,
    Keys,
    Many,
    Names,
    Shape,
    Text,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as JSON values."""
    return {"$schema": DIALECT, "title": "Corsage policy file", **_schema(FILE)}


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Text():
            return _text(shape)
        case Integer():
            return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
        case Boolean():
            return {"type": "boolean"}
        case Many():
            return {"type": "array", "items": _schema(shape.item), "minItems": shape.at_least}
        case Names():
            return {
                "type": "object",
                "propertyNames": {"pattern": f"^{NAME}$"} if shape.named else {},
                "additionalProperties": _schema(shape.value),
                "minProperties": shape.at_least,
            }
        case Keys():
            return _keys(shape)
    return {"anyOf": [_schema(option) for option in shape.options]}


def _text(shape: Text) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": ["string", "null"] if shape.null else "string"}
    if shape.pattern is not None:
        schema["pattern"] = f"^{shape.pattern}$"
    if shape.choices:
        schema["enum"] = list(shape.choices)
    if shape.examples:
        schema["examples"] = list(shape.examples)
    return schema


def _keys(shape: Keys) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _key(key) for name, key in shape.keys.items()},
        "required": [name for name, key in shape.keys.items() if key.missing is not None],
        "additionalProperties": False,
    }
    if shape.exactly_one:
        schema["oneOf"] = [{"required": [name]} for name in shape.exactly_one]
    return schema


def _key(key: Key) -> dict[str, Any]:
    return {"description": key.description, **_schema(key.shape)}
