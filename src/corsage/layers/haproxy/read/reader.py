"""From files to instances: one for each frontend and ``listen``, a site for each backend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname

from corsage.browser.exchange import WireRequest
from corsage.layers import rules
from corsage.layers.haproxy.read.run import Frontend, Proxy
from corsage.layers.haproxy.read.samples import is_of_request
from corsage.layers.haproxy.read.syntax import Section, sections
from corsage.layers.possible import grant_of
from corsage.layers.site import Instance, Match, Site, Slip
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.where import Where

PRODUCT = "haproxy"
_SIGNS = re.compile(r"^(?:frontend|backend|listen)[ \t]+\S", re.MULTILINE)
_OTHER_FILES = re.compile(r"\.(?:md|rst|py|js|ts|go|rs|java|sh|ya?ml|json|toml|html?|lua)$")
_LISTS = re.compile(r"\.(?:map|lst|acl|origins|patterns)$")
_NO_LIST = re.compile(r"^\s*[{}\[]|;\s*$", re.MULTILINE)
_LONGEST_LIST = 5_000_000
_NAMED = re.compile(r"access-control-|vary$", re.IGNORECASE)
_EXPRESSION = re.compile(r"%\[([^\[\]]*)\]")
_OLD = (
    "rspadd",
    "rspidel",
    "rspdel",
    "rspirep",
    "rsprep",
    "reqadd",
    "reqidel",
    "reqirep",
    "reqrep",
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A configuration; or, without sections, the rows of a list or map that one may name."""

    proxies: tuple[Section, ...]
    rows: tuple[tuple[str, Where], ...] = ()


def detect(path: str, text: str) -> bool:
    """Whether a file has frontends or backends of HAProxy, or is a list or map as it has them."""
    if _LISTS.search(path):
        return len(text) < _LONGEST_LIST and _NO_LIST.search(text) is None
    return _SIGNS.search(text) is not None and _OTHER_FILES.search(path) is None


def parse(source: Source) -> Parsed:
    """The proxies of a file."""
    found = sections(source.path, source.text)
    if found:
        return Parsed(found)
    rows = tuple(
        (line.strip(), Where(source.path, number, 1, line))
        for number, line in enumerate(source.text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    return Parsed((), rows)


def link(files: Mapping[str, Parsed]) -> Reading:
    """Every frontend; the backends of all files of a folder are its."""
    instances: list[Instance] = []
    slips: list[Slip] = []
    for path, parsed in files.items():
        beside = {p: each for p, each in files.items() if dirname(p) == dirname(path)}
        backends = {
            each.name: Proxy(each)
            for other in (*beside.values(), parsed)
            for each in other.proxies
            if each.kind in ("backend", "listen")
        }
        rows = {p.rpartition("/")[2]: each.rows for p, each in beside.items() if not each.proxies}
        for each in parsed.proxies:
            slips += _slips(each)
            if each.kind in ("frontend", "listen"):
                instances.append(_instance(Frontend(Proxy(each), backends, rows)))
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(slips)))


READER = Reader("haproxy", detect, parse, link)


def _instance(frontend: Frontend) -> Instance:
    section = frontend.proxy.section
    sites: dict[tuple[object, ...], Site] = {}
    for path, hosts, backend in _ways(frontend):
        key = (path, hosts, backend)
        if key in sites:
            continue
        host = hosts[0] if hosts else "localhost"
        sites[key] = Site(
            product=PRODUCT,
            name=f"{section.name}{f' -> {backend}' if backend else ''}",
            where=section.where,
            match=Match(hosts=hosts, path=path),
            hop=frontend.hop,
            grant=grant_of(frontend, f"http://{host}{path}", section.where),
            upstream=_upstream(frontend, backend),
            example=path,
        )

    def taken(request: WireRequest) -> Site | None:
        host = request.url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
        path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
        fitting = [
            site
            for site in sites.values()
            if path.startswith(site.match.path)
            and (not site.match.hosts or host in site.match.hosts)
        ]
        return max(
            fitting, key=lambda site: (len(site.match.path), bool(site.match.hosts)), default=None
        )

    ports = [
        f":{port}"
        for line in frontend.proxy.all("bind")
        for address in line.texts(1)[:1]
        if (port := address.rpartition(":")[2]).isdecimal()
    ]
    return Instance(
        product=PRODUCT,
        name=section.name,
        where=section.where,
        sites=tuple(sites.values()),
        route=taken,
        reached_at=tuple(dict.fromkeys(ports)),
        unrouted=frontend.hop,
    )


