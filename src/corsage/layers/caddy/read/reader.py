"""From files to instances: one for each site of a Caddyfile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corsage.browser.exchange import WireRequest
from corsage.layers import rules
from corsage.layers.caddy.read.matchers import path_fits
from corsage.layers.caddy.read.run import CaddySite, edits_of, matcher_of
from corsage.layers.caddy.read.syntax import Directive, Word, imported
from corsage.layers.caddy.read.syntax import parse as parse_text
from corsage.layers.possible import grant_of
from corsage.layers.site import Instance, Match, Site, Slip
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.where import Where

PRODUCT = "caddy"
_NAME = re.compile(r"(?:.*/)?caddyfile[^/]*|.*\.caddyfile", re.IGNORECASE)
_ORIGIN = "access-control-allow-origin"
_KNOWN = ("header", "respond", "reverse_proxy", "handle", "handle_path", "route", "redir", "import")


@dataclass(frozen=True, slots=True)
class Block:
    """A site: its addresses and directives."""

    addresses: tuple[str, ...]
    directives: tuple[Directive, ...]
    where: Where


def detect(path: str, _text: str) -> bool:
    """Whether a file is a Caddyfile."""
    return _NAME.fullmatch(path) is not None


def parse(source: Source) -> tuple[Block, ...]:
    """The sites of a file."""
    top = parse_text(source.path, source.text)
    snippets = {
        each.name[1:-1]: each
        for each in top
        if re.fullmatch(r"\([^()]+\)", each.name) and each.opened
    }
    sites = [each for each in top if each.opened and each.words and not each.name.startswith("(")]
    if any(not each.opened for each in top):
        # A file with a single site may go without braces.
        addresses, *rest = top
        if addresses.opened or addresses.name in _KNOWN:
            return ()
        block = imported(tuple(rest), snippets)
        return (Block(_addresses(addresses), block, addresses.where),)
    return tuple(
        Block(_addresses(each), imported(each.block, snippets), each.where) for each in sites
    )


def link(files: Mapping[str, tuple[Block, ...]]) -> Reading:
    """Every site of every file."""
    instances = [_instance(block) for blocks in files.values() for block in blocks]
    slips = [slip for blocks in files.values() for block in blocks for slip in _slips(block)]
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(slips)))


READER = Reader("caddy", detect, parse, link)


def _addresses(directive: Directive) -> tuple[str, ...]:
    return tuple(text for word in directive.texts() for text in word.split(",") if text)


def _instance(block: Block) -> Instance:
    site = CaddySite(block.directives)
    hosts = tuple(host for each in block.addresses if (host := _host(each)))
    scheme = "http" if any(_is_plain(each) for each in block.addresses) else "https"
    host = hosts[0].replace("*.", "any.") if hosts else "localhost"
    sites: dict[tuple[str, tuple[str, ...]], Site] = {}
    root: tuple[str, tuple[str, ...]] = ("/", ())
    own_host = host
    for way in _ways(block.directives, _Way("/", (), "", block.where), 0):
        path, where = way.path, way.where
        key = path, way.hosts
        if key in sites:
            continue
        host = way.hosts[0].replace("*.", "any.") if way.hosts else own_host
        sites[key] = Site(
            product=PRODUCT,
            name=f"{block.addresses[0] if block.addresses else ''} {path}".strip(),
            where=where,
            match=Match(hosts=way.hosts or hosts, path=path.removesuffix("*") or "/"),
            hop=site.hop,
            grant=grant_of(site, f"{scheme}://{host}{path.removesuffix('*') or '/'}", where),
            upstream=way.upstream or (sites[root].upstream if root in sites else ""),
            example=path.removesuffix("*") or "/",
        )

    def taken(request: WireRequest) -> Site | None:
        path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
        asked = request.url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
        fitting = [
            (len(each.match.path), bool(own), -number)
            for number, ((pattern, own), each) in enumerate(sites.items())
            if _below(pattern, path) and (not own or asked in own)
        ]
        return [*sites.values()][-max(fitting)[2]] if fitting else None

    ports = [f":{port}" for each in block.addresses if (port := _port(each))]
    return Instance(
        product=PRODUCT,
        name=block.addresses[0] if block.addresses else PRODUCT,
        where=block.where,
        sites=tuple(sites.values()),
        route=taken,
        reached_at=tuple(dict.fromkeys([*hosts, *([] if hosts else ports)])),
        unrouted=site.hop,
    )


def _below(pattern: str, path: str) -> bool:
    return pattern == "/" or path_fits(pattern, path)


def _host(address: str) -> str:
    host = re.sub(r"^[a-z]+://", "", address).partition("/")[0]
    return re.sub(r":\d*$", "", host).lower()


def _port(address: str) -> str:
    found = re.search(r":(\d+)(?:/|$)", address)
    return found[1] if found else ""


def _is_plain(address: str) -> bool:
    return address.startswith("http://") or (not _host(address) and _port(address) != "443")


@dataclass(frozen=True, slots=True)
class _Way:
    """A path (and hosts, if a matcher names them) that directives tell apart, and where it
    leads."""

    path: str
    hosts: tuple[str, ...]
    upstream: str
    where: Where


def _ways(directives: Sequence[Directive], within: _Way, depth: int) -> Iterator[_Way]:
    named = {each.name: each for each in directives if each.name.startswith("@")}
    yield replace(within, upstream=_upstream(directives))
    for each in directives if depth < 20 else ():
        matcher, _ = matcher_of(each)
        path = _path_of(matcher, named)
        hosts = _hosts_of(matcher, named) or within.hosts
        if each.name in ("handle", "handle_path", "route"):
            inner = _Way(path or within.path, hosts, "", each.where)
            yield from _ways(each.block, inner, depth + 1)
        elif each.name == "reverse_proxy" and path:
            yield _Way(path, hosts, _upstream([each], any_path=True), each.where)


def _hosts_of(matcher: Word | None, named: Mapping[str, Directive]) -> tuple[str, ...]:
    matches = named.get(matcher.text) if matcher is not None else None
    return tuple(
        text.lower()
        for line in (matches.block if matches is not None else ())
        if line.name == "host"
        for text in line.texts(1)
    )


def _path_of(matcher: Word | None, named: Mapping[str, Directive]) -> str:
    if matcher is None:
        return ""
    if matcher.text.startswith("/"):
        return matcher.text
    matches = named.get(matcher.text)
    if matches is None:
        return ""
    lines = matches.block if matches.opened else (Directive(matches.words[1:]),)
    for line in lines:
        if line.words and line.name == "path" and len(line.words) > 1:
            return line.words[1].text
        if line.words and line.name == "path_regexp":
            plain = re.sub(r"\(\?:/\|\$\)$", "*", line.texts()[-1].removeprefix("^"))
            plain = re.sub(r"\\(.)", r"\1", plain.removesuffix("$"))
            return plain if re.fullmatch(r"/[\w./-]*\*?", plain) else ""
    return ""


def _upstream(directives: Sequence[Directive], any_path: bool = False) -> str:
    for each in directives:
        matcher, rest = matcher_of(each)
        if each.name != "reverse_proxy" or (matcher is not None and not any_path):
            continue
        named = [word.text for word in rest]
        named += [text for row in each.block if row.name == "to" for text in row.texts(1)]
        if named:
            return named[0] if "://" in named[0] else f"http://{named[0]}"
    return ""


def _slips(block: Block) -> Iterator[Slip]:
    yield from _slips_in(block.directives, 0)


def _slips_in(directives: Sequence[Directive], depth: int) -> Iterator[Slip]:
    for each in directives if depth < 40 else ():
        if each.name in ("handle", "handle_path", "route"):
            yield from _slips_in(each.block, depth + 1)
        elif each.name == "header":
            _, rest = matcher_of(each)
            rows = [one.words for one in each.block] if each.opened else [rest]
            edits = edits_of(rows)
            for name, word in edits.set:
                text = word.text
                if name.lower() == _ORIGIN and re.search(r"[,\s]", text.strip()):
                    yield Slip(
                        rules.SEVERAL_IN_ONE,
                        f'"{text[:60]}" is no origin',
                        word.where,
                        "Browsers compare the whole value with one origin.",
                    )
                elif name.lower() == _ORIGIN and "*" in text and text != "*":
                    yield Slip(
                        rules.MISREAD,
                        f'"{text[:60]}" is sent as it stands, * and all',
                        word.where,
                        "Browsers know no wildcard in an origin.",
                    )
