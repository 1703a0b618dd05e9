"""OpenAPI 3 and Swagger 2: which methods and headers an API says it has.

https://spec.openapis.org/oas/v3.1.1.html. Only local references are followed; a document that
lives in several files says less, not something wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corsage.layers.site import Operation
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.urls import split_url
from corsage.layers.yaml_document import Value, documents, where

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_REFERENCES = 8
# OpenAPI 3.1.1, Parameter Object: parameters of these names are ignored, other fields say them.
_SAID_ELSEWHERE = {"accept", "content-type", "authorization"}


def _detect(_path: str, text: str) -> bool:
    head = text[:4096]
    return ("openapi" in head or "swagger" in head) and "paths" in text


def _parse(source: Source) -> Reading:
    operations: list[Operation] = []
    for document in documents(source):
        if document.get("openapi") or document.get("swagger"):
            operations.extend(_operations(source, document))
    return Reading(operations=tuple(operations))


def _operations(source: Source, document: Value) -> Iterator[Operation]:
    server, base = _server(document)
    for path, item in document.items("paths"):
        shared = _list(document, item, "parameters")
        for method in _METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            parameters = [*shared, *_list(document, operation, "parameters")]
            security = _security(document, operation)
            names = [p.string("name") for p in parameters if p.string("in") == "header"]
            yield Operation(
                method=method.upper(),
                path=base + path,
                where=where(source, *item.key(method)),
                request_headers=tuple(
                    dict.fromkeys(
                        [
                            *(name for name in names if name.lower() not in _SAID_ELSEWHERE),
                            *security.headers,
                            *(["Content-Type"] if _has_typed_body(document, operation) else []),
                        ]
                    )
                ),
                response_headers=tuple(_response_headers(document, operation)),
                credentials=security.cookies,
                server=server,
            )


def _server(document: Value) -> tuple[str, str]:
    """The first server's origin ("" for a relative one) and the path that all operations begin
    with."""
    if servers := document.elements("servers"):
        url = split_url(servers[0].string("url"))
        origin = f"{url.scheme}://{url.netloc}" if url.scheme and url.netloc else ""
        return origin, url.path.rstrip("/")
    host = document.string("host")
    return (f"https://{host}" if host else ""), document.string("basePath").rstrip("/")


class _Security:
    """What an operation's security schemes cost: headers, cookies."""

    def __init__(self) -> None:
        self.headers: list[str] = []
        self.cookies = False


def _security(document: Value, operation: Value) -> _Security:
    schemes = document.get("components", "securitySchemes") or document.get("securityDefinitions")
    required = operation.get("security") or document.get("security")
    found = _Security()
    for choice in required.elements() if required else ():
        for name in choice.keys or ():
            scheme = _resolved(document, schemes.get(name)) if schemes else None
            if scheme is None:
                continue
            kind, place = scheme.string("type"), scheme.string("in")
            if kind in ("http", "oauth2", "openIdConnect", "basic"):
                found.headers.append("Authorization")
            elif kind == "apiKey" and place == "header":
                found.headers.append(scheme.string("name"))
            elif kind == "apiKey" and place == "cookie":
                found.cookies = True
    return found


def _has_typed_body(document: Value, operation: Value) -> bool:
    body = _resolved(document, operation.get("requestBody"))
    return body is not None and any(True for _ in body.items("content"))


def _response_headers(document: Value, operation: Value) -> Iterator[str]:
    names: dict[str, str] = {}
    for _, response in operation.items("responses"):
        resolved = _resolved(document, response)
        for name, _ in resolved.items("headers") if resolved else ():
            names.setdefault(name.lower(), name)
    yield from names.values()


def _list(document: Value, value: Value, key: str) -> list[Value]:
    resolved = [_resolved(document, one) for one in value.elements(key)]
    return [one for one in resolved if one is not None]


def _resolved(document: Value, value: Value | None) -> Value | None:
    """What a ``$ref`` into the same document stands for."""
    for _ in range(_MOST_REFERENCES):
        if value is None or not (reference := value.string("$ref")):
            return value
        if not reference.startswith("#/"):
            return None
        keys = reference[2:].split("/")
        value = document.get(*(key.replace("~1", "/").replace("~0", "~") for key in keys))
    return None


def _link(parsed: Mapping[str, Reading]) -> Reading:
    return Reading(operations=tuple(o for reading in parsed.values() for o in reading.operations))


READER = Reader("openapi", _detect, _parse, _link)
