"""The functions and methods of the languages themselves that decide about origins."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from corsage.layers.apps import tree
from corsage.layers.apps.checks import How, Match, compared, is_of_origin, matched
from corsage.layers.apps.conditions import (
    Condition,
    HeaderGiven,
    MethodIs,
    OriginIn,
    Unsure,
    either,
)
from corsage.layers.apps.operators import MOST_ITEMS, comprehension, contained, truly
from corsage.layers.apps.values import (
    Asked,
    Closure,
    Const,
    Either,
    Fields,
    Items,
    Joined,
    Klass,
    Made,
    Pattern,
    Test,
    Thing,
    Unknown,
    Value,
    mentions_origin,
)
from corsage.layers.urls import split_url

if TYPE_CHECKING:
    from corsage.layers.apps.run import Run

_LONGEST = 64 * 1024
_HEADERS = {"headers", "header", "META", "get_headers"}
_ENVIRONMENTS = ("process.env", "os.environ", "import.meta.env", "Deno.env", "Bun.env")
_ENV_CALLS = {
    "os.getenv",
    "os.environ.get",
    "getenv",
    "System.getenv",
    "Deno.env.get",
    "environ.get",
    "os.environ.setdefault",
}
_LISTS = {
    "list",
    "tuple",
    "set",
    "frozenset",
    "sorted",
    "Set",
    "Array.from",
    "Object.freeze",
    "Array",
    "LinkedHashSet",
    "HashSet",
    "ArrayList",
    "List.copyOf",
    "Collections.unmodifiableList",
    "json.loads",
    "JSON.parse",
}
_LIST_OF = {
    "Arrays.asList",
    "List.of",
    "Set.of",
    "Collections.singletonList",
    "Collections.singleton",
    "ImmutableList.of",
    "Array.of",
    "listOf",
    "Stream.of",
}
_REGEXES = {"re.compile", "RegExp", "Pattern.compile", "regex.compile"}
_MATCHES: dict[str, Match] = {"match": "prefix", "fullmatch": "full", "search": "search"}
_HOWS: dict[str, How] = {
    "startswith": "starts",
    "startsWith": "starts",
    "endswith": "ends",
    "endsWith": "ends",
    "includes": "includes",
    "contains": "includes",
    "equals": "equals",
    "equalsIgnoreCase": "equals",
}
_SAME = {
    "lower",
    "toLowerCase",
    "trim",
    "strip",
    "toString",
    "valueOf",
    "casefold",
    "asList",
    "stream",
    "toList",
    "collect",
    "values",
    "list",
    "flat",
    "decode",
    "encode",
}
_MUTATIONS = {"append", "push", "add", "extend", "unshift", "insert", "update", "addAll"}


def member_of(run: Run, at: tree.At, of: Value, name: str) -> Value:
    """``of.name``."""
    match of:
        case Thing(name=path):
            return _of_thing(at, path, name, of)
        case Fields():
            found = of.get(name)
            if found is not None:
                return found
            missing = Unknown(at, of.rest) if of.rest else None
            return missing or Made(at, name, of=of)
        case Made(klass=Klass() as klass):
            return _of_class(at, of, klass, name)
        case Klass(names=names) if name in names.own:
            return names.own[name]
        case Asked(part="origin") | Made(name="URL" | "urlparse" | "urlsplit"):
            return _of_origin(at, of, name)
        case Unknown(env=env) if env:
            return Unknown(at, of.why, of.of_origin, env)
        case Either(condition=condition, yes=yes, no=no):
            chosen, other = member_of(run, at, yes, name), member_of(run, at, no, name)
            return Either(at, condition, chosen, other)
        case Items(items=items) if name == "length":
            return Const(at, len(items))
    return Made(at, name, of=of)


def _of_thing(at: tree.At, path: str, name: str, of: Thing) -> Value:
    if path in _ENVIRONMENTS and name not in ("get", "setdefault"):
        return environment(at, name)
    last = path.rpartition(".")[2]
    if last in _HEADERS and (not of.imported or "request" in path):
        asked = _request_header(at, name)
        if asked is not None:
            return asked
    if name == "method" and path != "this" and (not of.imported or last == "request"):
        return Asked(at, ":method")
    if name in ("path", "path_info", "pathname", "originalUrl", "url") and last in (
        "req",
        "request",
        "ctx",
        "nextUrl",
        "self",
    ):
        return Asked(at, ":path")
    return Thing(at, f"{path}.{name}", of.imported)


def environment(at: tree.At, name: str) -> Unknown:
    """An environment variable."""
    return Unknown(at, f"{name} is an environment variable", env=name)


def _request_header(at: tree.At, name: str) -> Asked | None:
    name = name.lower().replace("_", "-").removeprefix("http-")
    if name in ("get", "has", "set", "append", "getone", "items", "keys"):
        return None
    is_asked = name in ("origin", "authorization", "cookie", "host") or name.startswith("access-")
    return Asked(at, name) if is_asked else None


def _of_class(at: tree.At, of: Made, klass: Klass, name: str) -> Value:
    found = klass.names.own.get(name)
    if found is None:
        return Made(at, name, of=of)
    if isinstance(found, Closure):
        return Closure(found.at, found.function, found.names, of)
    bases = " ".join(tree.dotted(base) for base in klass.definition.bases)
    if "Settings" in bases and isinstance(found, Const | Items):
        if isinstance(found, Const):
            return Const(found.at, found.value, name.upper())
        return Items(found.at, found.items, name.upper())
    return found


def _of_origin(at: tree.At, of: Value, name: str) -> Value:
    if isinstance(of, Made):
        first = of.arg(0)
        if isinstance(first, Either):
            yes, no = (Made(of.at, of.name, (one,)) for one in (first.yes, first.no))
            chosen, other = _of_origin(at, yes, name), _of_origin(at, no, name)
            return Either(at, first.condition, chosen, other)
        if isinstance(first, Const) and isinstance(first.value, str):
            return Const(at, _host(first.value, name))
        if not (isinstance(first, Asked) and first.part == "origin"):
            return Made(at, name, of=of)
        if name in ("hostname", "host", "netloc"):
            return Asked(at, ":hostname" if name == "hostname" else ":host")
        return Asked(at, "origin") if name == "origin" else Unknown(at, "part of a URL", True)
    return Made(at, name, of=of)


def _host(url: str, name: str) -> str | None:
    try:
        parts = split_url(url)
    except ValueError:
        return None
    if name == "hostname":
        return parts.hostname
    return parts.netloc if name in ("host", "netloc") else None


def call_known(
    run: Run, at: tree.At, function: Value, args: list[Value], named: dict[str, Value]
) -> Value | None:
    """What a call gives, if it is of a function that is known here."""
    match function:
        case Thing(name=name):
            return _function(run, at, function, name, args, named)
        case Made(name=name, of=of) if of is not None and not function.args:
            return _method(run, at, name, of, args, named)
        case Unknown(why=why, of_origin=of_origin, env=env) if env:
            return Unknown(at, why, of_origin, env)
    return None


def _function(
    run: Run, at: tree.At, thing: Thing, name: str, args: list[Value], named: dict[str, Value]
) -> Value | None:
    first = args[0] if args else None
    text = first.value if isinstance(first, Const) and isinstance(first.value, str) else None
    if name in _ENV_CALLS and text is not None:
        default = args[1] if len(args) > 1 else named.get("default")
        return environment(at, text) if default is None else _by_default(default, text)
    asked = _asked_by(at, thing, name, text)
    if asked is not None:
        if isinstance(asked, Asked) and len(args) > 1 and asked.part[0] != ":":
            return Either(at, HeaderGiven(asked.part), asked, args[1])
        return asked
    if "default" in named and text is not None:
        return _configured(at, named, text)
    last = name.rpartition(".")[2]
    if name in _LISTS or (not thing.imported and last in ("Set", "HashSet", "ArrayList")):
        return _as_list(at, first)
    if name in _LIST_OF:
        return Items(at, tuple(args))
    if name in _REGEXES and isinstance(first, Const | Pattern):
        flags = args[1].value if len(args) > 1 and isinstance(args[1], Const) else ""
        flag_names = args[1].name if len(args) > 1 and isinstance(args[1], Thing) else ""
        if flag_names.endswith((".I", ".IGNORECASE", "CASE_INSENSITIVE")):
            flags = "i"
        if isinstance(first, Pattern):
            return Pattern(first.at, first.text, first.flags)
        return Pattern(at, str(first.value), str(flags or ""))
    if name in ("re.match", "re.fullmatch", "re.search") and len(args) >= 2:
        return _matched(run, at, args[0], args[1], _MATCHES[last])
    if name == "Pattern.matches" and len(args) == 2:
        return _matched(run, at, args[0], args[1], "full")
    if last in ("timedelta", "Duration"):
        return _duration(at, args, named)
    if name in ("any", "all") and isinstance(first, Items):
        parts = [truly(item) for item in first.items]
        return Test(at, either(*parts)) if name == "any" else None
    if name in ("bool", "Boolean", "str", "String", "int", "Number", "parseInt") and first:
        return Test(at, truly(first)) if name in ("bool", "Boolean") else first
    if name in ("isinstance", "len"):
        return Unknown(at, "it is computed when the program runs")
    return None


_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1, "weeks": 604800}


def _duration(at: tree.At, args: list[Value], named: dict[str, Value]) -> Value | None:
    parts = dict(zip(("days", "seconds"), args, strict=False)) | named
    total: float = 0
    for name, value in parts.items():
        number = value.value if isinstance(value, Const) else None
        if name not in _SECONDS or not isinstance(number, int | float):
            return None
        total += _SECONDS[name] * number
    return Const(at, int(total))


def _asked_by(at: tree.At, thing: Thing, name: str, text: str | None) -> Value | None:
    """``req.get('origin')``, ``request.headers.get("Origin")``, ``request.getMethod()``."""
    path, _, last = name.rpartition(".")
    if not path or (thing.imported and "request" not in path):
        return None
    if last == "getMethod" and text is None:
        return Asked(at, ":method")
    if last in ("getRequestURI", "getServletPath") and text is None:
        return Asked(at, ":path")
    if text is None or last not in ("get", "header", "getHeader", "getFirst", "getOrigin"):
        return None
    owner = path.rpartition(".")[2]
    if last == "get" and owner not in (*_HEADERS, "req", "request", "ctx", "environ", "scope"):
        return None
    if path.split(".", 1)[0] in ("res", "response", "resp", "reply"):
        return None
    return _request_header(at, text)


def _by_default(default: Value, name: str) -> Value:
    match default:
        case Const(at=at, value=value) if value is not None:
            return Const(at, value, name)
        case Items(at=at, items=items):
            return Items(at, items, name)
        case Const(at=at):
            return environment(at, name)
    return default


def _configured(at: tree.At, named: dict[str, Value], name: str) -> Value:
    """``config("NAME", default="a,b", cast=Csv())`` of decouple and environ."""
    default = _by_default(named["default"], name)
    cast = named.get("cast")
    is_list = isinstance(cast, Made | Thing) and "csv" in cast.name.lower()
    if is_list and isinstance(default, Const) and isinstance(default.value, str):
        return _split(at, default, ",", trim=True)
    return default


def _as_list(at: tree.At, first: Value | None) -> Value | None:
    match first:
        case None:
            return Items(at, ())
        case Items(items=items, assumed=assumed):
            return Items(first.at, items, assumed)
        case Either(condition=condition, yes=yes, no=no):
            chosen, other = _as_list(at, yes), _as_list(at, no)
            return Either(at, condition, chosen, other) if chosen and other else None
        case Unknown():
            return first
        case Const(value=str() as text, assumed=assumed) if text.startswith("["):
            try:
                loaded = json.loads(text)
            except (ValueError, RecursionError):
                return None
            known = (Const(first.at, one, assumed) for one in loaded if isinstance(one, str))
            return Items(first.at, tuple(known), assumed)
    return first if isinstance(first, Fields) else None


def _split(at: tree.At, text: Const, separator: str, *, trim: bool = False) -> Items:
    parts = str(text.value).split(separator) if separator else list(str(text.value))
    items: list[Value] = []
    line, column, end_line, _, file = text.at
    offset = 1
    for part in parts:
        start = column + offset + (len(part) - len(part.lstrip()) if trim else 0)
        kept = part.strip() if trim else part
        place = tree.At(line, start, end_line, start + len(kept), file)
        items.append(Const(place, kept, text.assumed))
        offset += len(part) + len(separator)
    return Items(at, tuple(items), text.assumed)


def _matched(run: Run, at: tree.At, pattern: Value, asked: Value, match: Match) -> Value:
    if isinstance(pattern, Const) and isinstance(pattern.value, str):
        pattern = Pattern(pattern.at, pattern.value)
    if isinstance(pattern, Pattern) and isinstance(asked, Asked) and asked.part == "origin":
        condition = matched(
            pattern.text,
            pattern.flags,
            run.dialect,
            match,
            pattern.text,
            pattern.at,
        )
        return Test(at, condition)
    if isinstance(asked, Either):
        yes = _matched(run, at, pattern, asked.yes, match)
        no = _matched(run, at, pattern, asked.no, match)
        return Either(at, asked.condition, yes, no)
    if isinstance(pattern, Pattern) and isinstance(asked, Const):
        found = matched(pattern.text, pattern.flags, run.dialect, match, "", at)
        if isinstance(found, OriginIn):
            return Const(at, str(asked.value or "") in found.language.machine)
    of_origin = mentions_origin(asked) or mentions_origin(pattern)
    return Unknown(at, "the regular expression is not known", of_origin)


def _method(
    run: Run, at: tree.At, name: str, of: Value, args: list[Value], named: dict[str, Value]
) -> Value | None:
    """``of.name(...)``."""
    if isinstance(of, Either) and name not in _MUTATIONS:
        yes = _method(run, at, name, of.yes, args, named)
        no = _method(run, at, name, of.no, args, named)
        return Either(at, of.condition, yes, no) if yes is not None and no is not None else None
    match of:
        case Asked() as asked:
            return _of_asked(run, at, name, asked, args)
        case Const(value=str()):
            return _of_text(at, name, of, args)
        case Pattern():
            if name in ("test", "exec", *_MATCHES) and args:
                how: Match = "search" if name in ("test", "exec") else _MATCHES[name]
                return _matched(run, at, of, args[0], how)
        case Items():
            return _of_list(run, at, name, of, args)
        case Unknown(why=why, of_origin=of_origin, env=env):
            return Unknown(at, why, of_origin or any(map(mentions_origin, args)), env)
        case Fields() if name == "get" and args and isinstance(args[0], Const):
            found = of.get(str(args[0].value))
            return found or (args[1] if len(args) > 1 else Const(at, None))
        case Fields() if name in ("hasOwnProperty", "containsKey", "has") and args:
            keys = Items(of.at, tuple(key for key, _ in of.pairs))
            return Test(at, contained(at, args[0], keys))
        case Joined() if name in _SAME:
            return of
        case Made() if name in _READS:
            return _variable(at, args)
    return None


_READS = {"get", "getOrThrow", "get_or_throw"}
_VARIABLE = re.compile("[A-Z][A-Z0-9_]{2,}")


def _variable(at: tree.At, args: list[Value]) -> Value | None:
    """``config.get('CORS_ORIGINS')``: a name in capitals is an environment variable's."""
    name = args[0].value if args and isinstance(args[0], Const) else None
    if not isinstance(name, str) or _VARIABLE.fullmatch(name) is None:
        return None
    given = args[1] if len(args) > 1 else None
    return environment(at, name) if given is None else _by_default(given, name)


