"""The CORS annotations of an Ingress, as the controller's own parser takes them (v1.15.1).

It never refuses a value. An origin list that its first validator rejects becomes ``*``; entries
that only the second one rejects are dropped, and a list that loses all of them turns CORS off; a
list of methods or headers that is rejected becomes the default. Spaces are taken out before a
validator looks, and none looks at an empty value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from corsage.layers.target import Release
from corsage.layers.versions import at_least

PREFIX = "nginx.ingress.kubernetes.io/"

ENABLE = "enable-cors"
ORIGIN = "cors-allow-origin"
METHODS = "cors-allow-methods"
HEADERS = "cors-allow-headers"
CREDENTIALS = "cors-allow-credentials"
EXPOSED = "cors-expose-headers"
MAX_AGE = "cors-max-age"
ANNOTATIONS = (ENABLE, ORIGIN, METHODS, HEADERS, CREDENTIALS, EXPOSED, MAX_AGE)

DEFAULT_METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
DEFAULT_HEADERS = (
    "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,"
    "Range,Authorization"
)
DEFAULT_MAX_AGE = 1_728_000
"""Seconds (20 days)."""

VALIDATES_SINCE = "1.12"
"""The release since which ``--enable-annotation-validation`` is on unless it is turned off."""
LISTS_SINCE = "1.0.5"
"""The release since which an origin list may have several entries."""

TRUE = frozenset(["1", "t", "T", "TRUE", "true", "True"])
FALSE = frozenset(["0", "f", "F", "FALSE", "false", "False"])
"""What Go's ``strconv.ParseBool`` takes."""

Outcome = Literal["given", "missing", "blank", "rejected"]
"""What became of an annotation; all but ``given`` mean the default."""

# The controller's expressions with their repetitions told apart, so that they take the same
# texts in time that grows with the length alone.
_OUTER = re.compile(r"(?:[a-z]://|[A-Za-z0-9\-.,]|\*\.|:[0-9])*|\*", re.ASCII)
_INNER = re.compile(r"[a-z]+://(?:\*\.)?[A-Za-z0-9\-.]*(?::[0-9]+)?|\*|null")
_METHODS = re.compile(r"[A-Za-z]+(?:(?:,[\t\n\f\r ]?|[\t\n\f\r ])[A-Za-z]+)*(?:,?[\t\n\f\r ]?)")
_HEADERS = re.compile(r"[A-Za-z0-9\-_, ]*")
_NAME = r"[A-Za-z0-9\-_*]+"
_EXPOSED = re.compile(
    rf"{_NAME}(?:(?:,[\t\n\f\r ]?|[\t\n\f\r ]){_NAME})*(?:,?[\t\n\f\r ]?)",
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Cors:
    """What the controller made of the annotations. ``origins`` is ``("*",)``, or the entries
    that are left; ``dropped`` are the others. ``outcomes`` says what became of each annotation."""

    origins: tuple[str, ...]
    dropped: tuple[str, ...]
    credentials: bool
    methods: str
    headers: str
    exposed: str
    max_age: int
    outcomes: Mapping[str, Outcome]

    @property
    def any_origin(self) -> bool:
        """Whether every origin gets the literal ``*``."""
        return self.origins == ("*",)


def boolean(text: str | None) -> bool | None:
    """What ``strconv.ParseBool`` makes of a value; None for an error."""
    return True if text in TRUE else False if text in FALSE else None


def enabled(values: Mapping[str, str]) -> bool:
    """Whether the controller takes CORS for turned on; it may still be off for want of origins."""
    return values.get(ENABLE) in TRUE


def parse(values: Mapping[str, str], release: Release | None = None) -> Cors:
    """The annotations without their prefix; ``release`` is the controller's, where it is known."""
    validates = release is None or at_least(release, VALIDATES_SINCE)
    several = release is None or at_least(release, LISTS_SINCE)
    outcomes: dict[str, Outcome] = {}
    origins, dropped, outcomes[ORIGIN] = _origins(values.get(ORIGIN), validates, several)
    credentials = boolean(values.get(CREDENTIALS))
    outcomes[CREDENTIALS] = _outcome(values.get(CREDENTIALS), credentials is not None)
    methods, outcomes[METHODS] = _list(values.get(METHODS), _METHODS, DEFAULT_METHODS)
    headers, outcomes[HEADERS] = _list(values.get(HEADERS), _HEADERS, DEFAULT_HEADERS)
    exposed, outcomes[EXPOSED] = _list(values.get(EXPOSED), _EXPOSED, "")
    age = values.get(MAX_AGE)
    number = age is not None and _INTEGER.fullmatch(age) is not None
    outcomes[MAX_AGE] = _outcome(age, number)
    return Cors(
        origins=origins,
        dropped=dropped,
        credentials=credentials is not False,
        methods=methods,
        headers=headers,
        exposed=exposed,
        max_age=int(age) if age is not None and number else DEFAULT_MAX_AGE,
        outcomes=outcomes,
    )


def _outcome(text: str | None, valid: bool) -> Outcome:
    if text is None:
        return "missing"
    return "given" if valid else "rejected" if text.strip() else "blank"


def entries_of(text: str) -> list[str]:
    """The entries of an origin list as it is written."""
    return [entry for part in text.split(",") if (entry := part.strip())]


def takes(entry: str) -> bool:
    """Whether an entry stays in its list."""
    return _INNER.fullmatch(entry) is not None


def _origins(
    text: str | None, validates: bool, several: bool
) -> tuple[tuple[str, ...], tuple[str, ...], Outcome]:
    everybody = ("*",)
    if text is None:
        return everybody, (), "missing"
    if "*" in entries_of(text):
        # A list with it and others is refused, which comes to the same.
        return everybody, (), "given"
    bare = text.replace(" ", "")
    if validates and bare and not _OUTER.fullmatch(bare):
        return everybody, (), "rejected"
    if not text.strip():
        return everybody, (), "blank"
    if not several:
        alone = text.strip()
        return ((alone,), (), "given") if _INNER.fullmatch(alone) else (everybody, (), "rejected")
    entries = entries_of(text)
    kept = tuple(entry for entry in entries if takes(entry))
    return kept, tuple(entry for entry in entries if entry not in kept), "given"


def _list(text: str | None, shape: re.Pattern[str], default: str) -> tuple[str, Outcome]:
    if text is None:
        return default, "missing"
    # A string annotation loses the blanks around each of its lines.
    value = "\n".join(line.strip() for line in text.split("\n"))
    if value and shape.fullmatch(value) and shape.fullmatch(text.replace(" ", "")):
        return value, "given"
    return default, "rejected" if text.strip() else "blank"
