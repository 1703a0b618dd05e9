"""Shrinks a disagreement to the smallest case that still shows it, on the real browser."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.differential.case import Answer, Case, Hop, Observed
from tests.differential.compare import Difference, differences
from tests.differential.observe import Observer

_ROUNDS = 40
_LOOP = 15  # a redirect loop: how often it went round says nothing
_PLAIN = {"method": "GET", "credentials": "omit", "mode": "cors", "redirect": "follow"}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case, what the browser did with it, and where the model differs."""

    case: Case
    observed: Observed
    differences: tuple[Difference, ...]

    @property
    def signature(self) -> tuple[object, ...]:
        """Disagreements with the same signature most likely have the same cause."""
        return tuple((d.aspect, _exact(d), _changed(d)) for d in self.differences)

    def is_part_of(self, larger: Disagreement) -> bool:
        """Whether this can be the same disagreement, with less around it."""
        return [(d.aspect, _exact(d)) for d in self.differences] == [
            (d.aspect, _exact(d)) for d in larger.differences
        ] and all(
            _changed(small) <= _changed(large)
            for small, large in zip(self.differences, larger.differences, strict=True)
        )


def _exact(difference: Difference) -> object:
    """What must be the same again; values that change from case to case are none of it."""
    ours, theirs = difference.model, difference.browser
    if isinstance(ours, list):
        return len(ours) - len(theirs)
    return None if difference.aspect in ("parameter", "url") else (ours, theirs)


def _changed(difference: Difference) -> frozenset[str]:
    """The words that only one side has."""
    ours, theirs = difference.model, difference.browser
    if not isinstance(ours, list):
        return frozenset()
    return frozenset(_word(token) for token in _tokens(ours) ^ _tokens(theirs))


def _tokens(lines: list[object]) -> set[str]:
    return {token for line in lines[:_LOOP] for token in str(line).split(" ")}


def _word(token: str) -> str:
    """``origin=http://x`` is about the origin, and a URL is a URL."""
    name = token.partition("=")[0]
    if name.isalpha() and name.isupper():
        return "METHOD"
    return "URL" if "://" in name else name


def groups(disagreements: Iterable[Disagreement]) -> list[list[Disagreement]]:
    """Disagreements by signature, the largest group first; in each, the smallest case first."""
    found: defaultdict[tuple[object, ...], list[Disagreement]] = defaultdict(list)
    for one in disagreements:
        found[one.signature].append(one)
    for group in found.values():
        group.sort(key=lambda one: len(repr(one.case)))
    return sorted(found.values(), key=len, reverse=True)


async def minimise(observer: Observer, disagreement: Disagreement) -> Disagreement:
    """The smallest case found that shows the same."""
    for _ in range(_ROUNDS):
        smaller = await _first_still_disagreeing(observer, disagreement)
        if smaller is None:
            break
        disagreement = smaller
    return disagreement


async def _first_still_disagreeing(
    observer: Observer, disagreement: Disagreement
) -> Disagreement | None:
    for smaller, observed in await observer.again(_smaller(disagreement.case)):
        found = Disagreement(
            smaller, observed, tuple(differences(smaller, observer.name, observed))
        )
        if found.is_part_of(disagreement):
            return found
    return None


def _smaller(case: Case) -> Iterator[Case]:
    """The case with one thing less, the largest things first."""
    if len(case.hops) > 1:
        yield from (_without_hop(case, number) for number in range(len(case.hops)))
    if case.page == "sandboxed":
        yield _replaced(case, page="page", origin="http://localhost:18101")
    if case.request.initiator != "fetch":
        yield _asking(case, initiator="fetch", upload_listeners=False)
    if case.request.upload_listeners:
        yield _asking(case, upload_listeners=False)
    if case.request.body is not None:
        yield _asking(case, body=None)
    for name, plain in _PLAIN.items():
        xhr = case.request.initiator == "xmlhttprequest" and name == "credentials"
        if getattr(case.request, name) != (value := "same-origin" if xhr else plain):
            yield _asking(case, **{name: value})
    for kept in _with_one_less(case.request.headers):
        yield _asking(case, headers=kept)
    for number, hop in enumerate(case.hops):
        for kind in ("preflight", "actual"):
            for answer in _smaller_answers(getattr(hop, kind), kind):
                changed = dataclasses.replace(hop, **{kind: answer})  # type: ignore[arg-type]
                hops = (*case.hops[:number], changed, *case.hops[number + 1 :])
                yield dataclasses.replace(case, hops=hops)


def _without_hop(case: Case, number: int) -> Case:
    """Without one hop; later ones move up, and the texts that name them follow."""
    shortened = [hop for n, hop in enumerate(case.hops) if n != number]
    hops = []
    for n, hop in enumerate(shortened):
        url = f"{hop.url.rpartition('/')[0]}/{n}"
        hops.append(dataclasses.replace(hop, url=url, actual=_leading_on(shortened, n, case.id)))
    request = dataclasses.replace(case.request, url=hops[0].url)
    return dataclasses.replace(case, request=request, hops=tuple(hops))


def _leading_on(hops: Sequence[Hop], number: int, case: str) -> Answer:
    answer = hops[number].actual
    lines = tuple(line for line in answer.headers if line[0] != "Location")
    if number == len(hops) - 1:
        redirects = range(301, 309)
        return Answer(200 if answer.status in redirects else answer.status, lines, answer.body)
    following = f"{hops[number + 1].url.partition('/c/')[0]}/c/{case}/{number + 1}"
    return Answer(answer.status, (*lines, ("Location", following)), answer.body)


def _smaller_answers(answer: Answer, kind: str) -> Iterator[Answer]:
    plain = 204 if kind == "preflight" else 200
    if answer.status != plain and (kind == "preflight" or not 301 <= answer.status <= 308):
        yield dataclasses.replace(answer, status=plain)
    for kept in _with_one_less(answer.headers):
        yield dataclasses.replace(answer, headers=kept)


def _with_one_less(
    lines: tuple[tuple[str, str], ...],
) -> Iterator[tuple[tuple[str, str], ...]]:
    for number in range(len(lines)):
        yield lines[:number] + lines[number + 1 :]


def _asking(case: Case, **changes: object) -> Case:
    return dataclasses.replace(case, request=dataclasses.replace(case.request, **changes))  # type: ignore[arg-type]


def _replaced(case: Case, *, page: str, origin: str) -> Case:
    smaller = _asking(case, origin=origin)
    answers = [
        dataclasses.replace(
            hop,
            preflight=_naming(hop.preflight, case.request.origin, origin),
            actual=_naming(hop.actual, case.request.origin, origin),
        )
        for hop in case.hops
    ]
    return dataclasses.replace(smaller, page=page, hops=tuple(answers))  # type: ignore[arg-type]


def _naming(answer: Answer, old: str, new: str) -> Answer:
    lines = tuple((name, new if value == old else value) for name, value in answer.headers)
    return dataclasses.replace(answer, headers=lines)
