"""The annotations of ingress-nginx as Traefik's own provider takes them (3.7).

The names and defaults are the same, and the meaning is not: ``*`` with credentials, which is the
default, echoes whoever asks; what is no boolean means no; a wildcard is one label, tied to both
ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from corsage.layers.ingress_nginx import annotations as nginx
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting, Unknown
from corsage.layers.traefik.headers import Headers
from corsage.patterns import OriginLanguage, anything, exactly, labels

_WILDCARD = re.compile(r"([a-z]+://)\*(\.[A-Za-z0-9.-]+(?::[0-9]+)?)")
"""Since 3.7.15, before which such an entry never matched."""


def read(of: Object, values: Mapping[str, str]) -> tuple[Headers, Grant]:
    """The middleware that the provider makes of the annotations, and whom it lets read."""
    origins = tuple(part.strip() for part in values.get(nginx.ORIGIN, "*").split(","))
    # ingress-nginx goes on allowing them where a value is no boolean.
    credentials = nginx.boolean(values.get(nginx.CREDENTIALS, "true")) is True
    methods = _items(values.get(nginx.METHODS, nginx.DEFAULT_METHODS))
    headers = _items(values.get(nginx.HEADERS, nginx.DEFAULT_HEADERS))
    exposed = _items(values.get(nginx.EXPOSED, ""))
    age = values.get(nginx.MAX_AGE, "")
    seconds = int(age) if age.isdecimal() and len(age) < 10 else nginx.DEFAULT_MAX_AGE
    wildcards = [_WILDCARD.fullmatch(each) for each in origins]
    hop = Headers(
        origins=origins,
        matches=lambda origin: any(
            found is not None and _one_label(found).fullmatch(origin) for found in wildcards
        ),
        credentials=credentials,
        methods=methods,
        headers=headers,
        exposed=exposed,
        max_age=seconds,
    )
    annotations = of.annotations
    written = annotations.get(nginx.PREFIX + nginx.ORIGIN)
    enabled = of.where_annotation(nginx.PREFIX + nginx.ENABLE)
    entries = tuple(
        OriginEntry(
            each,
            enabled if written is None else of.where_text(written, each),
            _language(each),
        )
        for each in origins
    )
    clauses: dict[str, tuple[ClauseName, str]] = {
        nginx.ORIGIN: ("allow_origins", ", ".join(origins)),
        nginx.CREDENTIALS: ("allow_credentials", "true" if credentials else "false"),
        nginx.METHODS: ("allow_methods", ", ".join(methods)),
        nginx.HEADERS: ("allow_headers", ", ".join(headers)),
        nginx.MAX_AGE: ("max_age", str(seconds)),
    }
    settings = []
    for name, (clause, value) in clauses.items():
        said = annotations.get(nginx.PREFIX + name)
        place = enabled if said is None else of.where(said)
        settings.append(Setting(clause, value, place, default=said is None))
    unknown: tuple[Unknown, ...] = ()
    if written is not None and templated(written.text):
        unknown = (Unknown("allow_origins", of.where(written), "it is still a template"),)
    grant = Grant(
        entries=entries,
        credentials=credentials,
        methods=None if credentials and "*" in methods else methods,
        headers=None if credentials and "*" in headers else headers,
        exposed=exposed,
        max_age=seconds,
        settings=tuple(settings),
        unknown=unknown,
        by_default=written is None,
    )
    return hop, grant


def _one_label(wildcard: re.Match[str]) -> re.Pattern[str]:
    return re.compile(f"{re.escape(wildcard[1])}[A-Za-z0-9-]+{re.escape(wildcard[2])}")


def _language(entry: str) -> OriginLanguage:
    if entry == "*":
        return anything()
    wildcard = _WILDCARD.fullmatch(entry)
    if wildcard is None:
        return exactly(entry)
    return labels(wildcard[1], wildcard[2], label="[A-Za-z0-9-]+")


def _items(text: str) -> tuple[str, ...]:
    return tuple(item for part in text.split(",") if (item := part.strip()))
