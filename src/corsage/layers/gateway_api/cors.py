"""The CORS filter of an HTTPRoute as it is written (Gateway API 1.5 and 1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corsage.layers import rules
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.gateway_api.limits import METHODS, MOST_ITEMS
from corsage.layers.manifests.grants import echoed, grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import Grant, OriginEntry, Slip
from corsage.layers.yaml_document import Value
from corsage.patterns import OriginLanguage, anything, exactly, regex

DEFAULT_MAX_AGE = 5
"""Seconds, the schema's default."""

_ORIGIN = re.compile(r"\*|https?://((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?")
_LONGEST_ORIGIN = 253
_REFUSED = "The API server refuses the whole object (its schema in Gateway API 1.5 and 1.6)."


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an implementation writes the filter: ``separator`` joins lists; whether ``*`` takes
    the null origin."""

    separator: str = ", "
    null: bool = True


def is_origin(entry: str) -> bool:
    """Whether the schema takes an entry; :func:`slips` tells of the others."""
    return _ORIGIN.fullmatch(entry) is not None and len(entry) <= _LONGEST_ORIGIN


@lru_cache(4096)
def language(entry: str, dialect: Dialect) -> OriginLanguage:
    """The origins of an entry: a wildcard is any text, dots and all."""
    if entry == "*":
        return anything() if dialect.null else anything() - exactly("null")
    if "*" not in entry:
        return exactly(entry)
    return regex(re.escape(entry).replace(r"\*", ".*"), "re2", "full")


def read(of: Object, cors: Value, dialect: Dialect) -> tuple[CorsFilter, Grant]:
    """The filter's behaviour, and whom it lets read."""
    entries = tuple(
        OriginEntry(each.text, of.where(each), language(each.text, dialect))
        for each in cors.elements("allowOrigins")
        if is_origin(each.text)
    )
    methods, headers = texts(cors, "allowMethods"), texts(cors, "allowHeaders")
    age = cors.string("maxAge")
    # A 0 is as good as not there to a Go program that writes it.
    seconds = int(age) if age.isdecimal() and len(age) < 10 and int(age) else DEFAULT_MAX_AGE
    found = grant(
        of,
        cors,
        entries,
        seconds,
        methods=echoed(methods),
        headers=echoed(headers),
        defaults={"max_age": str(DEFAULT_MAX_AGE)},
    )
    matchers = [each.language.machine for each in entries]
    return (
        CorsFilter(
            admits=lambda origin: any(origin in machine for machine in matchers),
            methods=dialect.separator.join(methods),
            headers=dialect.separator.join(headers),
            exposed=dialect.separator.join(found.exposed),
            max_age=str(seconds),
            credentials=found.credentials,
            forwards=False,
        ),
        found,
    )


def slips(of: Object, cors: Value) -> Iterator[Slip]:
    """What the schema refuses, or takes for something else."""
    origins = cors.elements("allowOrigins")
    for each in origins:
        if templated(each.text) or isinstance(each.data, dict | list):
            continue
        if not is_origin(each.text):
            better = _corrected(each.text)
            yield Slip(
                rules.INERT,
                f'"{each.text[:60]}" is no origin that allowOrigins takes',
                of.where(each),
                f"It takes *, and http(s)://host[:port] with one wildcard at its start. {_REFUSED}",
                better,
                edits=of.replaced(each, f'"{better}"') if better else (),
            )
    if len(origins) > 1 and any(each.text == "*" for each in origins):
        star = next(each for each in origins if each.text == "*")
        why = f"`*` stands alone. {_REFUSED}"
        yield Slip(rules.INERT, "allowOrigins has * beside others", of.where(star), why)
    for field, most in (
        ("allowOrigins", MOST_ITEMS),
        ("allowMethods", 9),
        ("allowHeaders", MOST_ITEMS),
        ("exposeHeaders", MOST_ITEMS),
    ):
        elements = cors.elements(field)
        if len(elements) > most:
            message = f"{field} has {len(elements)} elements, and takes {most}"
            yield Slip(rules.INERT, message, of.where(elements[most]), _REFUSED)
    for field in ("allowMethods", "allowHeaders"):
        elements = cors.elements(field)
        if len(elements) > 1 and any(each.text == "*" for each in elements):
            star = next(each for each in elements if each.text == "*")
            why = f"`*` stands alone. {_REFUSED}"
            yield Slip(rules.INERT, f"{field} has * beside others", of.where(star), why)
    yield from _methods(of, cors)
    yield from _max_age(of, cors)
    yield from _unknown_fields(of, cors)


def _corrected(text: str) -> str | None:
    """The origin that was meant, where that is plain."""
    better = re.sub(r"^(https?://[^/]+)/.*$", r"\1", text.strip().lower())
    return better if better != text and "*" not in better and _ORIGIN.fullmatch(better) else None


def _methods(of: Object, cors: Value) -> Iterator[Slip]:
    for each in cors.elements("allowMethods"):
        if each.text in METHODS or each.text == "*" or templated(each.text):
            continue
        upper = each.text.upper()
        yield Slip(
            rules.INERT,
            f'allowMethods does not take "{each.text[:40]}"',
            of.where(each),
            f"It takes the methods of RFC 9110 and PATCH in capitals, and *. {_REFUSED}",
            upper if upper in METHODS else None,
            edits=of.replaced(each, upper) if upper in METHODS else (),
        )


def _max_age(of: Object, cors: Value) -> Iterator[Slip]:
    age = cors.get("maxAge")
    if age is None or templated(age.text) or isinstance(age.data, dict):
        return
    if not isinstance(age.data, int) or isinstance(age.data, bool):
        why = f"maxAge is a number of seconds without quotes or unit. {_REFUSED}"
        yield Slip(rules.INERT, f'maxAge does not take "{age.text[:20]}"', of.where(age), why)
    elif age.data < 1:
        why = f"The least is 1, and 5 is sent where nothing is said. {_REFUSED}"
        yield Slip(rules.INERT, f"maxAge does not take {age.text}", of.where(age), why, "maxAge: 1")


_FIELDS = (
    "allowOrigins",
    "allowCredentials",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "maxAge",
)


def _unknown_fields(of: Object, cors: Value) -> Iterator[Slip]:
    for name in cors.keys or ():
        if name not in _FIELDS:
            near = [field for field in _FIELDS if field.lower() == name.replace("_", "").lower()]
            yield Slip(
                rules.NOT_KNOWN_HERE,
                f"the CORS filter has no field {name}",
                of.where_key(cors, name),
                "The API server drops fields that the schema has not, or refuses the object.",
                near[0] if near else None,
            )
