"""Configurations that are nearly the hand-written ones: what a hand slips on, once each."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.layers.nginx_read.live import Case

Slip = Callable[[list[str], random.Random], list[str] | None]


def mutants(cases: Iterable[Case], of_each: int, seed: int) -> Iterator[Case]:
    """Some mutants of each case, the same for the same seed."""
    choice = random.Random(seed)
    for case in cases:
        if "# not changed:" in case.text:
            continue
        seen = {case.text}
        slips = choice.sample(_SLIPS, k=len(_SLIPS))
        for number, slip in enumerate([*slips, *slips]):
            lines = slip(case.text.splitlines(), choice)
            text = "\n".join(lines or []) + "\n"
            if lines is not None and text not in seen:
                seen.add(text)
                yield Case(f"{case.name}-{slip.__name__.replace('_', '-')}-{number}", text)
            if len(seen) > of_each:
                break


def without_always(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, " always;", lambda line: line.replace(" always;", ";"))


def with_always(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"^\s*add_header (?!.*always)", lambda x: x.replace(";", " always;"))


def without_an_anchor(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"(~\*?\s*\"?)\^|\$\"?\)? ?\{$", _unanchored)


def without_a_line(lines: list[str], choice: random.Random) -> list[str] | None:
    # Without its upstream a location has files, and which there are is assumed.
    spared = "listen|server_name|proxy_pass|try_files|root"
    return _one(lines, choice, rf"^(?!.*({spared})).*;$", lambda line: "")


def twice_a_line(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"^\s*(add_header|set|return|more_set)", lambda x: f"{x}\n{x}")


def one_line_lower(lines: list[str], choice: random.Random) -> list[str] | None:
    at = _place(lines[:-1], choice, r"^\s*(add_header|set|return|rewrite|proxy_pass|if|default)\b")
    if at is None or lines[at].count("{") != lines[at].count("}"):
        return None
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def one_level_out(lines: list[str], choice: random.Random) -> list[str] | None:
    at = _place(lines, choice, r"^\s*add_header")
    opening = next((i for i in range(at or 0, -1, -1) if re.search(r"\{\s*$", lines[i])), None)
    if at is None or opening is None or lines[opening].startswith("server"):
        return None
    return [*lines[:opening], lines[at], *lines[opening:at], *lines[at + 1 :]]


def one_more_header(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"^\s*(location|if) .*\{$", lambda x: f"{x}\n add_header X-More 1;")


def another_status(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"return \d+", lambda x: re.sub(r"return \d+", "return 418", x))


def another_modifier(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"location /", lambda x: x.replace("location /", "location ^~ /"))


def another_case(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r" ~ ", lambda line: line.replace(" ~ ", " ~* "))


def the_opposite(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"if \(\S+ =", lambda line: line.replace(" = ", " != ", 1))


def another_method(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, "OPTIONS", lambda line: line.replace("OPTIONS", "GET"))


def another_default(lines: list[str], choice: random.Random) -> list[str] | None:
    return _one(lines, choice, r"^\s*default ", lambda x: re.sub("default .*;", "default '*';", x))


_SLIPS: Sequence[Slip] = (
    without_always,
    with_always,
    without_an_anchor,
    without_a_line,
    twice_a_line,
    one_line_lower,
    one_level_out,
    one_more_header,
    another_status,
    another_modifier,
    another_case,
    the_opposite,
    another_method,
    another_default,
)


def _unanchored(line: str) -> str:
    without_start = re.sub(r"(~\*?\s*\"?)\^", r"\1", line)
    return without_start if without_start != line else re.sub(r"\$(\"?\)? ?\{)$", r"\1", line)


def _one(
    lines: list[str], choice: random.Random, shape: str, change: Callable[[str], str]
) -> list[str] | None:
    at = _place(lines, choice, shape)
    return None if at is None else [*lines[:at], change(lines[at]), *lines[at + 1 :]]


def _place(lines: list[str], choice: random.Random, shape: str) -> int | None:
    places = [number for number, line in enumerate(lines) if re.search(shape, line)]
    return choice.choice(places) if places else None
