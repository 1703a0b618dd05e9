"""Runs a module as far as its text shows, for any request at once.

Names are bound to :mod:`~corsage.layers.apps.values`; a branch that depends on the request, or on
what cannot be known, is taken both ways, each under its condition. What comes out is the calls
that are made, in their order. Nothing is executed; a budget ends what would not end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from corsage.layers.apps import tree
from corsage.layers.apps.conditions import Condition, Unsure, both, either, negated
from corsage.layers.apps.events import Called, Event, Left, Stored
from corsage.layers.apps.known import call_known, member_of
from corsage.layers.apps.operators import MOST_ITEMS, operate, truly
from corsage.layers.apps.values import (
    Closure,
    Const,
    Either,
    Fields,
    Items,
    Klass,
    Made,
    Pattern,
    Test,
    Thing,
    Unknown,
    Value,
    mentions_origin,
)

MOST_STEPS = 60_000
"""Expressions that are looked at in one module."""
_DEEPEST_CALL = 8
_LONGEST_LOOP = 64

Imported = Callable[[str, str], Value | None]
"""The value that another file of the project exports, by its module and name."""


class Names:
    """Variables, and those around them."""

    def __init__(self, around: Names | None = None, *, is_module: bool = False) -> None:
        self.own: dict[str, Value] = {}
        self.around = around
        self.is_module = is_module

    def find(self, name: str) -> Names | None:
        """The names among which one is bound."""
        names: Names | None = self
        while names is not None and name not in names.own:
            names = names.around
        return names


class Run:
    """One module on its way."""

    def __init__(self, module: tree.Module, imported: Imported | None = None) -> None:
        self.module = module
        self.dialect = module.dialect
        self.imported = imported or (lambda _source, _name: None)
        self.names = Names(is_module=True)
        self.events: list[Event] = []
        self.seen: set[int] = set()
        self._steps = MOST_STEPS
        self._calls: list[int] = []
        self._levels = 0
        self._active: list[Names] = []

    def start(self) -> list[Event]:
        """Runs the top of the module."""
        with self.recorded() as events:
            self._hoist(self.module.body, self.names)
            self.statements(self.module.body, self.names, True)
        return events

    @contextmanager
    def recorded(self) -> Iterator[list[Event]]:
        """Collects the events of what runs inside apart from the others."""
        outer, self.events = self.events, []
        try:
            yield self.events
        finally:
            self.events = outer

    def functions(self) -> Iterator[tuple[Closure, list[Event]]]:
        """Runs every function of the module that has not run yet, with unknown arguments."""
        for node, names in self._left_over(self.module.body, self.names):
            if id(node) in self.seen:
                continue
            closure = Closure(node.at, node, names)
            yield closure, self.handler(closure)

    def _left_over(
        self, nodes: Sequence[tree.Node], names: Names, depth: int = 0
    ) -> Iterator[tuple[tree.Function, Names]]:
        for node in nodes:
            if isinstance(node, tree.ClassDef):
                klass = names.own.get(node.name)
                if not isinstance(klass, Klass):
                    klass = self._klass(node, names)
                inside, below = self._inside(klass), node.body
            elif isinstance(node, tree.Function):
                yield node, names
                inside, below = names, node.body
            else:
                inside, below = names, tuple(tree.kids(node))
            if depth < 3 * tree.DEEPEST:
                yield from self._left_over(below, inside, depth + 1)

    def _inside(self, klass: Klass) -> Names:
        names = Names(klass.names)
        made = Made(klass.at, klass.definition.name, klass=klass)
        names.own |= {"this": made, "self": made}
        return names

    def handler(self, closure: Closure, *args: Value) -> list[Event]:
        """The events of one call, its own end (Left) among them. What is not given of the
        arguments is unknown."""
        function = closure.function
        others = function.params[len(args) :]
        given = [*args, *(Thing(function.at, name or "?") for name in others)]
        with self.recorded() as events:
            self._enter(closure, given, {}, True)
        return events

    def _hoist(self, nodes: Sequence[tree.Node], names: Names) -> None:
        # Functions and classes are there before the statements above them run.
        for node in nodes:
            if isinstance(node, tree.Function) and node.name:
                names.own[node.name] = Closure(node.at, node, names)
            elif isinstance(node, tree.ClassDef):
                names.own[node.name] = self._klass(node, names)

    def _klass(self, node: tree.ClassDef, names: Names) -> Klass:
        own = Names(names)
        klass = Klass(node.at, node, own)
        self._hoist(node.body, own)
        if not any(isinstance(one, tree.Function) and one.at == node.at for one in node.body):
            fields = [one for one in node.body if isinstance(one, tree.Assign)]
            with self.recorded():
                self.statements(fields, own, True)
        return klass

    # Statements

    def statements(self, nodes: Sequence[tree.Node], names: Names, when: Condition) -> Condition:
        """Runs them; what comes back is when the statement after them is reached."""
        self._levels += 1
        try:
            for node in nodes:
                if when is False or self._levels > 4 * tree.DEEPEST:
                    break
                when = self._statement(node, names, when)
        finally:
            self._levels -= 1
        return when

    def _statement(self, node: tree.Node, names: Names, when: Condition) -> Condition:
        match node:
            case tree.Assign():
                self._assign(node, names, when)
            case tree.If(test=test, then=then, otherwise=otherwise):
                return self._branch(test, then, otherwise, names, when)
            case tree.Loop():
                self._loop(node, names, when)
            case tree.Return(value=value, raises=raises, at=at):
                left = None if value is None else self.value(value, names, when)
                self.events.append(Left(left, when, at, raises))
                return False
            case tree.Block(body=body, handlers=handlers):
                self._hoist(body, names)
                when = self.statements(body, names, when)
                failed = Unsure("an exception", of_origin=False, assumed=False, at=node.at)
                self.statements(handlers, names, both(when, failed))
            case tree.Function(name=name) if name:
                names.own[name] = Closure(node.at, node, names)
                self._decorated(node, names, when)
            case tree.ClassDef(name=name):
                names.own[name] = klass = self._klass(node, names)
                for decorator in node.decorators:
                    self._call_with(decorator, klass, names, when)
            case tree.Import(local=local, source=source, name=name, at=at):
                names.own[local] = imported = self._import(at, source, name)
                if local == "*" and isinstance(imported, Fields):
                    names.own |= _named_by(imported)
            case tree.Opaque(kids=kids):
                # What it does with its parts is not known, but that it has them is.
                return self.statements(kids, names, when)
            case _:
                self.value(node, names, when)
        return when

    def _import(self, at: tree.At, source: str, name: str) -> Value:
        known = self.imported(source, name)
        if known is not None:
            return known
        full = source if name in ("*", "default") else f"{source}.{name}"
        return Thing(at, full, imported=True)

    def _decorated(self, node: tree.Function, names: Names, when: Condition) -> None:
        closure = names.own[node.name]
        for decorator in reversed(node.decorators):
            self._call_with(decorator, closure, names, when)

    def _call_with(self, decorator: tree.Node, given: Value, names: Names, when: Condition) -> None:
        """``@decorator`` on a function or class: a call with it as the argument."""
        value = self.value(decorator, names, when)
        made = Made(decorator.at, _name(value), (given,), of=value)
        self.events.append(Called(made, when))

    def _branch(
        self,
        test: tree.Node,
        then: Sequence[tree.Node],
        otherwise: Sequence[tree.Node],
        names: Names,
        when: Condition,
    ) -> Condition:
        condition = truly(self.value(test, names, when))
        yes, no = both(when, condition), both(when, negated(condition))
        after_yes = self.statements(then, names, yes) if yes is not False else False
        after_no = self.statements(otherwise, names, no) if no is not False else False
        if after_yes is yes and after_no is no:
            return when
        return either(after_yes, after_no)

    def _loop(self, node: tree.Loop, names: Names, when: Condition) -> None:
        over = None if node.over is None else self.value(node.over, names, when)
        over = simple(over)[0]
        if isinstance(over, Items) and len(over.items) <= _LONGEST_LOOP:
            for item in over.items:
                names.own[node.target] = item
                when = self.statements(node.body, names, when)
            return
        if node.target:
            names.own[node.target] = Unknown(node.at, "it is one of many")
        self.statements(node.body, names, when)

    def _assign(self, node: tree.Assign, names: Names, when: Condition) -> None:
        value = self.value(node.value, names, when)
        if node.op:
            before = self.value(node.target, names, when)
            value = operate(self, node.at, node.op, (before, value))
        match node.target:
            case tree.Name(name=name):
                self.bind(name, value, names, when)
            case tree.Member(of=of, name=name):
                self._store(self.value(of, names, when), name, value, when, node)
            case tree.Index(of=of, key=key):
                key_value = self.value(key, names, when)
                text = key_value.value if isinstance(key_value, Const) else "?"
                self._store(self.value(of, names, when), str(text), value, when, node)

    def _store(
        self, of: Value, name: str, value: Value, when: Condition, node: tree.Assign
    ) -> None:
        if isinstance(of, Either):
            self._store(of.yes, name, value, both(when, of.condition), node)
            self._store(of.no, name, value, both(when, negated(of.condition)), node)
            return
        self.events.append(Stored(of, name, value, when, node.at))
        if isinstance(of, Fields):
            pair = (Const(node.at, name), value)
            self.replace(of, Fields(of.at, (*of.pairs, pair), of.rest))

    def bind(self, name: str, value: Value, names: Names, when: Condition) -> None:
        """``name = value``: of the variable that is there, or a new one."""
        home = names.find(name) or names
        if self.dialect == "python" and home is not names and not home.is_module:
            home = names
        # At the top of a module a name may stay unset. In a function it is read where it is set.
        old = home.own.get(name, Const(value.at, None) if home.is_module else None)
        if when is not True and old is not None:
            value = Either(value.at, when, value, old)
        home.own[name] = value

    def replace(self, old: Value, new: Value) -> None:
        """What a list or dict has become, by whatever names it is known."""
        for known in (*self._active, self.names):
            scope: Names | None = known
            while scope is not None:
                for name, value in scope.own.items():
                    if value is old:
                        scope.own[name] = new
                scope = scope.around

    # Expressions

    def value(self, node: tree.Node, names: Names, when: Condition) -> Value:
        """What an expression is."""
        self._steps -= 1
        if self._steps < 0:
            return Unknown(node.at, "the file is too large to be read")
        match node:
            case tree.Literal(at=at, value=value):
                return Const(at, value)
            case tree.Regex(at=at, text=text, flags=flags):
                return Pattern(at, text, flags)
            case tree.Name():
                return self._named(node, names)
            case tree.Member(of=of, name=name, at=at):
                return member_of(self, at, self.value(of, names, when), name)
            case tree.Index(of=of, key=key, at=at):
                return self._indexed(at, self.value(of, names, when), self.value(key, names, when))
            case tree.ListOf(at=at, items=items):
                return self._list(at, items, names, when)
            case tree.MapOf(at=at, pairs=pairs):
                return self._map(at, pairs, names, when)
            case tree.Function():
                return Closure(node.at, node, names)
            case tree.ClassDef():
                return self._klass(node, names)
            case tree.Op(at=at, op="?:", operands=(test, yes, no)):
                condition = truly(self.value(test, names, when))
                if isinstance(condition, bool):
                    return self.value(yes if condition else no, names, when)
                chosen = self.value(yes, names, both(when, condition))
                other = self.value(no, names, both(when, negated(condition)))
                return Either(at, condition, chosen, other)
            case tree.Op(at=at, op=op, operands=operands):
                return operate(
                    self, at, op, tuple(self.value(one, names, when) for one in operands)
                )
            case tree.Call():
                return self._call(node, names, when)
            case tree.Assign():
                self._assign(node, names, when)
                return self.value(node.target, names, when)
            case tree.Spread(of=of):
                return self.value(of, names, when)
            case tree.Opaque(kids=kids):
                inner = [self.value(one, names, when) for one in kids if _is_expression(one)]
                of_origin = any(map(mentions_origin, inner))
                return Unknown(node.at, "it is computed when the program runs", of_origin)
        self._statement(node, names, when)
        return Unknown(node.at, "it is computed when the program runs")

    def _named(self, node: tree.Name, names: Names) -> Value:
        home = names.find(node.name)
        if home is None:
            if node.name == "undefined":
                return Const(node.at, None)
            return Thing(node.at, node.name)
        return home.own[node.name]

    def _indexed(self, at: tree.At, of: Value, key: Value) -> Value:
        of = simple(of)[0] or of
        if isinstance(key, Const) and isinstance(of, Items) and isinstance(key.value, int):
            if -len(of.items) <= key.value < len(of.items):
                return of.items[key.value]
        elif isinstance(key, Const):
            return member_of(self, at, of, str(key.value))
        return Unknown(at, "it is one of many", mentions_origin(key) or mentions_origin(of))

    def _list(
        self, at: tree.At, nodes: Sequence[tree.Node], names: Names, when: Condition
    ) -> Value:
        items: list[Value] = []
        for node in nodes:
            if not isinstance(node, tree.Spread):
                items.append(self.value(node, names, when))
                continue
            spread, notes = simple(self.value(node.of, names, when))
            if isinstance(spread, Items):
                items += spread.items
                notes += [spread.assumed] if spread.assumed else []
                if notes:
                    items.append(Unknown(node.at, f"{notes[0]} may add to it"))
            else:
                items.append(Unknown(node.at, _why(spread, "what it unpacks is not known")))
        if len(items) > MOST_ITEMS:
            return Unknown(at, "it is too large to be read")
        return Items(at, tuple(items))

    def _map(
        self,
        at: tree.At,
        nodes: Sequence[tuple[tree.Node | None, tree.Node]],
        names: Names,
        when: Condition,
    ) -> Value:
        pairs: list[tuple[Value, Value]] = []
        rest = ""
        for key, node in nodes:
            value = self.value(node, names, when)
            if key is not None:
                pairs.append((self.value(key, names, when), value))
                continue
            value = simple(value)[0] or value
            if isinstance(value, Fields):
                pairs += value.pairs
                rest = rest or value.rest
            else:
                rest = _why(value, "it unpacks what is not known")
        self._steps -= len(pairs)
        return Fields(at, tuple(pairs), rest)

    def _call(self, node: tree.Call, names: Names, when: Condition) -> Value:
        function = self.value(node.function, names, when)
        args: list[Value] = []
        spread = ""
        for arg in node.args:
            if not isinstance(arg, tree.Spread):
                args.append(self.value(arg, names, when))
                continue
            value = simple(self.value(arg.of, names, when))[0]
            if isinstance(value, Items):
                args += value.items
            elif isinstance(value, Fields) and self.dialect == "python":
                args.append(value)
                spread = "**"
            else:
                args.append(Unknown(arg.at, _why(value, "it unpacks what is not known")))
                spread = "**"
        named = {name: self.value(value, names, when) for name, value in node.named}
        if spread and isinstance(fields := args[-1], Fields):
            args.pop()
            named |= _named_by(fields)
        elif spread:
            named["**"] = args.pop()
        return self.call(node.at, function, args, named, when)

    def call(
        self,
        at: tree.At,
        function: Value,
        args: list[Value],
        named: dict[str, Value],
        when: Condition = True,
    ) -> Value:
        """What a call gives. What cannot be seen through is an event, and a Made."""
        if isinstance(function, Either):
            function = simple(function)[0] or function
        if isinstance(function, Either):
            chosen, other = both(when, function.condition), both(when, negated(function.condition))
            yes = self.call(at, function.yes, args, named, chosen)
            no = self.call(at, function.no, args, named, other)
            return Either(at, function.condition, yes, no)
        if isinstance(function, Closure):
            return self._enter(function, args, named, when)
        known = call_known(self, at, function, args, named)
        if known is not None:
            return known
        klass = function if isinstance(function, Klass) else None
        of: Value | None = None
        if isinstance(function, Made):
            of = function if function.of is None else function.of
        made = Made(at, _name(function), tuple(args), named, of, klass)
        self.events.append(Called(made, when))
        return made

    def _enter(
        self, closure: Closure, args: Sequence[Value], named: dict[str, Value], when: Condition
    ) -> Value:
        function = closure.function
        self.seen.add(id(function))
        if id(function) in self._calls or len(self._calls) >= _DEEPEST_CALL:
            return Unknown(function.at, "it calls itself, or is too deep to be followed")
        names = Names(closure.names)
        params = function.params
        if closure.of is not None and params[:1] in (("self",), ("cls",)):
            names.own[params[0]] = closure.of
            params = params[1:]
        for number, name in enumerate(params):
            missing = Const(function.at, None)
            given = args[number] if number < len(args) else named.get(name, missing)
            names.own[name] = given
        self._calls.append(id(function))
        self._active.append(names)
        outer, self.events = self.events, []
        try:
            self._hoist(function.body, names)
            self.statements(function.body, names, when)
            inner = self.events
        finally:
            self.events = outer
            self._calls.pop()
            self._active.pop()
        ends = [one for one in inner if isinstance(one, Left) and not one.raises]
        is_outermost = not self._calls
        self.events += inner if is_outermost else [one for one in inner if one not in ends]
        result: Value = Const(function.at, None)
        for end in reversed(ends):
            value = end.value or Const(end.at, None)
            same = end.when is when or end.when is True
            result = value if same else Either(end.at, end.when, value, result)
        return result


def simple(value: Value | None) -> tuple[Value | None, list[str]]:
    """A value for which the request has no part in the choice, and what was assumed for it."""
    notes: list[str] = []
    while isinstance(value, Either):
        condition = value.condition
        if isinstance(condition, bool):
            value = value.yes if condition else value.no
        elif isinstance(condition, Unsure) and condition.arbitrary:
            return Unknown(value.at, condition.why, condition.of_origin), notes
        elif isinstance(condition, Unsure) and not condition.of_origin:
            notes.append(condition.why)
            value = value.yes if condition.assumed else value.no
        else:
            break
    match value:
        case Test(at=at, condition=bool() as condition):
            value = Const(at, condition)
        case Test(at=at, condition=Unsure(arbitrary=True) as doubt):
            return Unknown(at, doubt.why, doubt.of_origin), notes
        case Test(at=at, condition=Unsure(of_origin=False) as doubt):
            notes.append(doubt.why)
            value = Const(at, doubt.assumed)
    return value, notes


def _named_by(fields: Fields) -> dict[str, Value]:
    named = {str(key.value): value for key, value in fields.pairs if isinstance(key, Const)}
    if fields.rest:
        named["**"] = Unknown(fields.at, fields.rest)
    return named


def _name(value: Value) -> str:
    match value:
        case Thing(name=name) | Made(name=name):
            return name
        case Klass(definition=definition):
            return definition.name
    return "?"


def _why(value: Value | None, otherwise: str) -> str:
    return value.why if isinstance(value, Unknown) else otherwise


def _is_expression(node: tree.Node) -> bool:
    return not isinstance(node, tree.Return | tree.If | tree.Loop | tree.Block | tree.Import)
