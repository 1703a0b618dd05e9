"""The policy as files that somebody else's nginx.conf includes.

The reader keeps ``http``, ``server``, ``location``, ``proxy_pass``, TLS and limits. What is written
is the maps, once for ``http``, and for each policy the few lines that stand in its locations. An
``add_header`` ends the inheritance of those above it, so ours stand in the reader's own locations,
beside theirs, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from corsage.layers.gateways import NOTE, behave
from corsage.layers.nginx.origin_maps import GATE, has_patterns, shape_map
from corsage.layers.nginx.owners import NEVER, SHARED_MAPS, Owner, Ruleset
from corsage.layers.nginx.proxying import HIDDEN
from corsage.layers.nginx.routes import Location, hosts, locations
from corsage.layers.nginx.settings import hash_sizes
from corsage.layers.nginx.target import common_rows, lost
from corsage.layers.nginx.unrouted import unrouted
from corsage.layers.nginx.words import Constants, Names, NginxWriteError, quoted
from corsage.layers.target import (
    Clause,
    Fate,
    FidelityError,
    File,
    Release,
    Target,
    Version,
    Versions,
)
from corsage.layers.versions import at_least
from corsage.policy.model import Policy, Route

_INHERIT = "1.29.3"
"""The first nginx with ``add_header_inherit``."""

_HEAD = """\
#
# Put these files into a folder `cors` beside your nginx.conf. Include hashes.conf and this file in
# your http block. In each location below, include the file beside it before any rewrite or return
# of yours; your proxy_pass, limits and headers stay as they are. A location inside another needs
# the line again.
#
# Do not set Access-Control-* or Vary: Origin yourself in these locations, nor answer OPTIONS; and
# let no error_page lead out of them, or errors go without the headers. A proxy_hide_header of yours
# above a location has to be repeated in it. Beside fastcgi_pass, uwsgi_pass or grpc_pass, hide the
# same names with fastcgi_hide_header, uwsgi_hide_header or grpc_hide_header."""

_OLD = """\
# nginx drops the headers of http and server in a location that has an add_header: repeat yours
# (Strict-Transport-Security, say) in these locations. `add_header_inherit merge` above them would
# send CORS headers twice; for nginx 1.29.3 and later, render with --target-version 1.29.3."""

_NEW = "# Headers of your http and server blocks are kept (add_header_inherit)."

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "routes": ("idiom", "the locations that cors/http.conf names, in your own server block"),
    "hosts": ("idiom", "the server blocks that cors/http.conf names, in your own configuration"),
    "errors": (
        "weaker",
        "404, 413, 429, 502, 504 of these locations carry the headers; 400 does not",
    ),
    "unrouted paths": ("idiom", "cors/unrouted.conf, in the location of your own 404"),
    "the other owner's routes": ("kept", "locations that include nothing"),
}


