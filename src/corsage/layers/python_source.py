"""CORS settings in Python source, read without running it.

Found are the arguments of Starlette's ``CORSMiddleware`` (FastAPI's too) and of flask-cors's
``CORS``, and the settings of django-cors-headers. A value is known if it is a literal, or a name
that the module binds once, at its top level, to a known value and never changes. Everything else
is unknown and said to be: nothing is guessed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Library: TypeAlias = Literal["Starlette", "django-cors-headers", "flask-cors"]

MOST_CHARACTERS = 1024 * 1024
"""Of one file; what is larger is data, not settings."""

DJANGO_SETTINGS = (
    "CORS_ALLOWED_ORIGINS",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ALLOW_ALL_ORIGINS",
    "CORS_ALLOW_METHODS",
    "CORS_ALLOW_HEADERS",
    "CORS_EXPOSE_HEADERS",
    "CORS_ALLOW_CREDENTIALS",
    "CORS_PREFLIGHT_MAX_AGE",
    "CORS_URLS_REGEX",
)
_DJANGO_OLD_NAMES = {
    "CORS_ORIGIN_WHITELIST": "CORS_ALLOWED_ORIGINS",
    "CORS_ORIGIN_REGEX_WHITELIST": "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ORIGIN_ALLOW_ALL": "CORS_ALLOW_ALL_ORIGINS",
}
_STARLETTE = {"starlette.middleware.cors.CORSMiddleware", "fastapi.middleware.cors.CORSMiddleware"}
_FLASK = {"flask_cors.CORS", "flask_cors.extension.CORS"}
_WORDS = ("CORSMiddleware", "flask_cors", "CORS_")
_FLASK_VIEW = {"flask_cors.cross_origin", "flask_cors.decorator.cross_origin"}
# corsheaders.defaults (4.9), which settings extend.
_KNOWN_IMPORTS = {
    "corsheaders.defaults.default_headers": (
        "accept",
        "authorization",
        "content-type",
        "user-agent",
        "x-csrftoken",
        "x-requested-with",
    ),
    "corsheaders.defaults.default_methods": ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"),
}
_COPIES = {"list", "tuple", "set", "frozenset"}
_READERS = _COPIES | {"len", "print", "sorted"}
# What may bind any name without naming it.
_BINDERS = {"exec", "globals", "locals", "vars"}
# Values that are built while one module is read: ``a = b + b`` a hundred times is a short file.
_MOST_VALUES = 100_000
_DEEPEST = 50
_END = 2**31  # a line after all others


class SourceError(ValueError):
    """Not Python that this Python can parse; the message says where."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A setting whose value the source does not show, and why. ``name`` ``*``: any of them."""

    name: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a library is told its settings: what is known of them, and what is not."""

    library: Library
    line: int
    values: dict[str, Any]
    unknown: tuple[Unknown, ...] = ()


def uses(source: str) -> list[Use]:
    """The places in a module, in their order. Raises :class:`SourceError`."""
    # Most files of a project say nothing of it, and parsing takes its time.
    if not any(word in source for word in _WORDS):
        return []
    module = _Module(_parsed(source))
    found = [use for node in ast.walk(module.tree) if (use := _call(node, module))]
    found += _django(module)
    return sorted(found, key=lambda use: use.line)


def _parsed(source: str) -> ast.Module:
    if len(source) > MOST_CHARACTERS:
        raise SourceError(f"larger than {MOST_CHARACTERS // 2**20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's style is not our affair
            return ast.parse(source)
    except SyntaxError as error:
        raise SourceError(f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError("not Python, or nested too deeply to be read") from error


class _NotKnown(Exception):  # noqa: N818 -- a reason on its way to an Unknown
    """Why a value cannot be known."""


class _Module:
    """The names of a module: what they are bound to, and how often."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.imports: dict[str, str] = {}
        self.bound: Counter[str] = Counter()
        self.stars: list[int] = []
        self.top: dict[str, tuple[int, ast.expr]] = {}
        self.changed: set[str] = set()
        self._left = _MOST_VALUES
        nodes = [*ast.walk(tree)]
        for node in nodes:
            self._note_names(node)
        for statement in tree.body:
            for name, value in _assigned(statement):
                self.top[name] = statement.lineno, value
        self._note_changes(nodes)

    def _note_names(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._note_import(node)
        elif isinstance(node, ast.Name):
            self.bound[node.id] += not isinstance(node.ctx, ast.Load)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _BINDERS:
                self.stars.append(_END)
        elif not isinstance(node, ast.keyword | ast.alias):
            for field in ("name", "arg", "rest"):  # of functions, handlers, arguments, patterns
                if isinstance(name := getattr(node, field, None), str):
                    self.bound[name] += 1

    def _note_changes(self, nodes: list[ast.AST]) -> None:
        """Which names' lists and dicts may not stay what they were bound to."""
        given = {
            id(inner)
            for node in nodes
            if isinstance(node, ast.Call) and _library(node, self) is not None
            for keyword in node.keywords
            for inner in ast.walk(keyword)
        }
        aliases = []
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=other)], value=ast.Name(id=name)):
                    aliases.append((name, other))
                    continue
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Name) and not (
                    id(child) in given or _leaves_alone(node, child)
                ):
                    self.changed.add(child.id)
        # The last alias first: what changes a list by one name changes it by all.
        for name, other in reversed(aliases):
            if other in self.changed or self.bound[other] != 1:
                self.changed.add(name)

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        origin = ""
        if isinstance(node, ast.ImportFrom):
            # A relative import is a module of the project's own.
            origin = "." * node.level + (node.module or "") + "."
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(node.lineno)
                continue
            local = alias.asname or alias.name.partition(".")[0]
            self.bound[local] += 1
            self.imports[local] = origin + (alias.name if alias.asname or origin else local)

    def dotted(self, node: ast.AST) -> str:
        """``flask_cors.CORS``, by whatever name it was imported; empty for what is no import."""
        below = ""
        while isinstance(node, ast.Attribute):
            below = f".{node.attr}{below}"
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.imports:
            return ""
        return self.imports[node.id] + below

    def value(self, node: ast.expr, depth: int = 0) -> Any:
        """The value of an expression. Raises _NotKnown."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise _NotKnown("it is too large to be read")
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [value for item in items for value in self._items(item, depth)]
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._sum(self.value(left, depth + 1), self.value(right, depth + 1))
            case ast.Name(id=name):
                return self.named(name, node, depth)
            case ast.Attribute():
                return self._imported(node)
            case ast.Call():
                return self._called(node, depth)
        raise _NotKnown("it is computed when the program runs")

    def _items(self, item: ast.expr, depth: int) -> list[Any]:
        if not isinstance(item, ast.Starred):
            return [self.value(item, depth + 1)]
        values = self.value(item.value, depth + 1)
        if not isinstance(values, list | tuple):
            raise _NotKnown("what it unpacks is no list")
        return list(values)

    def _dict(
        self, keys: list[ast.expr | None], values: list[ast.expr], depth: int
    ) -> dict[Any, Any]:
        found = {}
        for key, value in zip(keys, values, strict=True):
            if key is None:
                raise _NotKnown("it unpacks another dict")
            name = self.value(key, depth + 1)
            if not isinstance(name, str | re.Pattern):
                raise _NotKnown("a key of it is no text")
            found[name] = self.value(value, depth + 1)
        return found

    def _sum(self, left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str):
            self._left -= len(left) + len(right)
            return left + right
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            self._left -= len(left) + len(right)
            return [*left, *right]
        raise _NotKnown("it is computed when the program runs")

    def named(self, name: str, use: ast.expr, depth: int = 0) -> Any:
        """The value of a name where it is used. Raises _NotKnown."""
        if name in self.imports and self.bound[name] == 1:
            return self._imported(use)
        if self.bound[name] != 1 or name not in self.top:
            raise _NotKnown(f"{name} is not bound once, at the top of the module")
        line, value = self.top[name]
        if line >= use.lineno:
            raise _NotKnown(f"{name} is bound after it is used")
        if any(line < star for star in self.stars):
            raise _NotKnown(f"{name} may be bound again by an import of * or by exec")
        found = self.value(value, depth + 1)
        if isinstance(found, list | dict) and name in self.changed:
            raise _NotKnown(f"{name} may be changed after it is bound")
        return found

    def _imported(self, node: ast.expr) -> Any:
        dotted = self.dotted(node)
        if dotted in _KNOWN_IMPORTS:
            return _KNOWN_IMPORTS[dotted]
        raise _NotKnown("it comes from elsewhere")

    def _called(self, node: ast.Call, depth: int) -> Any:
        if len(node.args) == 1 and not node.keywords:
            if isinstance(node.func, ast.Name) and not self.bound[node.func.id]:
                is_copy = node.func.id in _COPIES
                values = self.value(node.args[0], depth + 1) if is_copy else None
                if isinstance(values, list | tuple):
                    return list(values)
            elif self.dotted(node.func) == "re.compile":
                text = self.value(node.args[0], depth + 1)
                if isinstance(text, str):
                    return _compiled(text)
        raise _NotKnown("it is computed when the program runs")


def _compiled(text: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise _NotKnown("it is no regular expression") from error


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value


def _leaves_alone(parent: ast.AST, name: ast.Name) -> bool:
    """Whether a list with this name is the same after ``parent`` used it."""
    if not isinstance(name.ctx, ast.Load):
        return True  # a binding, which is counted
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Name) and parent.func.id in _READERS
    reading = ast.BinOp | ast.Starred | ast.Compare | ast.For | ast.comprehension | ast.Expr
    return isinstance(parent, reading)


def _library(node: ast.Call, module: _Module) -> Library | None:
    called = module.dotted(node.func)
    # Also app.add_middleware(CORSMiddleware, ...) and Middleware(CORSMiddleware, ...)
    if called in _STARLETTE or (node.args and module.dotted(node.args[0]) in _STARLETTE):
        return "Starlette"
    return "flask-cors" if called in _FLASK | _FLASK_VIEW else None


def _call(node: ast.AST, module: _Module) -> Use | None:
    library = _library(node, module) if isinstance(node, ast.Call) else None
    if library is None or not isinstance(node, ast.Call):
        return None
    why = None
    if library == "flask-cors" and module.dotted(node.func) in _FLASK_VIEW:
        why = "cross_origin() is about one view, whose path is the router's"
    elif library == "flask-cors" and not node.args and not node.keywords:
        why = "the app and its options come by init_app()"
    if why is not None:
        return Use(library, node.lineno, {}, (Unknown("resources", node.lineno, why),))
    return _use(library, node, node.args[1:], module)


def _use(library: Library, node: ast.Call, others: list[ast.expr], module: _Module) -> Use:
    values: dict[str, Any] = {}
    unknown = []
    if others:
        why = "arguments without a name are not read; write allow_origins=..."
        unknown.append(Unknown("*", node.lineno, why))
    for keyword in node.keywords:
        if keyword.arg is None:
            unknown.append(Unknown("*", keyword.value.lineno, "it unpacks a dict"))
            continue
        try:
            values[keyword.arg] = module.value(keyword.value)
        except _NotKnown as error:
            unknown.append(Unknown(keyword.arg, keyword.value.lineno, str(error)))
    if library == "flask-cors":
        values.pop("app", None)
        unknown = [u for u in unknown if u.name != "app"] + _flask_config(module)
    return Use(library, node.lineno, values, tuple(unknown))


def _flask_config(module: _Module) -> list[Unknown]:
    """``app.config["CORS_..."] = ...``, which flask-cors reads as well."""
    return [
        Unknown("*", node.lineno, f"{name} is set in a configuration")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        if isinstance(node.slice, ast.Constant)
        if isinstance(name := node.slice.value, str) and name.startswith("CORS_")
    ]


def _django(module: _Module) -> list[Use]:
    names = {name: name for name in DJANGO_SETTINGS} | _DJANGO_OLD_NAMES
    given = {
        node.id: node.lineno
        for node in reversed([*ast.walk(module.tree)])
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Store)
    }
    if not given:
        return []
    values: dict[str, Any] = {}
    unknown = []
    end = ast.Name("", ast.Load(), lineno=_END)
    for name in given:
        try:
            values[names[name]] = module.named(name, end)
        except _NotKnown as error:
            unknown.append(Unknown(names[name], given[name], str(error)))
    if module.stars:
        why = "an import of * or an exec may set what this module does not"
        unknown.append(Unknown("*", min(given.values()), why))
    return [Use("django-cors-headers", min(given.values()), values, tuple(unknown))]