def _ways(frontend: Frontend) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The paths and hosts that ``use_backend`` tells apart, each with its backend."""
    section = frontend.proxy.section
    acls = frontend.proxy.acls
    for words in frontend.proxy.rules("use_backend"):
        texts = [word.text for word in words]
        path = "/"
        hosts: tuple[str, ...] = ()
        named = [texts]
        for text in texts[1:]:
            named += [[word.text for word in one] for one in acls.get(text, ())]
        for one in named:
            joined = " ".join(one)
            if found := re.search(
                r"\bpath(?:_beg)?(?: -\S+(?: (?:beg|str))?)* (/[\w./-]*)", joined
            ):
                path = found[1]
            if found := re.search(r"\bhdr(?:_dom)?\(host\)(?: -\S+)* ([\w.-]+)", joined):
                hosts = (found[1].lower(),)
        if texts[0] in frontend.backends:
            yield path, hosts, texts[0]
        else:
            yield from _mapped(frontend)
    default = [words[0].text for words in frontend.proxy.rules("default_backend")]
    if default:
        yield "/", (), default[0]
    else:
        yield "/", (), section.name if section.kind == "listen" else ""


def _mapped(frontend: Frontend) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The rows of maps from paths to backends."""
    for rows in frontend.files.values():
        for row, _ in rows:
            key, _, value = row.partition(" ")
            backend = value.strip().partition(":")[0]
            if "/" in key and not key.startswith("http") and backend in frontend.backends:
                host, slash, path = key.partition("/")
                path = f"{slash}{path}".rstrip("/") or "/"
                yield path, (host,) if host else (), backend


def _upstream(frontend: Frontend, name: str) -> str:
    backend = frontend.backends.get(name)
    for line in [] if backend is None else backend.all("server"):
        if len(line.words) > 2:
            secure = "ssl" in line.texts(3)
            return f"{'https' if secure else 'http'}://{line.words[2].text}"
    return ""


def _slips(section: Section) -> Iterator[Slip]:
    after = any(
        line.name == "http-after-response" and _NAMED.match(" ".join(line.texts(2)[:1]))
        for line in section.lines
    )
    for line in section.lines:
        texts = line.texts()
        if line.name in _OLD and _NAMED.search(" ".join(texts[1:])):
            yield Slip(
                rules.GONE,
                f"HAProxy has no {line.name} any more",
                line.where,
                "It was removed in 2.1; HAProxy does not start with it.",
                "http-after-response set-header",
            )
        if line.name not in ("http-response", "http-after-response") or len(texts) < 3:
            continue
        for word in line.words[1:]:
            formats = _EXPRESSION.findall(word.text)
            given = formats or [word.text]
            happens = "it does not start with this" if formats else "the condition never holds"
            for expression in given:
                if "(" in expression and is_of_request(expression):
                    yield Slip(
                        rules.INERT,
                        f"{expression[:60]} finds nothing here: the request is gone",
                        word.where,
                        f"When the answer comes, HAProxy no longer has the request: {happens}. "
                        "Keep what is needed in a variable.",
                        "http-request set-var(txn.origin) req.hdr(origin)",
                    )
        origin = texts[2].lower() == "access-control-allow-origin"
        if line.name == "http-response" and texts[1] != "del-header" and origin and not after:
            yield Slip(
                rules.NOT_ON_ERRORS,
                "HAProxy's own answers go without the header",
                line.where,
                "http-response sees the server's answers only, and no 401, 403, 502 or 503 of "
                "HAProxy's own.",
                "http-after-response " + " ".join(texts[1:]),
            )