def files(policy: Policy, release: Release = (1, 22)) -> tuple[File, ...]:
    """``http.conf``, ``hashes.conf``, and one file for the locations of each policy."""
    try:
        return tuple(_Writer(policy, release).files())
    except NginxWriteError as error:
        raise FidelityError("nginx-include", (lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = common_rows(policy, _ROWS)
    if any(route.rate_limit or route.max_body or route.timeout for route in policy.routes):
        how = "limits of rate, size and time stay in your own configuration"
        rows.append(Clause("limits", "weaker", how))
    try:
        list(_Writer(policy, (1, 22)).files())
    except NginxWriteError as error:
        rows.append(lost(error))
    return tuple(rows)


class _Writer:
    def __init__(self, policy: Policy, release: Release) -> None:
        self._policy = policy
        self._inherits = at_least(release, _INHERIT)
        self._constants = Constants()
        names = Names()
        owned = dict.fromkeys(route.cors for route in policy.routes if route.owner == "gateway")
        self._words = {name: names(name) for name in owned if name is not None}
        self._rulesets = {
            name: Ruleset(policy.policies[name], word, self._constants)
            for name, word in self._words.items()
        }
        self._unrouted_maps, self._unrouted = unrouted(list(self._rulesets.values()))

    def files(self) -> Iterator[File]:
        snippets = list(self._snippets())
        yield File("http.conf", _text(self._http()))
        yield File("hashes.conf", _text(self._hashes()))
        yield from snippets

    def _snippets(self) -> Iterator[File]:
        for name, rules in self._rulesets.items():
            note = f"# For the locations of policy {name!r}."
            yield self._snippet(f"policy-{self._words[name]}", note, rules.owner())
        if any(route.cors is None for route in self._policy.routes):
            yield self._snippet("never", "# For locations that are never for browsers.", NEVER)
        note = "# For a location of your own that answers 404 where no route is."
        yield self._snippet("unrouted", note, self._unrouted)

    def _snippet(self, name: str, note: str, owner: Owner) -> File:
        preflight, headers = list(owner.preflight), list(owner.headers)
        if owner is NEVER:
            headers = []  # nothing to keep out: CORS headers stand in locations alone
        if self._inherits:
            # What a preflight is answered with must not be joined by the location's headers.
            preflight = [line for each in preflight for line in _apart(each)]
            headers = [*(["add_header_inherit merge;"] if headers else []), *headers]
        hidden = [f"proxy_hide_header {header};" for header in HIDDEN]
        return File(f"{name}.conf", _text([note, *preflight, *headers, *hidden]))

    def _http(self) -> Iterator[str]:
        yield from [_HEAD, _NEW if self._inherits else _OLD, "#", *self._plan(), ""]
        yield from [*GATE, ""]
        if has_patterns(rules.policy.allow_origins for rules in self._rulesets.values()):
            yield from [*shape_map(), ""]
        yield from SHARED_MAPS
        for name, rules in self._rulesets.items():
            if maps := rules.maps():
                yield from ["", f"# Policy {name!r}.", *maps]
        if self._unrouted_maps:
            yield from ["", *self._unrouted_maps]
        if constants := self._constants.lines():
            yield from ["", "# Constants, because nginx would expand the text elsewhere."]
            yield from constants

    def _hashes(self) -> Iterator[str]:
        yield "# For your http block, unless it sets these already: then keep the larger numbers."
        # The names of servers are the reader's.
        yield from (line for line in hash_sizes(self._policy) if "server_names" not in line)

    def _plan(self) -> Iterator[str]:
        """Which location includes what, as comments."""
        for host in (None, *hosts(self._policy.routes)):
            name = "any other server_name" if host is None else f"server_name {quoted(host)}"
            yield f"# In the server block of {name}:"
            for location in locations(self._policy.routes, host):
                place = f"{'= ' if location.exact else ''}{quoted(location.path)}"
                yield f"#   location {place} {{ {self._included(location)} }}"

    def _included(self, location: Location) -> str:
        if location.route is None:
            return "include cors/unrouted.conf; return 404;"
        name = self._name(location.route)
        return f"include cors/{name}.conf; ..." if name else "... (the service answers)"

    def _name(self, route: Route) -> str:
        if route.owner == "service":
            return ""
        return "never" if route.cors is None else f"policy-{self._words[route.cors]}"


def _apart(line: str) -> Iterator[str]:
    yield line
    if line.startswith("if "):
        yield "    add_header_inherit off;"


def _text(lines: Iterable[str]) -> str:
    return "\n".join([f"# {NOTE}", *lines]) + "\n"


def at(release: Release) -> Target:
    """The form as it is written for a release."""
    return replace(TARGET, files=lambda policy: files(policy, release))


TARGET = Target(
    name="nginx-include",
    title="nginx (files to include in your own configuration)",
    family="gateway",
    proven="1.22.1 and 1.31.3, in a server block of its own",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="nginx",
        proven="1.31.3",
        rows=(
            Version("1.22", "the oldest release that the suite runs"),
            Version(
                _INHERIT,
                "add_header_inherit: headers of server and http blocks are kept",
                before="they have to be repeated in each location",
            ),
        ),
    ),
    at=at,
)
