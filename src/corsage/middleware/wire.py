"""Header lines as ASGI (bytes) and WSGI (text) carry them, and the one edit of a response.

:class:`corsage.policy.decide.Edit` says what an owner does to a response; :func:`edited` does it
to the lines of either interface. The tests hold it equal to ``Edit.apply``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import AnyStr, Generic, TypeAlias

from corsage.policy.decide import Decision

Lines: TypeAlias = tuple[tuple[AnyStr, AnyStr], ...]


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
    ``Origin`` in its ``Vary``.
    """

    status: int | None
    own: bool
    lines: Lines[AnyStr]
    vary: bool


def encode(decision: Decision, wire: Wire[AnyStr]) -> Answer[AnyStr]:
    """The decision in the interface's own strings."""
    answer, edit = decision.preflight, decision.edit
    headers = edit.headers if answer is None else answer.headers
    lines = [(wire.write_name(name), wire.write(value)) for name, value in headers]
    if answer is not None and answer.status != 204:
        # Without it a server would send an empty body in chunks.
        lines.append((wire.write_name("Content-Length"), wire.write("0")))
    status = None if answer is None else answer.status
    return Answer(status, edit.own, tuple(lines), edit.vary)


def edited(
    lines: Iterable[tuple[AnyStr, AnyStr]], answer: Answer[AnyStr], wire: Wire[AnyStr]
) -> list[tuple[AnyStr, AnyStr]]:
    """A response's header lines as they leave the owner."""
    prefix, timing, vary = wire.cors_prefix, wire.allow_timing, wire.vary
    kept: list[tuple[AnyStr, AnyStr]] = []
    has_vary = False
    for line in lines:
        name = line[0].lower()
        if name.startswith(prefix) or name == timing:
            continue
        has_vary = has_vary or name == vary
        kept.append(line)
    if answer.vary:
        if has_vary:
            _merge_vary(kept, wire)
        else:
            kept.append(wire.vary_origin)
    kept += answer.lines
    return kept


def with_vary(
    lines: Iterable[tuple[AnyStr, AnyStr]], wire: Wire[AnyStr]
) -> list[tuple[AnyStr, AnyStr]]:
    """The lines as they are, with ``Origin`` in their ``Vary``."""
    kept = list(lines)
    _merge_vary(kept, wire)
    return kept


def stray_names(lines: Iterable[tuple[AnyStr, AnyStr]], wire: Wire[AnyStr]) -> set[AnyStr]:
    """The lower-case names of the CORS headers among the lines."""
    names = {name.lower() for name, _ in lines}
    return {n for n in names if n.startswith(wire.cors_prefix) or n == wire.allow_timing}


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
