"""What Envoy does to headers: values that it expands, lines that it adds, joins and removes."""

from __future__ import annotations

import re
from collections.abc import Callable

from corsage.layers.envoy.read.file import Part
from corsage.layers.envoy.read.matching import Asked, string_check
from corsage.layers.possible import Line

_COMMAND = re.compile(r"%%|%([A-Z_]+)(?:\(([^()]*)\))?(?::(\d{1,5}))?%")

_JOINED = frozenset(
    [
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-expose-headers",
        "access-control-max-age",
        "vary",
        "cache-control",
        "location",
        "etag",
    ]
)
"""Headers of which Envoy never has two lines: what is appended stands behind a comma."""


def expanded(text: str, asked: Asked) -> str:
    """A value with what it takes from the request; other commands give nothing."""

    def value(found: re.Match[str]) -> str:
        command, argument, length = found.groups()
        if command is None:
            return "%"
        given = ""
        if command == "REQ":
            given = next(filter(None, map(asked.header, (argument or "").split("?"))), "")
        elif command == "PATH":
            given = asked.path.partition("?")[0] if "NQ" in (argument or "") else asked.path
        return given[: int(length)] if length else given

    return _COMMAND.sub(value, text)


def received(lines: list[Line]) -> list[Line]:
    """A service's headers as Envoy keeps them."""
    found: list[Line] = []
    for line in lines:
        append(found, line)
    return found


def append(lines: list[Line], line: Line) -> None:
    """Add a line, or join it to the one that is there."""
    if line.name.lower() in _JOINED:
        for number, there in enumerate(lines):
            if there.name.lower() == line.name.lower():
                value = f"{there.value},{line.value}"
                lines[number] = Line(there.name, value, line.where, line.written)
                return
    lines.append(line)


def overwrite(lines: list[Line], line: Line) -> None:
    """Put a line in the place of all of its name."""
    remove(lines, lambda name: name == line.name.lower())
    lines.append(line)


def remove(lines: list[Line], named: Callable[[str], bool]) -> None:
    """Remove the lines of some names."""
    lines[:] = [line for line in lines if not named(line.name.lower())]


def add(lines: list[Line], option: Part, asked: Asked) -> None:
    """A HeaderValueOption."""
    header = option.get("header")
    if header is None:
        return
    written = header.get("value")
    name = header.text("key")
    text = "" if written is None else written.value.text
    value = expanded(text, asked)
    if not value and not option.true("keep_empty_value"):
        return
    line = Line(name, value, header.where if written is None else written.where, text)
    there = any(each.name.lower() == name.lower() for each in lines)
    action = option.text("append_action")
    if not action:
        legacy = option.get("append")
        overwrites = legacy is not None and not legacy.true()
        action = "OVERWRITE_IF_EXISTS_OR_ADD" if overwrites else "APPEND_IF_EXISTS_OR_ADD"
    if action == "APPEND_IF_EXISTS_OR_ADD":
        append(lines, line)
    elif action == "OVERWRITE_IF_EXISTS_OR_ADD" or (action == "OVERWRITE_IF_EXISTS" and there):
        overwrite(lines, line)
    elif action == "ADD_IF_ABSENT" and not there:
        lines.append(line)


def edit(lines: list[Line], level: Part, asked: Asked) -> None:
    """``response_headers_to_remove``, then ``response_headers_to_add``, of one level."""
    removed = {each.value.text.lower() for each in level.all("response_headers_to_remove")}
    remove(lines, removed.__contains__)
    for option in level.all("response_headers_to_add"):
        add(lines, option, asked)


def mutate(lines: list[Line], mutations: list[Part], asked: Asked) -> None:
    """The mutations of the header_mutation filter."""
    for each in mutations:
        if (appended := each.get("append")) is not None:
            add(lines, appended, asked)
        elif removed := each.text("remove"):
            remove(lines, removed.lower().__eq__)
        elif (pattern := each.get("remove_on_match", "key_matcher")) is not None:
            check = string_check(pattern)
            if check is not None:
                remove(lines, check.holds)
