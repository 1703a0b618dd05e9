"""Who stands before whom: paths from an entry to a service, found in what was read.

An instance that forwards names where to; an instance or a workload that is reached there is the
next link. A workload runs the configuration that is mounted into it and the application in the
folder that it is built from. Nothing else is concluded, but for one case that is said to be
assumed: an image and an application's folder that have the same name, and no other has.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corsage.browser.exchange import Response, WireRequest
from corsage.chain.compose import Link, silent, travel
from corsage.layers.site import Instance, Site, StatedChain, StatedHop, Workload
from corsage.layers.source import Reading

_LONGEST = 8
_MOST_PLACES = 50  # of one application
THIS_MACHINE = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104 -- read, not bound
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*|\d+(?:\.\d+){3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chain:
    """One path. ``url`` reaches it; ``links`` stand in front of ``service``, outermost first.

    ``service`` is the name of what stands at the end: an application among the links ("" then),
    or something of which nothing is known. ``site`` is the place in the first link at which the
    path begins.
    """

    url: str
    links: tuple[Link, ...]
    site: Site
    service: str = ""

    @property
    def name(self) -> str:
        """For people: the row from the entry to the service."""
        return " -> ".join([*(link.name for link in self.links), *filter(None, [self.service])])


def chains(reading: Reading) -> tuple[Chain, ...]:
    """All paths, in the order in which their first links were read."""
    return tuple(_Topology(reading).chains())


class _Topology:
    def __init__(self, reading: Reading) -> None:
        self._instances = reading.instances
        self._stated = reading.stated
        self._reached: dict[str, list[Instance]] = defaultdict(list)
        for instance in reading.instances:
            for address in instance.reached_at:
                for key in _keys(address):
                    self._reached[key].append(instance)
        self._workloads: dict[str, list[Workload]] = defaultdict(list)
        for workload in reading.workloads:
            for address in workload.reached_at:
                for key in _keys(address):
                    self._workloads[key].append(workload)
        self._folders: dict[str, list[Instance]] = defaultdict(list)
        for instance in reading.instances:
            for folder in posixpath.dirname(instance.where.file).split("/"):
                self._folders[folder].append(instance)

    def chains(self) -> Iterator[Chain]:
        entries: set[int] = set()
        for stated in self._stated:
            links = self.stated_links(stated)
            if None not in links and links:
                row = tuple(link for link in links if link is not None)
                entries.update(id(link.instance) for link in row)
                for chain in _of_stated(stated, row):
                    yield chain
                    yield from _deeper(chain)
        inner = entries | {id(one) for other in self._instances for one in self._all_behind(other)}
        for instance in self._instances:
            if id(instance) in inner:
                continue
            for site in instance.sites:
                chain = self._from(instance, site)
                yield chain
                yield from _deeper(chain)

    def stated_links(self, stated: StatedChain) -> list[Link | None]:
        """The links that a stated chain names; None for each that is not there."""
        return [self._stated_link(hop, stated) for hop in stated.hops]

    def _stated_link(self, hop: StatedHop, stated: StatedChain) -> Link | None:
        if hop.kind == "service":
            behind = self._behind(hop.text)
            return behind[-1] if behind else None
        found = [one for one in self._instances if _within(one.where.file, hop.text)]
        host = (split_address(stated.url) or ("", "", None))[1]
        named = [one for one in found if any(host in address for address in one.reached_at)]
        best = (named if host else []) or found
        return Link(best[0], "stated") if best else None

    def _all_behind(self, instance: Instance) -> Iterator[Instance]:
        for upstream in {site.upstream for site in instance.sites if site.upstream}:
            for link in self._behind(upstream):
                if link.instance is not instance:
                    yield link.instance

    def _from(self, instance: Instance, site: Site) -> Chain:
        url = url_of(instance, site)
        links = [Link(instance)]
        request = WireRequest("actual", "GET", url, ())
        upstream = site.upstream
        while upstream and len(links) < _LONGEST:
            onward = self._behind(upstream)
            taken = [
                link for link in onward if all(link.instance is not old.instance for old in links)
            ]
            if not taken:
                break
            links.extend(taken)
            sent = _sent(links[:-1], request)
            last = links[-1].instance.route(sent) if sent is not None else None
            upstream = last.upstream if last is not None else ""
        return Chain(url, tuple(links), site, upstream)

    def _behind(self, upstream: str) -> list[Link]:
        """The links at an address: a mesh's proxy first, then what it stands before."""
        keys = list(_keys(upstream))
        direct = [one for key in keys for one in self._reached.get(key, ())]
        proxies = [one for one in direct if one.product == "linkerd"]
        others = [one for one in direct if one.product != "linkerd"]
        links = [Link(one) for one in _unique(proxies)[:1]]
        if others:
            return [*links, Link(others[0])]
        for workload in (one for key in keys for one in self._workloads.get(key, ())):
            if hosted := self._hosted(workload):
                return [*links, hosted]
        return links

    def _hosted(self, workload: Workload) -> Link | None:
        for instance in self._instances if workload.mounts else ():
            if any(_within(instance.where.file, mount) for mount in workload.mounts):
                return Link(instance)
        if workload.folder:
            for instance in self._instances:
                if _within(instance.where.file, workload.folder):
                    return Link(instance)
        name = re.split(r"[:@]", workload.image.rpartition("/")[2])[0]
        named = _unique(self._folders.get(name, ())) if name else []
        if len(named) == 1:
            return Link(named[0], f"the image and the folder are both called {name}")
        return None


