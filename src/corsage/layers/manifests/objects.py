"""Kubernetes objects as they stand in files: found at a glance, parsed only if they matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from corsage.layers.site import Edit
from corsage.layers.source import Source, UnreadableError
from corsage.layers.where import Where
from corsage.layers.yaml_document import Value, documents

KINDS = frozenset(
    [
        # What runs
        *("Service", "Deployment", "StatefulSet", "DaemonSet", "Pod", "Namespace"),
        # Ingress controllers
        *("Ingress", "IngressClass", "HTTPProxy", "IngressRoute", "Middleware", "KongPlugin"),
        # Gateway API and what attaches to it
        *("Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute", "SecurityPolicy"),
        # Meshes
        *("VirtualService", "RequestAuthentication", "AuthorizationPolicy", "Server"),
        *("ServerAuthorization", "MeshTLSAuthentication", "NetworkAuthentication"),
        *("HTTPLocalRateLimitPolicy",),
    ]
)
"""The kinds of objects that say something about who answers a request."""

_KIND = re.compile(r"""(?<![\w"'])(["']?)kind\1[ \t]*:[ \t]*["']?([A-Za-z]+)""")
_LIST = re.compile(r"[A-Za-z]*List")
_CONFIG_MAP = re.compile(r"Access-Control-|global-allowed-response-headers|-snippet", re.IGNORECASE)
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%(?:YAML|TAG)[^\n]*", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{|\{%|<%")

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True)
class Object:
    """One object. ``text`` is its document, which starts after ``before`` lines of ``file``."""

    file: str
    before: int
    text: str
    value: Value

    @property
    def kind(self) -> str:
        """``Ingress``"""
        return self.value.string("kind")

    @property
    def group(self) -> str:
        """``networking.k8s.io``; "" for the core group."""
        group, slash, _ = self.value.string("apiVersion").partition("/")
        return group if slash else ""

    @property
    def version(self) -> str:
        """``v1beta1``"""
        return self.value.string("apiVersion").rpartition("/")[2]

    @property
    def name(self) -> str:
        """Its name; objects made by ``generateName`` have the start of one."""
        return self.value.string("metadata", "name") or self.value.string(
            "metadata", "generateName"
        )

    @property
    def namespace(self) -> str:
        """Its namespace, ``default`` where none is said."""
        return self.value.string("metadata", "namespace") or DEFAULT_NAMESPACE

    @property
    def annotations(self) -> dict[str, Value]:
        """Its annotations, in the file's order."""
        return dict(self.value.items("metadata", "annotations"))

    @property
    def title(self) -> str:
        """``Ingress shop/api``, for people."""
        return f"{self.kind} {self.namespace}/{self.name}"

    def at(self, line: int, column: int) -> Where:
        """A place of its document."""
        lines = _lines(self.text)
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        return Where(self.file, self.before + line, column, source)

    def where(self, value: Value | None = None) -> Where:
        """The place of a value of it, or its own."""
        if value is None:
            kind = self.value.get("kind") or self.value
            return self.at(kind.line, kind.column)
        return self.at(value.line, value.column)

    def where_key(self, mapping: Value | None, key: str) -> Where:
        """The place of a key of a mapping of it."""
        return self.where() if mapping is None else self.at(*mapping.key(key))

    def where_annotation(self, name: str) -> Where:
        """The place of the name of an annotation."""
        return self.where_key(self.value.get("metadata", "annotations"), name)

    def where_text(self, value: Value, text: str) -> Where:
        """The place of a part of a scalar, as far as it can be told (a folded text spans lines)."""
        lines = _lines(self.text)
        column = value.column - 1
        for number in range(value.line, min(value.line + 50, len(lines) + 1)):
            found = lines[number - 1].find(text, column)
            if found >= 0:
                return self.at(number, found + 1)
            column = 0
        return self.where(value)

    def replaced(self, value: Value, text: str) -> tuple[Edit, ...]:
        """The edit that puts ``text`` for a scalar on one line; none where that cannot be told."""
        end = self._end(value)
        if end is None:
            return ()
        line = self.before + value.line
        return (Edit(self.file, (line, value.column), (line, end), text),)

    def _end(self, value: Value) -> int | None:
        lines = _lines(self.text)
        if not 0 < value.line <= len(lines):
            return None
        rest = lines[value.line - 1][value.column - 1 :]
        for written in (value.text, f'"{value.text}"', f"'{value.text}'"):
            if value.text and rest.startswith(written):
                return value.column + len(written)
        return None


@lru_cache(64)
def _lines(text: str) -> list[str]:
    return text.splitlines()


def templated(text: str) -> bool:
    """Whether a value is still a template (Helm, Jinja): nobody knows yet what it will be."""
    return _TEMPLATE.search(text) is not None


def matters(text: str) -> bool:
    """Whether a text holds an object that says something about who answers a request."""
    found = {match[2] for match in _KIND.finditer(text)}
    if found & KINDS or any(map(_LIST.fullmatch, found)):
        return True
    return "ConfigMap" in found and _CONFIG_MAP.search(text) is not None


def objects(source: Source) -> Iterator[Object]:
    """The objects of a file that matter. Raises UnreadableError."""
    for before, text in _split(source.text):
        if not matters(text):
            continue
        try:
            values = documents(Source(source.path, _DIRECTIVE.sub("", text)))
        except UnreadableError as error:
            raise _explained(error, before, text) from error
        for value in values:
            yield from _unfolded(Object(source.path, before, text, value))


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a file, each with the number of lines before it."""
    start, before = 0, 0
    for match in _DOCUMENT.finditer(text):
        if match.start() > start:
            yield before, text[start : match.start()]
        before += text.count("\n", start, match.start())
        start = match.start()
    yield before, text[start:]


def _explained(error: UnreadableError, before: int, text: str) -> UnreadableError:
    place = error.where
    where = replace(place, line=before + place.line) if place.line else place
    message = str(error)
    if templated(text):
        message += "; it is a template: render it first (helm template, kustomize build)"
    return UnreadableError(where, message)


def _unfolded(found: Object) -> Iterator[Object]:
    """The object, or those of a List; lists in lists are nobody's."""
    if _LIST.fullmatch(found.kind) and found.value.get("items") is not None:
        members = [replace(found, value=item) for item in found.value.elements("items")]
    else:
        members = [found]
    for member in members:
        if member.kind in KINDS or member.kind == "ConfigMap":
            yield member
