"""A ``corsPolicy`` as it is written (Istio 1.31)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from corsage.layers import rules
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.istio.limits import METHODS
from corsage.layers.manifests import expressions
from corsage.layers.manifests.durations import seconds_of
from corsage.layers.manifests.grants import echoed, grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.regexes import regex_of
from corsage.layers.site import Grant, OriginEntry, Slip
from corsage.layers.yaml_document import Value
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    exactly,
    nothing,
    regex,
    starts_with,
)

_FIELDS = (
    "allowOrigins",
    "allowOrigin",
    "allowCredentials",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "maxAge",
    "unmatchedPreflights",
)


def is_glob(exact: str) -> bool:
    """Whether a text that is compared as it stands was meant as a wildcard."""
    return "*" in exact and exact != "*"


@lru_cache(4096)
def language(kind: str, text: str) -> OriginLanguage:
    """The origins that a StringMatch admits. Whatever takes the text ``*`` takes every origin,
    for Envoy asks for that first."""
    if kind == "exact":
        return anything() if text == "*" else exactly(text)
    if kind == "prefix":
        return anything() if "*".startswith(text) else starts_with(text)
    if regex_of(text).fullmatch("*"):
        return anything()
    try:
        return regex(text, "re2", "full")
    except (UnsupportedPattern, Undecided):
        return nothing()


def read(of: Object, cors: Value) -> tuple[CorsFilter, Grant]:
    """The filter's behaviour, and whom it lets read."""
    entries: list[OriginEntry] = []
    for each in cors.elements("allowOrigins"):
        for kind, value in each.items():
            if kind == "exact" and is_glob(value.text):
                continue
            shown = value.text if kind == "exact" else f"{kind}: {value.text}"
            entries.append(OriginEntry(shown, of.where(value), language(kind, value.text)))
    entries += [
        OriginEntry(each.text, of.where(each), language("exact", each.text))
        for each in cors.elements("allowOrigin")
    ]
    methods, headers = texts(cors, "allowMethods"), texts(cors, "allowHeaders")
    age = cors.get("maxAge")
    seconds = None if age is None else seconds_of(age.text)
    granted = grant(
        of, cors, tuple(entries), seconds, methods=echoed(methods), headers=echoed(headers)
    )
    matchers = [each.language.machine for each in entries]
    return (
        CorsFilter(
            admits=lambda origin: any(origin in machine for machine in matchers),
            methods=",".join(methods),
            headers=",".join(headers),
            exposed=",".join(granted.exposed),
            max_age="" if seconds is None else str(seconds),
            credentials=granted.credentials,
            forwards=cors.string("unmatchedPreflights") != "IGNORE",
        ),
        granted,
    )


def slips(of: Object, cors: Value) -> Iterator[Slip]:
    """What Istio refuses, no longer reads, or takes for something else."""
    for name in cors.keys or ():
        if name not in _FIELDS:
            near = [field for field in _FIELDS if field.lower() == name.replace("_", "").lower()]
            yield Slip(
                rules.NOT_KNOWN_HERE,
                f"corsPolicy has no field {name}",
                of.where_key(cors, name),
                "The API server drops fields that the schema has not, or refuses the object.",
                near[0] if near else None,
            )
    if cors.get("allowOrigin") is not None:
        yield Slip(
            rules.GONE,
            "allowOrigin is deprecated",
            of.where_key(cors, "allowOrigin"),
            "Releases since 1.6 read allowOrigins, and the old field only where that is not there.",
            "allowOrigins: [{exact: https://app.example.com}]",
        )
    yield from _origins(of, cors)
    for field in ("allowMethods", "allowHeaders"):
        elements = cors.elements(field)
        if len(elements) > 1 and any(each.text == "*" for each in elements):
            star = next(each for each in elements if each.text == "*")
            yield Slip(
                rules.MISREAD,
                f"* beside others in {field} is a name, not a wildcard",
                of.where(star),
                "Istio joins the list, and Envoy knows the wildcard alone.",
                f'{field}: ["*"]',
            )
    for each in cors.elements("allowMethods"):
        if each.text not in METHODS and each.text != "*" and not templated(each.text):
            yield Slip(
                rules.INERT,
                f'allowMethods does not take "{each.text[:40]}"',
                of.where(each),
                "Istio's webhook refuses the whole object: it takes the methods of RFC 9110 and "
                "PATCH, in capitals.",
                each.text.upper() if each.text.upper() in METHODS else None,
            )
    age = cors.get("maxAge")
    if age is not None and not templated(age.text) and not seconds_of(age.text):
        yield Slip(
            rules.INERT,
            f'maxAge does not take "{age.text[:20]}"',
            of.where(age),
            "Istio refuses the object: a duration has a unit, whole seconds, and more than none.",
            f"maxAge: {age.text}s" if age.text.isdecimal() and int(age.text[:9]) else None,
        )


def _origins(of: Object, cors: Value) -> Iterator[Slip]:
    for each in cors.elements("allowOrigins"):
        if isinstance(each.data, str) and not templated(each.text):
            yield Slip(
                rules.INERT,
                f'"{each.text[:60]}" is a text where Istio takes exact, prefix or regex',
                of.where(each),
                "The API server refuses the whole object.",
                f"exact: {each.text}",
            )
        expression = each.get("regex")
        if expression is not None and not templated(expression.text):
            yield from expressions.slips(of, expression)
        exact = each.get("exact")
        if exact is not None and not templated(exact.text) and is_glob(exact.text):
            yield Slip(
                rules.MISREAD,
                f'"{exact.text[:60]}" is compared as it stands, * and all',
                of.where(exact),
                "A wildcard is a regex (RE2, matched as a whole).",
                f"regex: {expressions.of_glob(exact.text)}",
            )
