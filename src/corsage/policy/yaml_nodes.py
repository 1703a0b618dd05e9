"""A YAML file as plain nodes that know their line and column.

A policy needs little of YAML, and a file from a pull request is hostile until it is proven
otherwise: no anchors or aliases (a kilobyte can stand for a gigabyte), no tags (they ask for
objects to be built), one document, bounded depth and size. Nodes are built from the parser's
events in a loop, so that nothing recurses on what the file holds.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from corsage.policy import rules
from corsage.policy.characters import hidden_character, odd_character, place
from corsage.policy.nodes import LARGEST_FILE, Mapping, Node, Report, Scalar, ScalarKind, Sequence
from corsage.policy.problems import quoted

DEEPEST = 50
MOST_NODES = 250_000

# libyaml does the same as the Python parser, about ten times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()

_KINDS: dict[str, ScalarKind] = {
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:int": "integer",
    "tag:yaml.org,2002:bool": "boolean",
    "tag:yaml.org,2002:null": "null",
}


_LEADING_TAB = re.compile(r"^ *\t[ \t]*[^\s#]", re.MULTILINE)


def compose(source: str | bytes, report: Report) -> Node | None:
    """The file's one document, or None when nothing of it can be used (and was reported)."""
    text = _decoded(source, report)
    if text is None:
        return None
    try:
        return _Composer(report).document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, text, report)
    except _GivenUp:
        pass
    return None


class _GivenUp(Exception):  # noqa: N818 -- leaves the loop; what is wrong was reported
    """The rest of the file is not worth reading."""


def _decoded(source: str | bytes, report: Report) -> str | None:
    if len(source) > LARGEST_FILE:
        why = f"A policy has at most {LARGEST_FILE // 1024 // 1024} MiB; long lists of origins"
        fix = "origins: {tenants: {file: tenants.txt}}"
        report(rules.UNREADABLE, 1, 1, "the file is too large", f"{why} stand beside it.", fix)
        return None
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8")
        except UnicodeDecodeError as error:
            line, column = place(error.object[: error.start].decode("latin-1"), error.start)
            message = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
            report(rules.UNREADABLE, line, column, message, "Save the file as UTF-8.", None)
            return None
    text = source.removeprefix("\ufeff")
    usable = True
    if odd := odd_character(text):
        line, column, fault = odd
        report(rules.UNREADABLE, line, column, fault.message, fault.why, None)
        usable = False
    if match := _LEADING_TAB.search(text):
        line, _ = place(text, match.end() - 1)
        message = "a line is indented with a tab"
        report(rules.UNREADABLE, line, 1, message, "YAML indents with spaces.", None)
        usable = False
    return text if usable else None


class _Composer:
    """Builds nodes from events; holds the open sequences and mappings on a stack."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._nodes = 0

    def document(self, events: Any) -> Node | None:
        root: Node | None = None
        documents = 0
        # Each frame: the start mark's place, the children so far, whether it is a mapping.
        stack: list[tuple[int, int, list[Node], bool]] = []
        for event in events:
            node: Node
            if isinstance(event, yaml.ScalarEvent):
                node = self._scalar(event)
            elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
                line, column = _start(event)
                self._refuse_properties(event)
                stack.append((line, column, [], isinstance(event, yaml.MappingStartEvent)))
                if len(stack) > DEEPEST:
                    self._give_up(line, column, "the file is nested too deeply")
                continue
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                line, column, children, is_mapping = stack.pop()
                if is_mapping:
                    node = self._mapping(line, column, children)
                else:
                    node = Sequence(line, column, tuple(children))
            elif isinstance(event, yaml.AliasEvent):
                node = self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent) and documents:
                self._give_up(*_start(event), "the file holds more than one document")
            else:
                documents += isinstance(event, yaml.DocumentStartEvent)
                continue
            self._nodes += 1
            if self._nodes > MOST_NODES:
                self._give_up(node.line, node.column, "the file holds too many values")
            if stack:
                stack[-1][2].append(node)
            else:
                root = node
        if root is None or (isinstance(root, Scalar) and root.kind == "null"):
            self._give_up(1, 1, "the file is empty")
        return root

    def _scalar(self, event: Any) -> Scalar:
        self._refuse_properties(event)
        kind: ScalarKind = "text"
        if hidden := hidden_character(event.value):
            # Escapes in quotes can spell what the file itself may not hold, and a line break in
            # a value would be one in a configuration file that is written from it.
            message = f"a value holds the character U+{ord(hidden):04X}"
            self._report(rules.UNREADABLE, *_start(event), message, "Values are one line.", None)
            kind = "refused"
        elif event.implicit[0]:
            # A plain scalar; quoted ones, and those with a tag (refused), are text.
            tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))
            kind = _KINDS.get(tag, "other")
        return Scalar(*_start(event), event.value, kind)

    def _mapping(self, line: int, column: int, children: list[Node]) -> Mapping:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar) or key.kind not in ("text", "refused"):
                shown = quoted(key.text) if isinstance(key, Scalar) else "a list or mapping"
                message = f"{shown} is not text, so it cannot be a key"
                fix = f'"{key.text}"' if isinstance(key, Scalar) and key.text.isalnum() else None
                self._report(rules.WRONG_TYPE, key.line, key.column, message, "", fix)
            elif key.text in pairs:
                first = pairs[key.text][0].line
                message = f"{quoted(key.text)} stands here a second time (first on line {first})"
                why = "Most readers of YAML silently keep only one of the two."
                self._report(rules.DUPLICATE_KEY, key.line, key.column, message, why, None)
            else:
                pairs[key.text] = (key, value)
        return Mapping(line, column, tuple(pairs.values()))

    def _alias(self, event: Any) -> Scalar:
        line, column = _start(event)
        message = f"*{event.anchor} is a YAML alias"
        why = "A policy says everything where it stands; name what is used twice under `origins` "
        why += "or `policies`."
        fix = '"*"' if not event.anchor else None
        self._report(rules.YAML_FEATURE, line, column, message, why, fix)
        return Scalar(line, column, event.anchor, "refused")

    def _refuse_properties(self, event: Any) -> None:
        line, column = _start(event)
        if event.anchor is not None:
            why = "A policy has no anchors and aliases; name what is used twice under `origins` "
            why += "or `policies`."
            message = f"&{event.anchor} is a YAML anchor"
            self._report(rules.YAML_FEATURE, line, column, message, why, None)
        if event.tag is not None:
            message = f"{quoted(event.tag)} is a YAML tag"
            why = "The format knows the type of every value."
            self._report(rules.YAML_FEATURE, line, column, message, why, None)

    def _give_up(self, line: int, column: int, message: str) -> None:
        self._report(rules.UNREADABLE, line, column, message, "", None)
        raise _GivenUp


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _report_syntax(error: yaml.MarkedYAMLError, text: str, report: Report) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = error.problem or "the YAML cannot be parsed"
    why, fix = "", None
    if "alphabetic or numeric character" in problem:
        # `allow_origins: *`, `[*]`: the commonest slip in a CORS file.
        problem = "an unquoted * begins a YAML alias"
        why, fix = "The wildcard stands in quotes.", '"*"'
    elif "cannot start any token" in problem:
        line_text = text.splitlines()[line - 1 : line]
        character = line_text[0][column - 1 : column] if line_text else ""
        why = f"A value that begins with {character} stands in quotes." if character else ""
    report(rules.UNREADABLE, line, column, problem, why, fix)
