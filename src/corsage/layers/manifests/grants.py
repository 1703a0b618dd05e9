"""The grant of an object whose CORS settings are fields of a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting, Unknown
from corsage.layers.yaml_document import Value

FIELDS: Mapping[str, ClauseName] = {
    "allowOrigins": "allow_origins",
    "allowCredentials": "allow_credentials",
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
    "maxAge": "max_age",
}
"""The names that most APIs have in common."""


def texts(value: Value, field: str) -> tuple[str, ...]:
    """The scalars of a list."""
    return tuple(each.text for each in value.elements(field))


def echoed(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """A list of names, None where it is the wildcard that the product resolves."""
    return None if names == ("*",) else names


def grant(
    of: Object,
    cors: Value,
    entries: tuple[OriginEntry, ...],
    max_age: int | None,
    *,
    methods: tuple[str, ...] | None,
    headers: tuple[str, ...] | None,
    fields: Mapping[str, ClauseName] = FIELDS,
    defaults: Mapping[ClauseName, str] | None = None,
    by_default: bool = False,
) -> Grant:
    """The grant of the mapping ``cors``. ``defaults`` are what the product takes for fields that
    are not there."""
    names = {clause: field for field, clause in fields.items()}
    return Grant(
        entries=entries,
        credentials=cors.string(names.get("allow_credentials", "")) == "true",
        methods=methods,
        headers=headers,
        exposed=texts(cors, names.get("expose_headers", "")),
        max_age=max_age,
        settings=tuple(_settings(of, cors, fields, defaults or {})),
        unknown=tuple(_unknown(of, cors, fields)),
        by_default=by_default,
    )


def _settings(
    of: Object,
    cors: Value,
    fields: Mapping[str, ClauseName],
    defaults: Mapping[ClauseName, str],
) -> Iterator[Setting]:
    for field, clause in fields.items():
        value = cors.get(field)
        if value is not None:
            shown = ", ".join(_shown(each) for each in value.elements()) or value.text
            yield Setting(clause, shown, of.where(value))
        elif clause in defaults:
            yield Setting(clause, defaults[clause], of.where(cors), default=True)


def _shown(value: Value) -> str:
    """An element as it is shown: ``https://a.example``, ``prefix: https://a``."""
    if isinstance(value.data, dict):
        return ", ".join(f"{key}: {each.text}" for key, each in value.items())
    return value.text


def _unknown(of: Object, cors: Value, fields: Mapping[str, ClauseName]) -> Iterator[Unknown]:
    for field, clause in fields.items():
        value = cors.get(field)
        parts = [] if value is None else [value, *value.elements()]
        for part in parts:
            # An unquoted template is a mapping to YAML.
            if templated(part.text):
                yield Unknown(clause, of.where(part), "it is still a template")
                break