def _of_asked(run: Run, at: tree.At, name: str, asked: Asked, args: list[Value]) -> Value | None:
    first = args[0] if args else None
    if name in _SAME:
        return asked
    if name == "upper" or name == "toUpperCase":
        return asked
    if name in _HOWS and isinstance(first, Const) and isinstance(first.value, str):
        return Test(at, compared(asked, _HOWS[name], first.value, first.at))
    if name in _HOWS and isinstance(first, Items):  # Python: endswith((a, b))
        parts = [
            compared(asked, _HOWS[name], item.value, item.at)
            if isinstance(item, Const) and isinstance(item.value, str)
            else _not_seen(at, asked)
            for item in first.items
        ]
        return Test(at, either(*parts))
    if name == "match" and isinstance(first, Pattern):
        return _matched(run, at, first, asked, "search")
    if name == "matches" and isinstance(first, Const):
        return _matched(run, at, first, asked, "full")
    if name in ("indexOf", "find", "search") and isinstance(first, Const):
        inside = compared(asked, "includes", str(first.value), first.at)
        begins = compared(asked, "starts", str(first.value), first.at)
        found = Either(at, begins, Const(at, 0), Const(at, 1))
        return Either(at, inside, found, Const(at, -1))
    return Unknown(at, f"{name}() is not followed", is_of_origin(asked))


