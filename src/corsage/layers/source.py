"""Where configuration stands, and what a reader makes of it.

A reader turns files into values in two steps. ``parse`` looks at one file and nothing else, so
that ten thousand files can be parsed by all cores; what it returns can be pickled. ``link`` sees
all the parsed files of a run together (an include, a Service in another manifest) and gives a
:class:`Reading`. Neither opens a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corsage.layers.site import Cookie, Instance, Operation, Slip, StatedChain, Workload
from corsage.layers.where import Where


@dataclass(frozen=True, slots=True)
class Source:
    """A file as text. ``path`` is as the user will see it, with ``/`` between its parts."""

    path: str
    text: str


class UnreadableError(ValueError):
    """A file that its own product would not take; ``where`` says where it stops making sense."""

    def __init__(self, where: Where, message: str) -> None:
        super().__init__(message)
        self.where = where


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, all of it with its place."""

    instances: tuple[Instance, ...] = ()
    workloads: tuple[Workload, ...] = ()
    slips: tuple[Slip, ...] = ()
    operations: tuple[Operation, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    stated: tuple[StatedChain, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of source that Corsage reads.

    ``detect(path, text)`` is cheap and never raises: whether the file is of this kind and may
    say something that matters here. ``parse`` raises :class:`UnreadableError`; ``link`` gets
    what ``parse`` returned by path, and raises nothing.
    """

    name: str
    detect: Callable[[str, str], bool]
    parse: Callable[[Source], Any]
    link: Callable[[Mapping[str, Any]], Reading]
