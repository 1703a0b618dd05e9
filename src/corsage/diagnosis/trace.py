"""One exchange, hop by hop: where a header appears, is doubled, changes or vanishes.

Hops stand from the outside in, as the request travels; what happens to an answer on its way out is
told by comparing each hop with the one behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from corsage.diagnosis.fingerprints import traces
from corsage.diagnosis.observation import Answer, AtHop
from corsage.diagnosis.products import Hop, Product, product_in_path

Kind: TypeAlias = Literal["appears", "is doubled", "changes", "vanishes"]
Part: TypeAlias = Literal["preflight", "response"]

COMPARED = (
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
    "vary",
    "location",
    "www-authenticate",
)
"""Headers that are followed from hop to hop."""

_PARTS: tuple[Part, ...] = ("preflight", "response")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one header of one answer at one hop, on its way out."""

    hop: str
    part: Part
    header: str
    kind: Kind
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def line(self) -> str:
        """The change in one line."""
        told = {
            "appears": f"appears: {_joined(self.after)}",
            "vanishes": f"vanishes (it was {_joined(self.before)})",
            "is doubled": f"is doubled: {_joined(self.after)}",
            "changes": f"changes from {_joined(self.before)} to {_joined(self.after)}",
        }[self.kind]
        return f"at {self.hop} {self.header} of the {_NAMES[self.part]} {told}"


_NAMES: dict[Part, str] = {"preflight": "preflight's answer", "response": "answer"}


def _joined(lines: Sequence[str]) -> str:
    return " | ".join(lines)[:200]


def changes(hops: Sequence[AtHop]) -> tuple[Change, ...]:
    """Every change, the innermost first. What the innermost hop sends appears there."""
    found: list[Change] = []
    for number in reversed(range(len(hops))):
        hop, behind = hops[number], hops[number + 1] if number + 1 < len(hops) else None
        if behind is not None and behind.silence:
            behind = None  # nothing is known of what came from there
        for part in _PARTS:
            after, before = part_of(hop, part), part_of(behind, part) if behind else Answer()
            if after.status:
                found += _between(hop.name, part, before, after)
    return tuple(found)


def _between(hop: str, part: Part, before: Answer, after: Answer) -> list[Change]:
    found = []
    for header in COMPARED:
        old, new = _values(before, header), _values(after, header)
        if old != new:
            found.append(Change(hop, part, header, _kind(old, new), old, new))
    return found


def _kind(old: tuple[str, ...], new: tuple[str, ...]) -> Kind:
    if not old:
        return "is doubled" if len(new) > 1 else "appears"
    if not new:
        return "vanishes"
    return "is doubled" if len(new) > len(old) else "changes"


# May stand on several lines or on one: what counts is the members.
_LISTS = {
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "vary",
}


def _values(answer: Answer, header: str) -> tuple[str, ...]:
    lines = answer.lines(header)
    if header in _LISTS:
        members = {m.strip().lower() for line in lines for m in line.split(",")} - {""}
        return (", ".join(sorted(members)),) if members else ()
    return lines


def part_of(hop: AtHop, part: Part) -> Answer:
    """The answer to the preflight or to the request."""
    return hop.preflight if part == "preflight" else hop.response


def maker(hops: Sequence[AtHop], part: Part) -> int | None:
    """The hop that made the answer that arrives outside: the innermost that says the same.

    None where no answer arrived.
    """
    if not hops or not part_of(hops[0], part).status:
        return None
    shape = _shape(part_of(hops[0], part), part)
    last = 0
    while last + 1 < len(hops) and _shape(part_of(hops[last + 1], part), part) == shape:
        last += 1
    return last


def _shape(answer: Answer, part: Part) -> tuple[object, ...]:
    # On the way out headers may be added to an answer; a preflight is one hop's own work, with
    # its lists. Statuses are not changed by anybody who passes an answer on.
    lists = ("access-control-allow-methods", "access-control-max-age", "allow")
    named = tuple(_values(answer, name) for name in lists) if part == "preflight" else ()
    return (answer.status, *named)


def writer(hops: Sequence[AtHop], header: str, part: Part = "response") -> int | None:
    """The hop whose value of a header arrives outside: the innermost of those that agree."""
    if not hops or not _values(part_of(hops[0], part), header):
        return None
    value = _values(part_of(hops[0], part), header)
    last = 0
    while last + 1 < len(hops) and _values(part_of(hops[last + 1], part), header) == value:
        last += 1
    return last


def kind_of(hops: Sequence[AtHop], number: int) -> tuple[Hop, str]:
    """Which hop this is, and its product: by its name, by what it says of itself, by its place."""
    hop = hops[number]
    product = product_in_path(hop.name, hop.name)
    own = {t.product: t.hop for answer in (hop.response, hop.preflight) for t in traces(answer)}
    inner = {
        trace.product
        for behind in hops[number + 1 :]
        for answer in (behind.response, behind.preflight)
        for trace in traces(answer)
    }
    signs = [(name, kind) for name, kind in own.items() if name not in inner]
    said = signs[0][0] if signs else ""
    if hop.name in get_args(Hop):
        known: Hop = next(name for name in get_args(Hop) if name == hop.name)
        return known, said or (product.name if product and product.configured else "")
    if product is not None:
        return product.hop, (said or product.name) if _is_general(product) else product.name
    if signs:
        return signs[0][1], said
    return ("service" if number == len(hops) - 1 and number else "gateway"), ""


def _is_general(product: Product) -> bool:
    return product.name.startswith(("a ", "an "))
