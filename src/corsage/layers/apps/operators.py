"""Operators on what an expression is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corsage.layers.apps import tree
from corsage.layers.apps.checks import among, compared
from corsage.layers.apps.conditions import (
    Condition,
    HeaderGiven,
    Not,
    Unsure,
    both,
    either,
    negated,
)
from corsage.layers.apps.values import (
    Asked,
    Const,
    Either,
    Fields,
    Items,
    Joined,
    Made,
    Test,
    Thing,
    Unknown,
    Value,
    mentions_origin,
    truth,
)

if TYPE_CHECKING:
    from corsage.layers.apps.run import Run

PRODUCTION = ("production", "prod", "PRODUCTION")
"""What an environment is taken to be: the one that matters."""
_NOT_PRODUCTION = ("DEBUG", "isDev", "isDevelopment", "IS_DEV", "dev", "development")
_PRODUCTION_NAMES = ("PRODUCTION", "isProduction", "isProd", "IS_PRODUCTION", "is_production")
_YES = ("true", "True", "1", "yes", "on", True)
_LONGEST = 64 * 1024
MOST_ITEMS = 10_000
"""Of one list: ``a = b + b`` a hundred times is a short file."""


def truly(value: Value) -> Condition:
    """Whether a value counts as true, with what is assumed of a program in production."""
    match value:
        case Thing(name=name, at=at) | Made(name=name, at=at) | Unknown(env=name, at=at) if name:
            last = name.rpartition(".")[2]
            is_off = last in _NOT_PRODUCTION or last.lower() in ("debug", "dev")
            is_told = is_off or last in _PRODUCTION_NAMES or isinstance(value, Unknown)
            is_on = last in _PRODUCTION_NAMES if is_told else True
            of_origin = mentions_origin(value)
            return Unsure(f"{name} is not known", of_origin, is_on, at, arbitrary=not is_told)
    return truth(value)


def operate(run: Run, at: tree.At, op: str, operands: tuple[Value, ...]) -> Value:
    """What an operator makes of its operands."""
    match op, operands:
        case "not", (one,):
            return Test(at, negated(truly(one)))
        case (("and" | "or" | "??"), _):
            return _logic(at, op, operands)
        case (("==" | "!="), (left, right)):
            return Test(at, _equal(at, op, left, right))
        case (("in" | "not in"), (left, right)):
            condition = _contained(at, left, right)
            return Test(at, condition if op == "in" else negated(condition))
        case "key in", (left, Fields() as fields):
            keys = Items(fields.at, tuple(key for key, _ in fields.pairs))
            return Test(at, _contained(at, left, keys))
        case "+", _:
            return _sum(at, operands)
        case "-", (Const(value=int() | float() as number),):
            return Const(at, -number)
        case "~", (one,):
            return Test(at, negated(_compare(at, "==", one, Const(at, -1))))
        case (("*" | ">" | ">=" | "<" | "<=" | "-" | "/"), (left, right)):
            return _arithmetic(at, op, left, right)
        case "comprehension", (over, made, *kept):
            return comprehension(run, at, over, made, kept)
        case "await" | "void", (one,):
            return one
    return Unknown(at, "it is computed when the program runs", any(map(mentions_origin, operands)))


def _logic(at: tree.At, op: str, operands: tuple[Value, ...]) -> Value:
    *before, result = operands
    for value in reversed(before):
        condition = _is_there(value) if op == "??" else truly(value)
        if isinstance(condition, bool):
            takes_left = condition if op != "and" else not condition
            result = value if takes_left else result
        elif op != "and" and isinstance(value, Unknown) and value.env:
            result = _assumed(result, value.env)
        elif isinstance(value, Test) and isinstance(result, Test):
            join = both if op == "and" else either
            result = Test(at, join(condition, result.condition))
        elif op == "and":
            result = Either(at, condition, result, value)
        else:
            result = Either(at, condition, value, result)
    return result


def _is_there(value: Value) -> Condition:
    if isinstance(value, Const):
        return value.value is not None
    return truly(value)


def _assumed(value: Value, name: str) -> Value:
    match value:
        case Const(at=at, value=constant):
            return Const(at, constant, name)
        case Items(at=at, items=items):
            return Items(at, items, name)
    return value


def _equal(at: tree.At, op: str, left: Value, right: Value) -> Condition:
    condition = _compare(at, "==", left, right)
    return condition if op == "==" else negated(condition)


def _compare(at: tree.At, op: str, left: Value, right: Value) -> Condition:
    """``left == right``, or another comparison."""
    if isinstance(left, Either):
        yes, no = (_compare(at, op, one, right) for one in (left.yes, left.no))
        return either(both(left.condition, yes), both(negated(left.condition), no))
    if isinstance(right, Either):
        yes, no = (_compare(at, op, left, one) for one in (right.yes, right.no))
        return either(both(right.condition, yes), both(negated(right.condition), no))
    match left, right:
        case Const(value=one), Const(value=other):
            return _constants(op, one, other)
        case (Asked() as asked, Const(value=str() as text)) | (
            Const(value=str() as text),
            Asked() as asked,
        ) if op == "==":
            return compared(asked, "equals", text, at)
        case (Asked(part=part), Const(value=None)) | (Const(value=None), Asked(part=part)):
            return Not(HeaderGiven(part)) if part[0] != ":" else False
        case (Test(condition=condition), Const(value=None)) | (
            Const(value=None),
            Test(condition=condition),
        ):
            return negated(condition)  # a match that is none
        case (Test(condition=condition), Const(value=bool() as wanted)) | (
            Const(value=bool() as wanted),
            Test(condition=condition),
        ):
            return condition if wanted else negated(condition)
    of_origin = mentions_origin(left) or mentions_origin(right)
    known = right if isinstance(left, Thing | Unknown | Made) else left
    constant = known.value if isinstance(known, Const) else None
    named = {_named(one).rpartition(".")[2] for one in (left, right)} & {*_PRODUCTION_NAMES}
    is_production = constant in (PRODUCTION if not named else (*PRODUCTION, *_YES))
    why = next((_named(one) for one in (left, right) if _named(one)), "a comparison")
    of_env = any(isinstance(one, Unknown) and one.env for one in (left, right))
    arbitrary = not of_env and not is_production
    return Unsure(f"{why} is not known", of_origin, is_production, at, arbitrary)


def _named(value: Value) -> str:
    match value:
        case Unknown(env=name) | Thing(name=name) | Made(name=name):
            return name
    return ""


def _constants(op: str, left: object, right: object) -> bool:
    if op == "==":
        return left == right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[op]


def _contained(at: tree.At, left: Value, right: Value) -> Condition:
    match left, right:
        case Asked() as asked, Items() as items:
            return among(asked, items)
        case Asked() as asked, Fields(pairs=pairs):
            return among(asked, Items(at, tuple(key for key, _ in pairs)))
        case Const(value=str() as text), Asked() as asked:
            return compared(asked, "includes", text, at)
        case Const(value=one), Items(items=items) if all(isinstance(i, Const) for i in items):
            return any(isinstance(item, Const) and item.value == one for item in items)
        case Const(value=str() as text), Const(value=str() as whole):
            return text in whole
        case _, Either(condition=condition, yes=yes, no=no):
            inner = (_contained(at, left, yes), _contained(at, left, no))
            return either(both(condition, inner[0]), both(negated(condition), inner[1]))
    of_origin = mentions_origin(left) or mentions_origin(right)
    why = f"{_named(right) or 'the list'} is not known"
    return Unsure(why, of_origin, assumed=False, at=at)


def contained(at: tree.At, left: Value, right: Value) -> Condition:
    """``left in right``."""
    return _contained(at, left, right)


def _sum(at: tree.At, operands: tuple[Value, ...]) -> Value:
    if sum(len(one.items) for one in operands if isinstance(one, Items)) > MOST_ITEMS:
        return Unknown(at, "it is too large to be read")
    if all(isinstance(one, Items) for one in operands):
        return Items(at, tuple(i for one in operands if isinstance(one, Items) for i in one.items))
    if all(isinstance(one, Const) for one in operands):
        numbers = [one.value for one in operands if isinstance(one, Const)]
        if all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
            return Const(at, sum(n for n in numbers if isinstance(n, int | float)))
        texts = ["" if n is None else str(n) for n in numbers]
        assumed = next((o.assumed for o in operands if isinstance(o, Const) and o.assumed), "")
        if sum(map(len, texts)) > _LONGEST:
            return Unknown(at, "it is too large to be read")
        return Const(at, "".join(texts), assumed)
    if any(isinstance(one, Items) for one in operands):
        items: list[Value] = []
        for one in operands:
            if isinstance(one, Items):
                items += one.items
            elif isinstance(one, Either):
                items.append(one)
            else:
                why = one.why if isinstance(one, Unknown) else "what is added is not known"
                items.append(Unknown(one.at, why))
        return Items(at, tuple(items))
    missing = next((one for one in operands if isinstance(one, Unknown)), None)
    if missing is not None:
        of_origin = any(map(mentions_origin, operands))
        return Unknown(at, missing.why, of_origin, missing.env)
    if all(isinstance(one, Const | Asked | Either | Joined) for one in operands):
        kept = [one for one in operands if not (isinstance(one, Const) and one.value == "")]
        return kept[0] if len(kept) == 1 else Joined(at, tuple(kept))
    name = next((_named(one) for one in operands if _named(one)), "")
    why = f"{name} is known only when the program runs" if name else "it is computed"
    return Unknown(at, why, any(map(mentions_origin, operands)))


def _arithmetic(at: tree.At, op: str, left: Value, right: Value) -> Value:
    match left, right:
        case Const(value=int() | float() as one), Const(value=int() | float() as other):
            if op == "*":
                return Const(at, one * other if abs(one) + abs(other) < _LONGEST**2 else None)
            if op == "-":
                return Const(at, one - other)
            if op == "/":
                return Const(at, one / other) if other else Unknown(at, "it divides by zero")
            return Test(at, _constants(op, one, other))
    if op in (">", ">=", "<", "<="):
        return Test(at, _compare(at, op, left, right))
    return Unknown(at, "it is computed when the program runs")


def comprehension(
    run: Run, at: tree.At, over: Value, made: Value, kept: list[Value] | tuple[Value, ...]
) -> Value:
    """``[made(x) for x in over if kept(x)]``, and ``over.filter(kept).map(made)``."""
    match over:
        case Unknown(why=why, of_origin=of_origin, env=env):
            return Unknown(at, why, of_origin, env)
        case Items(items=items, assumed=assumed):
            pass
        case _:
            return Unknown(at, f"{_named(over) or 'the list'} is not known", mentions_origin(over))
    found: list[Value] = []
    for item in items:
        if isinstance(item, Unknown):
            found.append(item)
            continue
        condition = both(*(truly(run.call(at, test, [item], {})) for test in kept))
        if condition is False:
            continue
        value = run.call(at, made, [item], {})
        if condition is not True:
            value = Either(at, condition, value, Const(at, None))
        elif isinstance(value, Const) and isinstance(item, Const):
            value = Const(item.at, value.value, value.assumed or item.assumed)
        found.append(value)
    return Items(at if over.at == tree.NOWHERE else over.at, tuple(found), assumed)
