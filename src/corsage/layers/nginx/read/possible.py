"""Every origin at once, through a program that was written for one.

Where a decision depends on the origin, :class:`Possible` takes one way and leaves the others to
:func:`explore`, which runs the program again for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from corsage.layers.nginx.read.maps import Map
from corsage.layers.nginx.read.pcre import UnknownRegex
from corsage.layers.nginx.read.values import (
    ORIGIN,
    Unseen,
    Value,
    text_of,
    unseen_in,
)
from corsage.layers.nginx.read.ways import (
    Languages,
    Memo,
    TooManyPaths,
    Way,
    around_origin,
    origin_captured,
)
from corsage.layers.nginx.read.world import Answer, Chosen, Question, asked, captured
from corsage.layers.where import Where
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    exactly,
)

Result = TypeVar("Result")

_MOST_PATHS = 1000
_MOST_QUESTIONS_ON_A_PATH = 24


class Possible:
    """All origins, on one way through the configuration.

    ``script`` says which way to take at each fork; after its end the first is taken, and the
    scripts of the others are in ``left``. ``language`` are the origins that come this way (None:
    all), ``ways`` what was decided about them, ``guesses`` what was decided without knowing, and
    how. ``finite``: the origins that come this way, where they can be counted.
    """

    origin: Value = (ORIGIN,)

    def __init__(self, script: tuple[int, ...], memo: Memo) -> None:
        self._memo = memo
        self._within: Languages = ()
        self._besides: Languages = ()
        self.ways: list[Way] = []
        self.guesses: list[tuple[Unseen, int]] = []
        self.left: list[tuple[int, ...]] = []
        self._script = script
        self._taken: tuple[int, ...] = ()
        self.finite: frozenset[str] | None = None
        self._answers: dict[Question, bool] = {}
        self._equal: dict[Question, bool] = {}

    @property
    def language(self) -> OriginLanguage | None:
        """The origins that come this way; None: all."""
        if self.finite is not None:
            return exactly(*self.finite)
        if not self._within and not self._besides:
            return None
        return self._memo.composed(self._within, self._besides)

    def settle(self, value: Value) -> Value:
        """The value, with all that is not known."""
        return value

    def ask(self, value: Value, question: Question) -> Answer:
        """The answer for the origins that come this way."""
        text = text_of(value)
        operand = text_of(question.operand)
        if text is not None and operand is not None:
            try:
                return asked(text, question)
            except UnknownRegex as error:
                return Answer(self._guess(Unseen(str(error), question.where)))
        if question.kind == "set" and any(not isinstance(part, Unseen) for part in value):
            return Answer(True)
        if (unseen := unseen_in((*value, *question.operand))) is not None:
            return Answer(self._guess(unseen))
        if value == question.operand:
            return Answer(True)
        if operand is None or value.count(ORIGIN) != 1 or len(value) > 3:
            return Answer(self._guess(_not_followed(question.where)))
        return self._origin_asked(value, question, operand)

    def _origin_asked(self, value: Value, question: Question, operand: str) -> Answer:
        before, after = around_origin(value)
        if before is None or after is None:
            return Answer(self._guess(_not_followed(question.where)))
        if question.kind == "equal":
            return Answer(self._origin_equals(before, operand, after, question))
        if before or after:
            return Answer(self._guess(_not_followed(question.where)))
        holds = self._answers.get(question)
        if holds is None:
            try:
                holds = self._split(question, operand)
            except (UnsupportedPattern, Undecided) as error:
                return Answer(self._guess(Unseen(str(error), question.where)))
            self._answers[question] = holds
        return origin_captured(operand, question.where) if holds else Answer(False)

    def _origin_equals(self, before: str, operand: str, after: str, question: Question) -> bool:
        inner = operand[len(before) : len(operand) - len(after)]
        if before + inner + after != operand:
            return False
        if question not in self._equal:
            self._equal[question] = self._split(question, inner)
        return self._equal[question]

    def choose(self, table: Map, value: Value) -> Chosen:
        """The row for the origins that come this way."""
        text = text_of(value)
        where = table.directive.where
        if text is not None:
            try:
                row, match = table.lookup(text)
            except UnknownRegex as error:
                return self._any_row(table, Unseen(str(error), where))
            return Chosen(row, captured(match))
        if (unseen := unseen_in(value)) is not None:
            return self._any_row(table, unseen)
        try:
            options = self._memo.options(table, value)
        except (UnsupportedPattern, Undecided) as error:
            return self._any_row(table, Unseen(str(error), where))
        if options is None:
            return self._any_row(table, _not_followed(where))
        chosen = self._fork([way for way, _ in options])
        return options[chosen][1]

    def _any_row(self, table: Map, unseen: Unseen) -> Chosen:
        """Some row, one for each value that there is."""
        rows = list({row.value: row for row in table.rows}.values())
        if table.default is not None:
            rows.append(table.default)
        chosen = self._fork([Way(None) for _ in (*rows, None)])
        self.guesses.append((unseen, chosen))
        return Chosen([*rows, None][chosen], Answer(False))

    def _split(self, question: Question, text: str) -> bool:
        if len(self._answers) > _MOST_QUESTIONS_ON_A_PATH:
            raise TooManyPaths
        yes, no = self._memo.split(question, text)
        if self.finite is None:
            return self._fork([yes, no]) == 0
        inside = frozenset(each for each in self.finite if each in yes)
        outside = self.finite - inside
        if not inside or not outside:
            return bool(inside)
        within = Way(exactly(*inside), yes.entries, finite=inside)
        return self._fork([within, Way(exactly(*outside), finite=outside)]) == 0

    def _guess(self, unseen: Unseen) -> bool:
        way = self._fork([Way(None), Way(None)])
        self.guesses.append((unseen, way))
        return way == 0

    def _fork(self, ways: Sequence[Way]) -> int:
        depth = len(self._taken)
        if depth < len(self._script):
            chosen = self._script[depth]
        else:
            open_ways = [number for number, way in enumerate(ways) if self._leads_on(way)]
            chosen = open_ways[0] if open_ways else len(ways) - 1
            self.left += [(*self._taken, number) for number in open_ways[1:]]
        self._taken = (*self._taken, chosen)
        self._go(ways[chosen])
        return chosen

    def _go(self, way: Way) -> None:
        if way.entries:
            self.ways.append(way)
        if self.finite is not None:
            self.finite = frozenset(each for each in self.finite if each in way)
        elif way.finite is not None:
            self.finite = frozenset(each for each in way.finite if self._holds(each))
        if way.language is not None:
            self._within = (*self._within, way.language)
        self._besides = (*self._besides, *way.besides)

    def _holds(self, origin: str) -> bool:
        """Whether an origin comes this way."""
        return all(origin in each for each in self._within) and not any(
            origin in each for each in self._besides
        )

    def _leads_on(self, way: Way) -> bool:
        """Whether somebody can go it; "yes" where there is nothing to be gained by asking."""
        if self.finite is not None:
            return any(each in way for each in self.finite)
        if way.finite is not None:
            return any(self._holds(each) for each in way.finite)
        if way.language is None or (not self._within and not self._besides and not way.besides):
            return True
        return self._memo.meet(
            way.language,
            (*self._within, way.language),
            (*self._besides, *way.besides),
            len(self._answers) + 1,
        )


def explore(program: Callable[[Possible], Result], memo: Memo) -> Iterator[tuple[Possible, Result]]:
    """Every way through a program, with its result. Raises TooManyPaths."""
    scripts: list[tuple[int, ...]] = [()]
    for _ in range(_MOST_PATHS):
        if not scripts:
            return
        world = Possible(scripts.pop(), memo)
        result = program(world)
        scripts += reversed(world.left)
        yield world, result
    if scripts:
        raise TooManyPaths


def _not_followed(where: Where) -> Unseen:
    return Unseen("the value is made of the origin and more, which is not followed here", where)