def _not_seen(at: tree.At, asked: Asked) -> Condition:
    return Unsure("an entry is not known", is_of_origin(asked), assumed=False, at=at)


def _of_text(at: tree.At, name: str, of: Const, args: list[Value]) -> Value | None:
    first = args[0] if args else None
    text = str(of.value)
    if name == "split":
        separator = first.value if isinstance(first, Const) else None
        if isinstance(first, Pattern):
            return _split(at, of, ",", trim=True)
        return _split(at, of, str(separator)) if separator else Items(at, (of,), of.assumed)
    changed: dict[str, Callable[[], str]] = {
        "trim": text.strip,
        "strip": text.strip,
        "toLowerCase": text.lower,
        "lower": text.lower,
        "toUpperCase": text.upper,
        "upper": text.upper,
        "toString": lambda: text,
        "rstrip": lambda: text.rstrip(
            str(first.value) if isinstance(first, Const) and first.value else None
        ),
    }
    if name in changed:
        return Const(of.at, changed[name](), of.assumed)
    if name in ("includes", "indexOf", "startsWith", "equals", "equalsIgnoreCase") and isinstance(
        first, Asked
    ):
        if name.startswith("equals"):
            return Test(at, compared(first, "equals", text, of.at))
        # The text holds the origin, rather than the other way round: every part of it passes.
        return Unknown(at, "a text is searched for the origin", is_of_origin(first))
    if name in _HOWS and first is not None:
        listed = first.items if isinstance(first, Items) else (first,)
        others = [str(one.value) for one in listed if isinstance(one, Const)]
        if len(others) == len(listed):
            return Test(at, any(_passes(_HOWS[name], text, other) for other in others))
    if name == "join" and isinstance(first, Items):
        texts = [item.value for item in first.items if isinstance(item, Const)]
        if len(texts) == len(first.items):
            return Const(at, text.join(map(str, texts)), first.assumed)
    if name == "equals" and isinstance(first, Asked) and first.part == ":method":
        return Test(at, MethodIs(text))
    return None


