"""What becomes of CORS headers that an app sets itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from corsage.middleware.wire import Answer, Edit, Wire, editor, stray_names, with_vary

_MOST_CONFLICTS = 1000

_log = logging.getLogger("corsage")


def editor_for(
    stray: str, wire: Wire[Any], harmless: set[Any], path_of: Callable[[Any], str]
) -> Edit[Any]:
    """The edit of a response's lines under one setting of ``stray``."""
    own = editor(wire, harmless)
    reported: set[tuple[str, str]] = set()

    def respect(lines: Iterable[Any], answer: Answer[Any], request: Any) -> list[Any]:
        lines = list(lines)
        # A route for no browser stays one: there the app has nothing to add.
        if wire.allow_origin in stray_names(lines, wire) and (answer.vary or answer.lines):
            return with_vary(lines, wire) if answer.vary else lines
        return own(lines, answer, request)

    def conflict(lines: Iterable[Any], answer: Answer[Any], request: Any) -> list[Any]:
        lines = list(lines)
        for name in sorted(wire.read(name) for name in stray_names(lines, wire)):
            found = name, path_of(request)
            if found not in reported and len(reported) < _MOST_CONFLICTS:
                reported.add(found)
                _log.error("the app's own %s on %r was removed: Cors owns it", *found)
        return own(lines, answer, request)

    editors: dict[str, Edit[Any]] = {"own": own, "respect": respect, "conflict": conflict}
    if stray not in editors:
        msg = f'stray={stray!r} is not one of "own", "respect" and "conflict"'
        raise ValueError(msg)
    return editors[stray]
