"""Which of the given files an ``include`` means. The disk is never asked.

A repository's files seldom lie where the server will find them: ``/etc/nginx/conf.d/*.conf`` is
``deploy/conf.d/*.conf`` here. The most of the path's end that fits files near the including one
is taken.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from corsage.layers.nginx.read.syntax import Directive, Parsed

_DEEPEST = 16
_MOST = 100_000
"""Directives after all includes: a few files that include each other can say more than fits."""


class Includes:
    """The files of one run, and the directives that they have once included."""

    def __init__(self, files: Mapping[str, Parsed]) -> None:
        self._files = files
        self._folders: dict[str, list[str]] = defaultdict(list)
        for path in sorted(files):
            self._folders[posixpath.dirname(path)].append(posixpath.basename(path))
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        self.included = {
            path
            for file in files.values()
            for pattern in _patterns(file.directives)
            for path in self.resolve(pattern, file.text.path)
        }

    def resolve(self, pattern: str, file: str) -> tuple[str, ...]:
        """The files that ``include pattern`` means in ``file``, in nginx's order."""
        folder = posixpath.dirname(file)
        key = (folder, pattern)
        if key not in self._found:
            self._found[key] = tuple(path for path in self._near(pattern, folder) if path != file)
        return self._found[key]

    def expand(
        self, directives: Iterable[Directive], left: list[int] | None = None, depth: int = 0
    ) -> Iterator[Directive]:
        """The directives of one block, each include replaced by what it includes."""
        left = [_MOST] if left is None else left
        for directive in directives:
            left[0] -= 1
            if left[0] < 0:
                return
            if directive.name != "include" or len(directive.args) != 1:
                yield directive
            elif depth < _DEEPEST:
                for path in self.resolve(directive.args[0], directive.text.path):
                    yield from self.expand(self._files[path].directives, left, depth + 1)

    def _near(self, pattern: str, folder: str) -> list[str]:
        parts = [part for part in pattern.split("/") if part not in ("", ".")]
        for start in range(len(parts)):
            *inner, name = parts[start:]
            base = folder
            while True:
                if found := self._in(posixpath.normpath(posixpath.join(base, *inner)), name):
                    return found
                if not base:
                    break
                base = posixpath.dirname(base) if base != "/" else ""
        return []

    def _in(self, folder: str, name: str) -> list[str]:
        folder = "" if folder == "." else folder
        shape = _glob(name)
        if "*" in folder or "?" in folder:
            folders = [each for each in self._folders if _glob(folder).fullmatch(each)]
        else:
            folders = [folder] if folder in self._folders else []
        return [
            posixpath.join(each, file)
            for each in folders
            for file in self._folders[each]
            if shape.fullmatch(file)
        ]


def _patterns(directives: Iterable[Directive]) -> Iterator[str]:
    for directive in directives:
        if directive.name == "include" and len(directive.args) == 1:
            yield directive.args[0]
        if directive.block:
            yield from _patterns(directive.block)


def _glob(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*+|\?)", pattern)
    return re.compile(
        "".join(
            "[^/]*" if piece.startswith("*") else "[^/]" if piece == "?" else re.escape(piece)
            for piece in pieces
        )
    )
