"""Regular expressions in origin lists: what is none, and what was meant as a wildcard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from corsage.layers import rules
from corsage.layers.manifests.objects import Object
from corsage.layers.site import Slip
from corsage.layers.yaml_document import Value
from corsage.patterns import Undecided, UnsupportedPattern, regex

_GLOB = re.compile(
    r"\^?(?:[a-z]+:)?(?://)?\*\.?[^*()\[\]|\\+]*\$?|\^?[a-z]+://\*[^*()\[\]|\\+]*\$?"
)


def of_glob(text: str) -> str:
    """The regex that a wildcard was meant for: one label."""
    quoted = re.sub(r"[.+?()\[\]{}|^$\\]", r"\\\g<0>", text)
    return quoted.replace("*", "[a-z0-9-]+")


def slips(of: Object, value: Value, dialect: Literal["re2", "pcre"] = "re2") -> Iterator[Slip]:
    """What is wrong with an expression."""
    text = value.text
    if _GLOB.fullmatch(text):
        yield Slip(
            rules.MISREAD,
            f'"{text[:60]}" looks like a wildcard, and is read as a regex',
            of.where(value),
            "In a regex * repeats what stands before it.",
            of_glob(text.removeprefix("^").removesuffix("$")),
        )
        return
    try:
        regex(text, dialect, "full")
    except UnsupportedPattern as error:
        yield Slip(
            rules.INERT,
            f'"{text[:60]}" is no regex that {dialect.upper()} takes',
            of.where(value),
            f"{error}. The object is refused, or its routes are not configured.",
        )
    except Undecided:
        return
