"""The options of the ``headers`` middleware as they are written in YAML."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache

from corsage.layers import rules
from corsage.layers.manifests import expressions
from corsage.layers.manifests.grants import grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import ClauseName, Grant, OriginEntry, Slip
from corsage.layers.traefik.headers import Headers
from corsage.layers.yaml_document import Value
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    exactly,
    nothing,
    regex,
)

LIST = "accessControlAllowOriginList"
REGEX = "accessControlAllowOriginListRegex"

FIELDS: Mapping[str, ClauseName] = {
    LIST: "allow_origins",
    "accessControlAllowCredentials": "allow_credentials",
    "accessControlAllowMethods": "allow_methods",
    "accessControlAllowHeaders": "allow_headers",
    "accessControlExposeHeaders": "expose_headers",
    "accessControlMaxAge": "max_age",
    "addVaryHeader": "vary",
}
_KNOWN = (*FIELDS, REGEX)


@lru_cache(4096)
def _regex(text: str) -> OriginLanguage:
    """The origins in which Go's regexp package finds a match."""
    try:
        return regex(text, "re2", "search")
    except (UnsupportedPattern, Undecided):
        return nothing()


def headers_of(value: Value) -> Headers:
    """The middleware's behaviour."""
    expressions_ = [_regex(each.text).machine for each in value.elements(REGEX)]
    return Headers(
        origins=texts(value, LIST),
        matches=lambda origin: any(origin in machine for machine in expressions_),
        regexes=bool(expressions_),
        credentials=value.string("accessControlAllowCredentials") == "true",
        methods=texts(value, "accessControlAllowMethods"),
        headers=texts(value, "accessControlAllowHeaders"),
        exposed=texts(value, "accessControlExposeHeaders"),
        max_age=_max_age(value),
        vary=value.string("addVaryHeader") == "true",
        custom={name: each.text for name, each in value.items("customResponseHeaders")},
    )


def _max_age(value: Value) -> int | None:
    text = value.string("accessControlMaxAge")
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 12 else None


def grant_of(of: Object, value: Value) -> Grant:
    """Whom the middleware lets read."""
    entries = [
        OriginEntry(
            each.text, of.where(each), anything() if each.text == "*" else exactly(each.text)
        )
        for each in value.elements(LIST)
        if not _is_glob(each.text)
    ]
    entries += [
        OriginEntry(each.text, of.where(each), _regex(each.text)) for each in value.elements(REGEX)
    ]
    credentials = value.string("accessControlAllowCredentials") == "true"
    methods = texts(value, "accessControlAllowMethods")
    headers = texts(value, "accessControlAllowHeaders")
    return grant(
        of,
        value,
        tuple(entries),
        _max_age(value),
        methods=None if credentials and "*" in methods else methods,
        headers=None if credentials and "*" in headers else headers,
        fields=FIELDS,
    )


def _is_glob(text: str) -> bool:
    return "*" in text and text != "*"


def slips(of: Object, value: Value) -> Iterator[Slip]:
    """What is written in a middleware and means something else, or nothing."""
    for each in value.elements(LIST):
        if _is_glob(each.text) and not templated(each.text):
            yield Slip(
                rules.MISREAD,
                f'"{each.text[:60]}" is compared as it stands, * and all',
                of.where(each),
                f"The list holds origins, or `*` alone. A wildcard is a regex in {REGEX}.",
                f"{REGEX}: ['^{expressions.of_glob(each.text)}$']",
            )
    for each in value.elements(REGEX):
        if not templated(each.text):
            yield from expressions.slips(of, each)
    for name in value.keys or ():
        if name == "accessControlAllowOrigin":
            yield Slip(
                rules.GONE,
                "accessControlAllowOrigin is gone since Traefik 3.0",
                of.where_key(value, name),
                "It was deprecated in 2.2; the list takes its place.",
                LIST,
            )
        elif name.lower().startswith("accesscontrol") and name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1, 0.6)
            yield Slip(
                rules.NOT_KNOWN_HERE,
                f"the headers middleware has no option {name}",
                of.where_key(value, name),
                "The API server drops fields that the schema has not, or refuses the object.",
                near[0] if near else None,
            )