def _passes(how: How, text: str, other: str) -> bool:
    if how == "starts":
        return text.startswith(other)
    if how == "ends":
        return text.endswith(other)
    return other in text if how == "includes" else text == other


def _of_list(run: Run, at: tree.At, name: str, of: Items, args: list[Value]) -> Value | None:
    first = args[0] if args else None
    match name:
        case "includes" | "has" | "contains" | "__contains__" if first is not None:
            return Test(at, contained(at, first, of))
        case "indexOf" if first is not None:
            return Either(at, contained(at, first, of), Const(at, 0), Const(at, -1))
        case "some" | "find" | "findIndex" | "anyMatch" | "any" if first is not None:
            return _some(run, at, name, of, first)
        case "map" if first is not None:
            if isinstance(first, Thing):
                return of
            return comprehension(run, at, of, first, [])
        case "filter" if first is not None:
            kept = [item for item in of.items if not (isinstance(item, Const) and not item.value)]
            if isinstance(first, Closure):
                same = Closure(first.at, _identity(first.at), run.names)
                return comprehension(run, at, of, same, [first])
            return Items(of.at, tuple(kept), of.assumed)
        case "concat" | "union":
            more = [arg.items if isinstance(arg, Items) else (arg,) for arg in args]
            return Items(at, (*of.items, *(item for part in more for item in part)), of.assumed)
        case "join":
            texts = [item.value for item in of.items if isinstance(item, Const)]
            separator = str(first.value) if isinstance(first, Const) else ","
            if len(texts) == len(of.items):
                return Const(at, separator.join(map(str, texts)), of.assumed)
            return Unknown(at, "an entry is not known")
        case name if name in _MUTATIONS:
            return _changed(run, at, name, of, args)
        case name if name in _SAME or name in ("copy", "slice", "toArray"):
            return of
    return None


