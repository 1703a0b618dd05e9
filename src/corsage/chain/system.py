"""Everything that was read, as one thing that answers requests."""

from __future__ import annotations

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.chain.compose import Journey, silent, travel
from corsage.chain.topology import THIS_MACHINE, Chain, chains, split_address
from corsage.layers.site import Instance
from corsage.layers.source import Reading
from corsage.layers.urls import split_url


class System:
    """The paths of a reading. ``chains`` has them all; an entry is what browsers reach first."""

    def __init__(self, reading: Reading, found: tuple[Chain, ...] | None = None) -> None:
        self.chains = chains(reading) if found is None else found
        self._entries: dict[int, Instance] = {}
        self._by_host: dict[str, Instance | None] = {}
        self._by_site: dict[tuple[int, int], Chain] = {}
        for chain in self.chains:
            entry = chain.links[0].instance
            self._entries.setdefault(id(entry), entry)
            self._by_site.setdefault((id(entry), id(chain.site)), chain)

    def entry(self, url: str) -> Instance | None:
        """The instance that a browser reaches under a URL: the one that has its host, or else
        the only one that there is."""
        host = split_url(url).hostname or ""
        if host not in self._by_host:
            self._by_host[host] = self._find_entry(host)
        return self._by_host[host]

    def _find_entry(self, host: str) -> Instance | None:
        for chain in self.chains:
            if chain.links[0].assumed and split_url(chain.url).hostname == host:
                return chain.links[0].instance  # stated for this host
        entries = list(self._entries.values())
        best = max(entries, key=lambda one: _fit(one, host), default=None)
        if best is not None and _fit(best, host):
            return best
        return entries[0] if len(entries) == 1 else None

    def names(self, url: str) -> bool:
        """Whether a URL may be meant for what was read: its host is named there, or nothing that
        was read has a name."""
        host = split_url(url).hostname or ""
        entries = list(self._entries.values())
        if any(_fit(entry, host) for entry in entries):
            return True
        return (
            host in THIS_MACHINE
            or any(
                chain.links[0].assumed and split_url(chain.url).hostname == host
                for chain in self.chains
            )
            or any(not _has_a_name(entry) for entry in entries)
        )

    def chain(self, request: WireRequest) -> Chain | None:
        """The path that a request takes; None where its host is nobody's or no site takes it."""
        entry = self.entry(request.url)
        site = entry.route(request) if entry is not None else None
        return None if site is None else self._by_site.get((id(entry), id(site)))

    def travel(self, request: WireRequest, service: Server = silent) -> Journey | None:
        """The journey of a request; None where nobody has its host."""
        entry = self.entry(request.url)
        if entry is None:
            return None
        chain = self.chain(request)
        if chain is None:
            return Journey((), entry.hop(request, service), False)
        return travel(chain.links, request, service)

    def __call__(self, request: WireRequest) -> Response | None:
        """The system as a server in front of services that know nothing of CORS."""
        journey = self.travel(request)
        return journey.answer if journey is not None else None


def _has_a_name(instance: Instance) -> bool:
    names = [*instance.reached_at, *(h for site in instance.sites for h in site.match.hosts)]
    hosts = [split[1] for name in names if (split := split_address(name)) is not None]
    return any("." in host.strip("*.") for host in hosts)


def _fit(instance: Instance, host: str) -> int:
    """How well an instance's names fit a host: 0 not at all, an exact name more than a wildcard."""
    best = 0
    names = [*instance.reached_at, *(h for site in instance.sites for h in site.match.hosts)]
    for address in names:
        split = split_address(address)
        name = split[1] if split is not None else ""
        if name == host:
            return len(host) + 1
        if name.startswith("*.") and host.endswith(name[1:]):
            best = max(best, len(name) - 1)
    return best
