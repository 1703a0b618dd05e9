"""What somebody meant who wrote an entry of an allow-list: read as a human reads it.

A host that stands in the text is meant; so are its subdomains where a wildcard stands before it,
or where the entry has no scheme (``endsWith("example.com")``). An unescaped dot is meant as a dot.
Under a public suffix (``.*\\.vercel\\.app``) nobody in particular is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corsage.patterns.language import OriginLanguage
from corsage.patterns.makers import anything, exactly, nothing
from corsage.patterns.readings import WILD, readings
from corsage.patterns.sendable import PORT, text_machine
from corsage.patterns.suffixes import suffixes

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_LABELS = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_IPV6 = re.compile(r"\[[0-9a-f:.]+\]")


def meant(*texts: str) -> OriginLanguage:
    """The origins that the writer of these entries evidently meant, on any port. The dialect of
    a text does not matter: escapes, groups and wildcards look alike in all of them."""
    if "*" in texts:
        return anything()
    found = _Found()
    for text in texts:
        for reading in readings(text):
            for part in re.split(r"[\s,;]+", reading):
                found.read(part)
    return found.language() | (exactly("null") if "null" in texts else nothing())


@dataclass(slots=True)
class _Found:
    """Hosts by how they were meant; keys and values are regular expressions of ours."""

    patterns: set[tuple[str, str]] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    def read(self, text: str) -> None:
        before, separator, rest = text.rpartition("://")
        scheme = before if separator and _SCHEME.fullmatch(before) else ""
        schemes = re.escape(scheme) if scheme else "https?"
        host = _host(rest.lstrip("/") if not separator else rest)
        if _IPV6.fullmatch(host):
            self._add(schemes, re.escape(host), host)
            return
        _, wild, tail = host.rpartition(WILD)
        if not _LABELS.fullmatch(tail.removeprefix(".")):
            return
        if tail.startswith("."):
            self._add_below(schemes, tail[1:])
        elif wild and tail[0] not in "-_" and not _is_part(tail):
            self._add_below(schemes, tail)
        elif wild:
            self._add_fragment(schemes, tail)
        else:
            self._add(schemes, re.escape(tail), tail)
            if not separator:
                self._add_below(schemes, tail)

    def language(self) -> OriginLanguage:
        """All that was found."""
        if not self.patterns:
            return nothing()
        hosts: dict[str, list[str]] = {}
        for schemes, host in sorted(self.patterns):
            hosts.setdefault(schemes, []).append(host)
        branches = (f"(?:{schemes})://(?:{'|'.join(each)})" for schemes, each in hosts.items())
        pattern = rf"(?:{'|'.join(branches)})\.?{PORT}"
        return OriginLanguage(text_machine(pattern), frozenset(self.hosts))

    def _add(self, schemes: str, pattern: str, host: str) -> None:
        self.patterns.add((schemes, pattern))
        self.hosts.add(host)

    def _add_below(self, schemes: str, host: str) -> None:
        """A host and its subdomains, if they belong to somebody."""
        if suffixes().domain(host) is not None or host == "localhost":
            self._add(schemes, rf"(?:[^/:]*\.)?{re.escape(host)}", host)

    def _add_fragment(self, schemes: str, tail: str) -> None:
        """The end of a label and what follows, if what follows belongs to somebody."""
        parent = tail.partition(".")[2]
        if parent and suffixes().domain(parent) is not None:
            self._add(schemes, rf"[^/:]*{re.escape(tail)}", parent)


def _host(text: str) -> str:
    """The host of what stands after the scheme: without the port and the path."""
    authority = re.split(r"[/?#]", text, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0].rstrip(WILD).removesuffix(".")


def _is_part(tail: str) -> bool:
    """Whether the first label, before which a wildcard stands, is below a domain of somebody's."""
    parent = tail.partition(".")[2]
    return bool(parent) and suffixes().domain(parent) is not None
