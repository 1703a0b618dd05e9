"""Names that somebody else can have: the Public Suffix List, read for its two parts.

Under a suffix of the first part (``com``, ``co.uk``) anybody can register a domain; under one of
the second (``vercel.app``, ``github.io``) anybody can rent a name of a company's domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corsage.policy.public_suffixes import ALSO_PUBLIC

# Only governments, schools and the network itself get names there.
_CLOSED = frozenset({"ac", "arpa", "edu", "gob", "gouv", "gov", "int", "mil", "police"})
_END_OF_FIRST_PART = "// ===END ICANN DOMAINS==="


@dataclass(frozen=True, slots=True)
class Suffixes:
    """The rules of the list: names, ``*.name`` and ``!name``
    (https://github.com/publicsuffix/list/wiki/Format)."""

    registries: frozenset[str]
    """Where domains are registered."""
    shared: frozenset[str]
    """Where parts of a domain are rented out."""

    def domain(self, host: str) -> str | None:
        """The part of a host that belongs to one owner; None for a suffix itself."""
        return _domain(host, self.registries | self.shared)

    def registered(self, host: str) -> str | None:
        """The domain of a host at a registry; None for a suffix itself."""
        return _domain(host, self.registries)

    def is_rented(self, domain: str) -> bool:
        """Whether a domain as of :meth:`domain` is a part of somebody else's."""
        return _domain(domain, self.registries) != domain

    def rents_out(self, registered: str) -> bool:
        """Whether the owner of a registered domain rents parts of it out."""
        return any(
            rule.removeprefix("*.") == registered or rule.endswith(f".{registered}")
            for rule in self.shared
        )


def is_open(domain: str) -> bool:
    """Whether anybody, and not governments and schools only, can have such a domain."""
    return _CLOSED.isdisjoint(domain.split(".")[1:])


@cache
def suffixes() -> Suffixes:
    """The list. It is read on first use, which takes some milliseconds."""
    try:
        text = (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8")
    except ModuleNotFoundError as error:
        message = "owners of domains are told by the Public Suffix List: "
        raise ModuleNotFoundError(
            f"{message}pip install 'corsage[tools]'", name=error.name
        ) from None
    first, _, second = text.partition(_END_OF_FIRST_PART)
    return Suffixes(frozenset(_rules(first)), frozenset(_rules(second)) | ALSO_PUBLIC)


def _rules(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line and not line.startswith("//"):
            rule = line.split()[0]
            yield rule if rule.isascii() else ".".join(map(_in_ascii, rule.split(".")))


def _in_ascii(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _domain(host: str, rules: frozenset[str]) -> str | None:
    labels = host.removesuffix(".").split(".")
    for index in range(len(labels)):
        tail = ".".join(labels[index:])
        parent = ".".join(labels[index + 1 :])
        if f"!{tail}" in rules:
            return tail
        if tail in rules or f"*.{parent}" in rules or not parent:
            return ".".join(labels[index - 1 :]) if index else None
    return None
