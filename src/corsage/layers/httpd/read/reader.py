"""From files to instances: one for each virtual host, or one for what has none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from corsage.browser.exchange import WireRequest
from corsage.layers.httpd.read.run import Host
from corsage.layers.httpd.read.syntax import Directive, directives
from corsage.layers.possible import grant_of
from corsage.layers.site import Instance, Match, Site
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.where import Where

PRODUCT = "httpd"
_SIGNS = re.compile(
    r"^[ \t]*(?:<(?:VirtualHost|Location|LocationMatch|Directory|Files|FilesMatch|If|IfModule)\b"
    r"|Header[ \t]+(?:always|onsuccess|set|append|merge|add|unset|echo|setifempty)[ \t]"
    r"|SetEnvIf(?:NoCase)?[ \t]|RewriteRule[ \t]|ProxyPass[ \t])[^;{}\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_OTHER = re.compile(r"^[^#\n]*(?:\{[ \t]*|;[ \t]*)$", re.MULTILINE)
_OTHER_FILES = re.compile(
    r"\.(?:md|rst|txt|py|js|mjs|ts|go|rs|rb|php|java|sh|ya?ml|json|toml|html?|css|lua|xml|sql)$",
    re.IGNORECASE,
)
_TRANSPARENT = ("ifmodule", "ifversion")
_DEEPEST = 20


def detect(path: str, text: str) -> bool:
    """Whether a file is Apache's; lines that end in ``;`` or ``{`` are of others."""
    return (
        not _OTHER_FILES.search(path)
        and _SIGNS.search(text) is not None
        and _OTHER.search(text) is None
    )


def parse(source: Source) -> tuple[Directive, ...]:
    """The directives of a file."""
    return directives(source.path, source.text)


def link(files: Mapping[str, tuple[Directive, ...]]) -> Reading:
    """Every virtual host of every file that no other includes."""
    included = {
        path
        for one, block in files.items()
        for each in _flat(block, {}, one, 0)
        if each.name in ("include", "includeoptional")
        for path in _named(each.text(0), files, one)
    }
    instances: list[Instance] = []
    for path, block in files.items():
        if path not in included:
            instances += _instances(path, tuple(_flat(block, files, path, 0)))
    return Reading(instances=tuple(instances))


READER = Reader("httpd", detect, parse, link)


def _flat(
    block: Sequence[Directive], files: Mapping[str, tuple[Directive, ...]], path: str, depth: int
) -> Iterator[Directive]:
    """The directives with includes in their place, and modules taken to be there."""
    for each in block if depth < _DEEPEST else ():
        if each.name in _TRANSPARENT and each.section:
            if not each.text(0).startswith("!"):
                yield from _flat(each.block, files, path, depth + 1)
        elif each.section:
            inner = tuple(_flat(each.block, files, path, depth + 1))
            yield Directive(each.name, each.words, each.where, True, inner)
        elif each.name in ("include", "includeoptional") and files:
            for name in _named(each.text(0), files, path):
                yield from _flat(files[name], files, name, depth + 5)
        else:
            yield each


def _named(pattern: str, files: Mapping[str, object], path: str) -> list[str]:
    """The files that an include names: those that end as it does."""
    if not pattern:
        return []
    tail = "/".join(pattern.split("/")[-2:])
    return sorted(
        name
        for name in files
        if name != path
        and (fnmatchcase(name, f"*/{tail}") or fnmatchcase(name, tail) or name == pattern)
    )


def _instances(path: str, block: tuple[Directive, ...]) -> Iterator[Instance]:
    hosts = [each for each in block if each.name == "virtualhost"]
    base = tuple(each for each in block if each.name != "virtualhost")
    if not hosts:
        fragment = path.rpartition("/")[2].startswith(".htaccess")
        host = Host((), base, fragment)
        yield _instance(path, host, block[0] if block else None, path)
    for each in hosts:
        names = [d.text(0) for d in each.block if d.name == "servername"]
        yield _instance(path, Host(base, each.block), each, (names or each.texts() or ["*"])[0])


def _instance(path: str, host: Host, first: Directive | None, name: str) -> Instance:
    where = first.where if first is not None else Where(path)
    hosts = tuple(
        text.rpartition("://")[2].partition(":")[0].lower()
        for d in host.own
        if d.name in ("servername", "serveralias")
        for text in d.texts()
    )
    ports = [
        f":{text.rpartition(':')[2]}"
        for text in (first.texts() if first is not None and first.name == "virtualhost" else ())
        if text.rpartition(":")[2].isdecimal()
    ]
    paths: dict[str, str] = {"/": ""}
    for d in (*host.base, *host.own):
        if d.name == "proxypass" and len(d.words) > 1 and d.text(0).startswith("/"):
            paths.setdefault(d.text(0), "")
            paths[d.text(0)] = paths[d.text(0)] or d.text(1).removeprefix("!")
        elif d.name == "proxypassmatch" and d.text(0).startswith("^"):
            literal = re.sub(r"\\(.)", r"\1", d.text(0).strip("^$()"))
            if re.fullmatch(r"/[\w./-]*", literal):
                paths[literal] = paths.get(literal) or re.sub(r"\$\d", "", d.text(1))
        elif d.name == "location" and re.fullmatch(r"/[^*?\[\]]*", d.text(0)):
            inner = [one.text(0) for one in d.block if one.name == "proxypass"]
            paths[d.text(0)] = paths.get(d.text(0)) or "".join(inner[:1])
    asked = next((each for each in hosts if "*" not in each), "localhost")
    sites = tuple(
        Site(
            product=PRODUCT,
            name=f"{name}{'' if at == '/' else at}",
            where=where,
            match=Match(hosts=hosts, path=at, kind="segments"),
            hop=host.hop,
            grant=grant_of(host, f"http://{asked}{at}", where),
            upstream=upstream,
            example=at,
        )
        for at, upstream in paths.items()
    )

    def route(request: WireRequest) -> Site | None:
        at = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
        fitting = [
            site
            for site in sites
            if at == site.match.path or at.startswith(site.match.path.rstrip("/") + "/")
        ]
        return max(fitting, key=lambda site: len(site.match.path), default=None)

    return Instance(PRODUCT, name, where, sites, route, (*hosts, *ports), host.hop)