def unresolved(reading: Reading) -> Iterator[StatedHop]:
    """The hops of stated chains that name nothing which was read."""
    topology = _Topology(reading)
    for stated in reading.stated:
        for hop, link in zip(stated.hops, topology.stated_links(stated), strict=True):
            if link is None:
                yield hop


def _of_stated(stated: StatedChain, links: tuple[Link, ...]) -> Iterator[Chain]:
    entry = links[0].instance
    base = split_address(stated.url)
    for site in entry.sites:
        url = urlsplit(url_of(entry, site))
        if base is not None and base[1]:
            at = f":{base[2]}" if base[2] else ""
            url = url._replace(scheme=base[0] or "https", netloc=base[1] + at)
        last = links[-1].instance.route(WireRequest("actual", "GET", url.geturl(), ()))
        yield Chain(url.geturl(), links, site, last.upstream if last is not None else "")


def _deeper(chain: Chain) -> Iterator[Chain]:
    """The same path to other places of its last link: a gateway sends all of `/` to an app, and
    the app has a configuration for each of its routes."""
    entry, last = chain.links[0].instance, chain.links[-1].instance
    if entry is last:
        return
    url = urlsplit(chain.url)
    seen = {id(_arriving(chain, chain.url))}
    for site in last.sites[:_MOST_PLACES]:
        deeper = url._replace(path=site.example).geturl()
        request = WireRequest("actual", "GET", deeper, ())
        if id(site) in seen or site.grant is None or entry.route(request) is not chain.site:
            continue
        if _arriving(chain, deeper) is site:
            seen.add(id(site))
            yield replace(chain, url=deeper)


def _arriving(chain: Chain, url: str) -> Site | None:
    """The place of the last link that a request comes to."""
    sent = _sent(list(chain.links[:-1]), WireRequest("actual", "GET", url, ()))
    return chain.links[-1].instance.route(sent) if sent is not None else None


def url_of(instance: Instance, site: Site) -> str:
    """A URL that reaches a site: https unless its instance says otherwise, and a name of our own
    where it has none."""
    for address in (*site.match.hosts, *instance.reached_at):
        split = None if address.startswith("service/") else split_address(address)
        if split is None:
            continue
        scheme, host, port = split
        host = host.replace("*.", "any.")
        at = f":{port}" if port else ""
        if not host or host in THIS_MACHINE:
            return f"{scheme or 'http'}://localhost{at}{site.example}"
        if host.strip("_*"):
            return f"{scheme or 'https'}://{host}{at}{site.example}"
    return f"https://api.example{site.example}"


def split_address(address: str) -> tuple[str, str, int | None] | None:
    """Scheme ("" for none), host ("" for any) and port of an address; None for what is none."""
    try:
        split = urlsplit(address if "://" in address else f"//{address}")
        port = split.port
    except ValueError:
        return None
    return split.scheme, split.hostname or "", port


def _sent(links: list[Link], request: WireRequest) -> WireRequest | None:
    """The request as it leaves the last link."""
    seen: list[WireRequest] = []

    def service(asked: WireRequest) -> Response:
        seen.append(asked)
        return silent(asked)

    travel(links, request, service)
    return seen[-1] if seen else None


def _keys(address: str) -> Iterator[str]:
    """The names under which an address is looked up: with its port, and (as compose files seldom
    say which port a service listens on) without."""
    if address.startswith(("service/", "server/")):
        yield address
        return
    split = split_address(address)
    if split is None:
        return
    _, host, port = split
    if host in THIS_MACHINE or (not host and port is not None):
        yield f"localhost:{port or 80}"
        return
    if not _HOST.fullmatch(host):
        return
    if host.endswith((".svc", ".svc.cluster.local")):
        name, _, rest = host.partition(".")
        yield f"service/{rest.partition('.')[0]}/{name}:{port or 80}"
    if port is not None:
        yield f"{host}:{port}"
    yield host


def _within(file: str, folder: str) -> bool:
    normal = posixpath.normpath(folder)
    return file == normal or normal == "." or file.startswith(f"{normal}/")


def _unique(instances: Iterable[Instance]) -> list[Instance]:
    return list({id(one): one for one in instances}.values())
