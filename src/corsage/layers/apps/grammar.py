"""Tree-sitter, imported when the first file needs it, and what its languages share."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from corsage.layers.apps import tree
from corsage.layers.source import Source, UnreadableError
from corsage.layers.where import Where

if TYPE_CHECKING:
    import tree_sitter

_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "java": ("tree_sitter_java", "language"),
}


@cache
def _parser(grammar: str) -> tree_sitter.Parser:
    package, function = _GRAMMARS[grammar]
    bindings = importlib.import_module("tree_sitter")
    language = bindings.Language(getattr(importlib.import_module(package), function)())
    parser: tree_sitter.Parser = bindings.Parser(language)
    return parser


def root(grammar: str, source: Source) -> tree_sitter.Node:
    """The syntax tree of a file. Raises UnreadableError where the parsers are not installed, or
    where nothing of the file is in that language."""
    try:
        parser = _parser(grammar)
    except ImportError as error:
        message = f"{grammar} is read with tree-sitter: pip install 'corsage[source]'"
        raise UnreadableError(Where(source.path), message) from error
    parsed = parser.parse(source.text.encode(errors="replace"))
    if parsed.root_node.type == "ERROR":
        raise UnreadableError(Where(source.path), f"not {grammar}")
    return parsed.root_node


class Lowering:
    """What lowering to the common tree needs in every language of tree-sitter."""

    def __init__(self, source: Source) -> None:
        self.lines = tuple(source.text.split("\n"))
        self.path = source.path
        self._depth = 0

    def at(self, node: tree_sitter.Node) -> tree.At:
        """The span of a node, in characters."""
        (line, first), (end, last) = node.start_point, node.end_point
        start, stop = self._column(line, first), self._column(end, last)
        return tree.At(line + 1, start, end + 1, stop, self.path)

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line] if line < len(self.lines) else ""
        if not text.isascii():
            offset = len(text.encode(errors="replace")[:offset].decode(errors="replace"))
        return offset + 1

    def all(self, nodes: Iterable[tree_sitter.Node]) -> tuple[tree.Node, ...]:
        """The nodes, each lowered; comments are none."""
        return tuple(self.node(one) for one in nodes if "comment" not in one.type)

    def node(self, node: tree_sitter.Node) -> tree.Node:
        """A node lowered; Opaque where it is nested too deeply."""
        self._depth += 1
        try:
            if self._depth > tree.DEEPEST:
                return tree.Opaque(self.at(node))
            return self.known(node)
        finally:
            self._depth -= 1

    def known(self, node: tree_sitter.Node) -> tree.Node:
        """A node that is not nested too deeply."""
        raise NotImplementedError

    def opaque(self, node: tree_sitter.Node) -> tree.Opaque:
        """A node that is not understood, with what is below it."""
        return tree.Opaque(self.at(node), self.all(node.named_children))


def text_of(node: Any) -> str:
    """The source text of a node; empty for none."""
    return "" if node is None else node.text.decode(errors="replace")
