"""Header lines as ASGI (bytes) and WSGI (text) carry them, and the one edit of a response.

:class:`corsage.policy.decide.Edit` says what an owner does to a response; :func:`editor` does it
to the lines of either interface. The tests hold it equal to ``Edit.apply``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, AnyStr, Generic, TypeAlias

from corsage.policy.decide import Decision

_MOST_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Wire(Generic[AnyStr]):
    """One interface's strings: how it writes and reads them, and the names that are looked for."""

    write_name: Callable[[str], AnyStr]
    write: Callable[[str], AnyStr]
    read: Callable[[AnyStr], str]
    cors_prefix: AnyStr
    allow_origin: AnyStr
    allow_timing: AnyStr
    vary: AnyStr
    origin: AnyStr
    star: AnyStr
    comma: AnyStr
    and_origin: AnyStr
    vary_origin: tuple[AnyStr, AnyStr]


@dataclass(frozen=True, slots=True)
class Answer(Generic[AnyStr]):
    """One :class:`~corsage.policy.decide.Decision`, encoded.

    ``status`` is that of a preflight answered here with ``lines``; None sends the request to the
    app, whose response loses its CORS headers (``own``) and gets ``lines`` and, if ``vary``, an
    ``Origin`` in its ``Vary``. ``plain`` is all that a response without either needs.
    """

    status: int | None
    own: bool
    lines: tuple[tuple[AnyStr, AnyStr], ...]
    vary: bool
    plain: tuple[tuple[AnyStr, AnyStr], ...]


Edit: TypeAlias = Callable[
    [Iterable[tuple[AnyStr, AnyStr]], Answer[AnyStr], Any], list[tuple[AnyStr, AnyStr]]
]
"""Takes a response's header lines, the answer to its request, and the request as its interface
has it; returns the lines as they leave the owner."""


def encode(decision: Decision, wire: Wire[AnyStr]) -> Answer[AnyStr]:
    """The decision in the interface's own strings."""
    answer, edit = decision.preflight, decision.edit
    headers = edit.headers if answer is None else answer.headers
    lines: list[tuple[AnyStr, AnyStr]]
    lines = [(wire.write_name(name), wire.write(value)) for name, value in headers]
    if answer is not None and answer.status != 204:
        # Without it a server would send an empty body in chunks.
        lines.append((wire.write_name("Content-Length"), wire.write("0")))
    status = None if answer is None else answer.status
    plain = list(lines)
    if edit.vary:
        plain.insert(0, wire.vary_origin)
    return Answer(status, edit.own, tuple(lines), edit.vary, tuple(plain))


def editor(wire: Wire[AnyStr], harmless: set[AnyStr]) -> Edit[AnyStr]:
    """The edit of a response's header lines for one interface.

    It learns ``harmless``: names, as apps write them, that are neither a CORS header nor
    ``Vary``. Apps send the same few again and again, and where all are known the edit is to add
    ``plain``.
    """

    def edit(
        lines: Iterable[tuple[AnyStr, AnyStr]], answer: Answer[AnyStr], _: Any
    ) -> list[tuple[AnyStr, AnyStr]]:
        lines = list(lines)
        for name, _ in lines:
            if name not in harmless:
                return edit_unknown(lines, answer)
        lines += answer.plain
        return lines

    def edit_unknown(
        lines: list[tuple[AnyStr, AnyStr]], answer: Answer[AnyStr]
    ) -> list[tuple[AnyStr, AnyStr]]:
        kept = []
        for line in lines:
            name = line[0].lower()
            if _is_cors(name, wire):
                continue
            kept.append(line)
            if name != wire.vary and len(harmless) < _MOST_NAMES:
                harmless.add(line[0])
        if answer.vary:
            _merge_vary(kept, wire)
        kept += answer.lines
        return kept

    return edit


def with_vary(
    lines: Iterable[tuple[AnyStr, AnyStr]], wire: Wire[AnyStr]
) -> list[tuple[AnyStr, AnyStr]]:
    """The lines as they are, with ``Origin`` in their ``Vary``."""
    kept = list(lines)
    _merge_vary(kept, wire)
    return kept


def stray_names(lines: Iterable[tuple[AnyStr, AnyStr]], wire: Wire[AnyStr]) -> set[AnyStr]:
    """The lower-case names of the CORS headers among the lines."""
    return {name for name in (n.lower() for n, _ in lines) if _is_cors(name, wire)}


def _is_cors(name: AnyStr, wire: Wire[AnyStr]) -> bool:
    return name.startswith(wire.cors_prefix) or name == wire.allow_timing


def _merge_vary(lines: list[tuple[AnyStr, AnyStr]], wire: Wire[AnyStr]) -> None:
    """Put ``Origin`` into the last ``Vary``, unless one names it or says ``*``."""
    last = None
    for index, (name, value) in enumerate(lines):
        if name.lower() == wire.vary:
            last = index
            tokens = {token.strip().lower() for token in value.split(wire.comma)}
            if wire.origin in tokens or wire.star in tokens:
                return
    if last is None:
        lines.append(wire.vary_origin)
        return
    # One line, not two: there are caches and clients that read only one.
    name, value = lines[last]
    both = value.rstrip() + wire.and_origin if value.strip() else wire.vary_origin[1]
    lines[last] = (name, both)


ASGI: Wire[bytes] = Wire(
    write_name=lambda name: name.lower().encode("latin-1"),
    write=lambda value: value.encode("latin-1"),
    read=lambda value: value.decode("latin-1"),
    cors_prefix=b"access-control-",
    allow_origin=b"access-control-allow-origin",
    allow_timing=b"timing-allow-origin",
    vary=b"vary",
    origin=b"origin",
    star=b"*",
    comma=b",",
    and_origin=b", Origin",
    vary_origin=(b"vary", b"Origin"),
)

WSGI: Wire[str] = Wire(
    write_name=str,
    write=str,
    read=str,
    cors_prefix="access-control-",
    allow_origin="access-control-allow-origin",
    allow_timing="timing-allow-origin",
    vary="vary",
    origin="origin",
    star="*",
    comma=",",
    and_origin=", Origin",
    vary_origin=("Vary", "Origin"),
)
