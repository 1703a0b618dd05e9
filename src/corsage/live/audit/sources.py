"""Targets from what people have: lists, sitemaps, OpenAPI documents, policies. Text in, targets
out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corsage.browser.url import Url, parse
from corsage.live.audit.target import Target
from corsage.policy.model import Policy
from corsage.policy.origins import OriginPattern, OriginSet

_LOCATION = re.compile(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?([^<\]]{1,8192})", re.IGNORECASE)
_INDEX = re.compile(r"<(?:\w+:)?sitemapindex[\s>]", re.IGNORECASE)
_OPENAPI = re.compile(r"""^[\s{]*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_VARIABLE = re.compile(r"\{([^{}]{1,200})\}")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_LONGEST_URL = 8192


class SourceError(Exception):
    """A source that names no targets; the message says why and what to give instead."""


def from_lines(lines: Iterable[str]) -> Iterator[str]:
    """The URLs of a list (one a line, ``#`` for comments) or of a sitemap.

    What is no URL stays as it is, to be told of as a target that cannot be asked. Raises
    :class:`SourceError` for a sitemap that names no pages.
    """
    rest = iter(lines)
    for line in rest:
        text = line.strip().removeprefix("\ufeff")
        if text.startswith("<"):
            yield from _sitemap("".join((text, *rest)))
        elif text and not text.startswith("#"):
            yield url_of(text)


def url_of(text: str) -> str:
    """A target as somebody writes it, as a URL; ``api.example.com`` means https."""
    text = text.strip()[:_LONGEST_URL]
    return text if "://" in text else f"https://{text}"


def _sitemap(text: str) -> Iterator[str]:
    if _INDEX.search(text):
        raise SourceError("a sitemap index names other sitemaps; give those instead")
    for found in _LOCATION.finditer(text):
        yield url_of(html.unescape(found[1]))


def from_openapi(
    text: str, name: str, *, server: str | None = None, every_operation: bool = False
) -> Iterator[str]:
    """The URLs of an OpenAPI (or Swagger 2) document: its servers with each path that has a GET,
    or with every path.

    ``server`` stands for the document's own servers. Parameters of a path take their example, and
    1 where they have none. Raises :class:`SourceError`.
    """
    document = _parsed(text, name)
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        raise SourceError(f"{name}: an OpenAPI document without paths")
    bases = [server] if server else list(_servers(document))
    urls = [url for base in bases if (url := parse(base)) is not None and url.is_http]
    if not urls:
        raise SourceError(
            f"{name}: the document names no absolute server; say where it runs: "
            "--server https://api.example.com"
        )
    for base in urls:
        for path, item in paths.items():
            if isinstance(path, str) and isinstance(item, Mapping):
                methods = [method for method in _METHODS if method in item]
                if "get" in methods or (every_operation and methods):
                    yield _join(base, path, item)


def is_openapi(text: str) -> bool:
    """Whether a file looks like an OpenAPI document and not like a list."""
    return bool(_OPENAPI.search(text))


def _parsed(text: str, name: str) -> Mapping[str, Any]:
    try:
        if text.lstrip().startswith("{"):
            document = json.loads(text)
        else:
            import yaml

            document = yaml.safe_load(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name}: not an OpenAPI document: {error}") from None
    except Exception as error:  # yaml's errors have no name before it is imported
        if type(error).__module__.partition(".")[0] != "yaml":
            raise
        raise SourceError(f"{name}: not an OpenAPI document: {error}") from None
    if not isinstance(document, Mapping):
        raise SourceError(f"{name}: not an OpenAPI document")
    return document


def _servers(document: Mapping[str, Any]) -> Iterator[str]:
    servers = document.get("servers")
    for server in servers if isinstance(servers, list) else ():
        if isinstance(server, Mapping) and isinstance(server.get("url"), str):
            variables = server.get("variables")
            yield _filled(server["url"], variables if isinstance(variables, Mapping) else {})
    host = document.get("host")  # Swagger 2
    if isinstance(host, str):
        schemes = document.get("schemes")
        for scheme in schemes if isinstance(schemes, list) else ["https"]:
            yield f"{scheme}://{host}{document.get('basePath') or ''}"


def _filled(text: str, variables: Mapping[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        variable = variables.get(match[1])
        return str(variable.get("default", "")) if isinstance(variable, Mapping) else ""

    return _VARIABLE.sub(value, text)


def _join(base: Url, path: str, item: Mapping[str, Any]) -> str:
    examples: dict[str, str] = {}
    operation = item.get("get")
    for holder in (item, operation if isinstance(operation, Mapping) else {}):
        parameters = holder.get("parameters")
        for parameter in parameters if isinstance(parameters, list) else ():
            if isinstance(parameter, Mapping) and parameter.get("in") == "path":
                examples[str(parameter.get("name"))] = _example(parameter)
    filled = _VARIABLE.sub(lambda match: examples.get(match[1], "1"), path)
    return f"{base.origin}{base.path.rstrip('/')}/{filled.lstrip('/')}"


def _example(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema")
    for holder in (parameter, schema if isinstance(schema, Mapping) else {}):
        for key in ("example", "default"):
            if isinstance(holder.get(key), str | int | float):
                return str(holder[key])
        values = holder.get("enum")
        if isinstance(values, list) and values:
            return str(values[0])
    return "1"


def from_policy(policy: Policy, url: str | None = None) -> Iterator[Target]:
    """Every route of a policy, where it is deployed (``url``, or the policy's public origin).

    Each comes with the origins that its policy allows: they are imitated, and are no findings.
    Raises :class:`SourceError`.
    """
    base = parse(url or policy.gateway.public_origin)
    if base is None or not base.is_http:
        raise SourceError(f"{url!r} is no http or https URL")
    for route in policy.routes:
        host = base.authority
        if route.host is not None:
            host = route.host if base.port is None else f"{route.host}:{base.port}"
        where = f"{base.scheme}://{host}{route.path}"
        rules = policy.policies[route.cors] if route.cors else None
        origins = rules.allow_origins if rules else OriginSet()
        if origins.any_origin:
            yield Target(where, public=True)
        else:
            yield Target(where, tuple(_members(origins)), origins)


def _members(origins: OriginSet) -> Iterator[str]:
    yield from (origin for origin in origins.exact if origin != "null")
    for pattern in origins.patterns:
        host = f"app.{pattern.host}" if pattern.subdomains else pattern.host
        port = None if pattern.port == OriginPattern.ANY_PORT else pattern.port
        yield str(OriginPattern(pattern.scheme, host, port=port))