def _identity(at: tree.At) -> tree.Function:
    return tree.Function(at, ("it",), (tree.Return(at, tree.Name(at, "it")),))


def _some(run: Run, at: tree.At, name: str, of: Items, test: Value) -> Value:
    parts: list[Condition] = []
    for item in of.items:
        if isinstance(item, Unknown):
            parts.append(Unsure(item.why, of_origin=True, assumed=False, at=item.at))
        else:
            parts.append(truly(run.call(at, test, [item], {})))
    condition = either(*parts)
    if name == "find":
        return Either(at, condition, Asked(at, "origin"), Const(at, None))
    if name == "findIndex":
        return Either(at, condition, Const(at, 0), Const(at, -1))
    return Test(at, condition)


def _changed(run: Run, at: tree.At, name: str, of: Items, args: list[Value]) -> Value:
    added: list[Value] = []
    for arg in args[1:] if name == "insert" else args:
        known = arg.items if isinstance(arg, Items) and name != "append" else None
        if known is not None and name in ("extend", "update", "addAll"):
            added += known
        elif isinstance(arg, Unknown | Thing) and name in ("extend", "update", "addAll"):
            why = arg.why if isinstance(arg, Unknown) else f"{arg.name} is not known"
            added.append(Unknown(at, why))
        else:
            added.append(arg)
    if len(added) + len(of.items) > MOST_ITEMS:
        added = [Unknown(at, "it is too large to be read")]
    items = (*added, *of.items) if name in ("unshift", "insert") else (*of.items, *added)
    run.replace(of, Items(of.at, items, of.assumed))
    return Const(at, None)
