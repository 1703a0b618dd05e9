"""Python as :mod:`~corsage.layers.apps.tree`, by the standard library's own parser."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

from corsage.layers.apps import tree
from corsage.layers.source import Source, UnreadableError
from corsage.layers.where import Where

_LOGIC: dict[type[ast.AST], str] = {
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "==",
    ast.IsNot: "!=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Not: "not",
    ast.Add: "+",
    ast.Mult: "*",
    ast.USub: "-",
}


def lower(source: Source) -> tree.Module:
    """The tree of a file. Raises UnreadableError for what this Python cannot parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's style is not our affair
            parsed = ast.parse(source.text)
    except SyntaxError as error:
        lines = tuple(source.text.splitlines())
        line = error.lineno or 0
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        where = Where(source.path, line, error.offset or 0, text[:500])
        raise UnreadableError(where, f"not Python: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        message = "not Python, or nested too deeply to be read"
        raise UnreadableError(Where(source.path), message) from error
    lines = tuple(source.text.splitlines())
    return tree.Module(
        source.path, "python", _Lowering(source.path, lines).block(parsed.body), lines
    )


class _Lowering:
    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self._path = path
        self._lines = lines
        self._depth = 0

    def block(self, statements: Iterable[ast.stmt]) -> tuple[tree.Node, ...]:
        return tuple(node for one in statements for node in self._statement(one))

    def _at(self, node: ast.AST) -> tree.At:
        line, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
        first, last = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0) or 0
        start, stop = self._column(line, first), self._column(end, last)
        return tree.At(line, start, end, stop, self._path)

    def _column(self, line: int, offset: int) -> int:
        # ast counts bytes, editors count characters.
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        if not text.isascii():
            offset = len(text.encode(errors="replace")[:offset].decode(errors="replace"))
        return offset + 1

    def _statement(self, node: ast.stmt) -> list[tree.Node]:
        self._depth += 1
        try:
            if self._depth > tree.DEEPEST:
                return [tree.Opaque(self._at(node))]
            return self._known_statement(node)
        finally:
            self._depth -= 1

    def _known_statement(self, node: ast.stmt) -> list[tree.Node]:
        at = self._at(node)
        match node:
            case ast.Assign(targets=targets, value=value):
                lowered = self.expression(value)
                return [tree.Assign(at, self.expression(one), lowered) for one in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return [tree.Assign(at, self.expression(target), self.expression(value))]
            case ast.AugAssign(target=target, op=op, value=value):
                name = _LOGIC.get(type(op), "?")
                return [tree.Assign(at, self.expression(target), self.expression(value), name)]
            case ast.If(test=test, body=body, orelse=orelse):
                then, otherwise = self.block(body), self.block(orelse)
                return [tree.If(at, self.expression(test), then, otherwise)]
            case ast.For(target=ast.Name(id=name), iter=over, body=body, orelse=orelse) | (
                ast.AsyncFor(target=ast.Name(id=name), iter=over, body=body, orelse=orelse)
            ):
                loop = tree.Loop(at, name, self.expression(over), self.block(body))
                return [loop, *self.block(orelse)]
            case ast.While(body=body) | ast.For(body=body) | ast.AsyncFor(body=body):
                return [tree.Loop(at, "", None, self.block(body))]
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                caught = tuple(one for handler in handlers for one in self.block(handler.body))
                return [tree.Block(at, self.block([*body, *orelse]), caught), *self.block(final)]
            case ast.With(body=body, items=items) | ast.AsyncWith(body=body, items=items):
                entered = [self.expression(item.context_expr) for item in items]
                return [*entered, tree.Block(at, self.block(body))]
            case ast.Return(value=value):
                return [tree.Return(at, self._optional(value))]
            case ast.Raise(exc=value):
                return [tree.Return(at, self._optional(value), raises=True)]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return [self._function(node, at)]
            case ast.ClassDef(name=name, bases=bases, body=body, decorator_list=decorators):
                lowered_bases = self._all(bases)
                own = self.block(body)
                return [tree.ClassDef(at, name, lowered_bases, own, self._all(decorators))]
            case ast.Import(names=names):
                return [self._imported(at, one.name, "*", one) for one in names]
            case ast.ImportFrom(names=names, module=module, level=level):
                source = "." * level + (module or "")
                return [self._imported(at, source, one.name, one) for one in names]
            case ast.Expr(value=value):
                return [self.expression(value)]
        inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        below = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
        return [tree.Opaque(at, (*self._all(inner), *self.block(below)))]

    def _imported(self, at: tree.At, source: str, name: str, alias: ast.alias) -> tree.Import:
        if name == "*" and alias.name != "*":  # import a.b binds a
            local = alias.asname or source.partition(".")[0]
            return tree.Import(at, local, source if alias.asname else local, "*")
        return tree.Import(at, alias.asname or alias.name, source, name)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, at: tree.At
    ) -> tree.Function:
        takes = node.args
        params = tuple(one.arg for one in (*takes.posonlyargs, *takes.args, *takes.kwonlyargs))
        if isinstance(node, ast.Lambda):
            value = self.expression(node.body)
            return tree.Function(at, params, (tree.Return(value.at, value),))
        decorators = self._all(node.decorator_list)
        return tree.Function(at, params, self.block(node.body), node.name, decorators)

    def _optional(self, node: ast.expr | None) -> tree.Node | None:
        return None if node is None else self.expression(node)

    def _all(self, nodes: Iterable[ast.expr]) -> tuple[tree.Node, ...]:
        return tuple(map(self.expression, nodes))

    def expression(self, node: ast.expr) -> tree.Node:
        self._depth += 1
        try:
            if self._depth > tree.DEEPEST:
                return tree.Opaque(self._at(node))
            return self._known(node)
        finally:
            self._depth -= 1

    def _known(self, node: ast.expr) -> tree.Node:
        at = self._at(node)
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return tree.Literal(at, value)
            case ast.Name(id=name):
                return tree.Name(at, name)
            case ast.Attribute(value=of, attr=name):
                return tree.Member(at, self.expression(of), name)
            case ast.Subscript(value=of, slice=ast.Constant(value=str() as name)):
                return tree.Member(at, self.expression(of), name)
            case ast.Subscript(value=of, slice=key):
                return tree.Index(at, self.expression(of), self.expression(key))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return tree.ListOf(at, self._all(items))
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                lowered = ((self._optional(key), self.expression(v)) for key, v in pairs)
                return tree.MapOf(at, tuple(lowered))
            case ast.Starred(value=of):
                return tree.Spread(at, self.expression(of))
            case ast.Call():
                return self._call(node, at)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.expression(value)
            case ast.Lambda():
                return self._function(node, at)
            case ast.JoinedStr(values=values):
                return tree.Op(at, "+", self._all(values))
            case ast.FormattedValue(value=value):
                return self.expression(value)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return tree.Op(at, "?:", self._all([test, body, orelse]))
            case ast.BoolOp(op=op, values=values):
                return tree.Op(at, _LOGIC[type(op)], self._all(values))
            case ast.UnaryOp(op=op, operand=operand):
                return tree.Op(at, _LOGIC.get(type(op), "?"), (self.expression(operand),))
            case ast.BinOp(op=ast.Add()):
                return tree.Op(at, "+", self._all(_summands(node)))
            case ast.BinOp(left=left, op=op, right=right):
                return tree.Op(at, _LOGIC.get(type(op), "?"), self._all([left, right]))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return tree.Op(at, _LOGIC.get(type(op), "?"), self._all([left, right]))
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                return self._comprehension(node, at)
        inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        return tree.Opaque(at, self._all(inner))

    def _call(self, node: ast.Call, at: tree.At) -> tree.Node:
        args = self._all(node.args)
        named = []
        for keyword in node.keywords:
            value = self.expression(keyword.value)
            if keyword.arg is None:
                args = (*args, tree.Spread(value.at, value))
            else:
                named.append((keyword.arg, value))
        return tree.Call(at, self.expression(node.func), args, tuple(named))

    def _comprehension(
        self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, at: tree.At
    ) -> tree.Node:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=over, ifs=tests)]:
                value = self.expression(node.elt)
                made = tree.Function(node_at := value.at, (name,), (tree.Return(node_at, value),))
                kept = [
                    tree.Function(test.at, (name,), (tree.Return(test.at, test),))
                    for test in self._all(tests)
                ]
                return tree.Op(at, "comprehension", (self.expression(over), made, *kept))
        inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        return tree.Opaque(at, self._all(inner))


def _summands(node: ast.expr) -> list[ast.expr]:
    """``a + b + c``, which is nested to the left as deep as it is long."""
    found = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]
