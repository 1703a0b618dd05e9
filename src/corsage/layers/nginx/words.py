"""Text that goes into an nginx configuration: quoted, and never more than the text it is.

nginx has no escape for ``$`` where it expands variables, and no word may be longer than its
4 KiB read buffer. Values that need either become ``geo`` constants, which nginx never expands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BARE = re.compile(r"[A-Za-z0-9_./:*+,=-]+")
_UNSAYABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 2000  # characters; four bytes each still fit into a read buffer with the quotes


class NginxWriteError(ValueError):
    """A value that nginx's configuration cannot hold; the message names it and why."""


def quoted(text: str) -> str:
    """The text as one word of the configuration. ``$`` is not touched: see :class:`Constants`.

    Raises NginxWriteError for control characters and for what is not Unicode text.
    """
    if _UNSAYABLE.search(text):
        raise NginxWriteError(f"{text!r} has a control character, which nginx cannot hold")
    if len(text) > _LONGEST:
        raise NginxWriteError(f"{text[:40]!r}... is longer than {_LONGEST} characters")
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def plain(text: str, what: str) -> str:
    """As :func:`quoted`, for places where nginx would expand ``$`` and no constant helps."""
    if "$" in text:
        raise NginxWriteError(f"{what} {text!r}: nginx would read `$` as a variable; rename it")
    return quoted(text)


class Constants:
    """Literal values of headers; what nginx would expand or not read becomes a variable."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def text(self, value: str) -> str:
        """The word that stands for ``value`` where nginx expands variables."""
        if "$" not in value and len(value) <= _LONGEST:
            return quoted(value)
        parts = (value[at : at + _LONGEST] for at in range(0, len(value), _LONGEST))
        return "".join(f"$gateway_text_{self._number(part)}" for part in parts)

    def _number(self, part: str) -> str:
        return self._names.setdefault(part, str(len(self._names) + 1))

    def lines(self) -> list[str]:
        """The definitions, once every text has been asked for."""
        return [
            f"geo $gateway_text_{name} {{ default {quoted(part)}; }}"
            for part, name in self._names.items()
        ]


class Names:
    """Identifiers made of the policy's names: safe for nginx, unique, and still readable.

    nginx compares names of variables and upstreams without case.
    """

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The identifier of ``name``, the same whenever it is asked for."""
        if name not in self._taken:
            base = re.sub(r"[^a-z0-9]+", "_", name.lower())[:32].strip("_") or "unnamed"
            # The number cannot meet another name's: two underscores never come out of a name.
            taken = self._taken.values()
            numbered = (base if n == 1 else f"{base}__{n}" for n in range(1, len(taken) + 2))
            self._taken[name] = next(each for each in numbered if each not in taken)
        return self._taken[name]


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one level deeper."""
    return [f"    {line}" if line else "" for line in lines]
