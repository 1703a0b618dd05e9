"""Conditions: ``if`` and ``unless`` with named and anonymous ACLs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from corsage.layers.haproxy.read.samples import Exchange, UnknownSample, sample
from corsage.layers.haproxy.read.syntax import Word
from corsage.layers.possible import ORIGIN, Check, Kind

Acls: TypeAlias = Mapping[str, Sequence[Sequence[Word]]]
"""The definitions of each name: an expression, flags, patterns."""

_METHODS = {
    "METH_CONNECT": ("CONNECT",),
    "METH_DELETE": ("DELETE",),
    "METH_GET": ("GET", "HEAD"),
    "METH_HEAD": ("HEAD",),
    "METH_OPTIONS": ("OPTIONS",),
    "METH_POST": ("POST",),
    "METH_PUT": ("PUT",),
    "METH_TRACE": ("TRACE",),
}
_ALWAYS = {"TRUE": True, "FALSE": False, "HTTP": True, "HTTP_1.1": True, "WAIT_END": True}
_KINDS: dict[str, Kind] = {
    "str": "exact",
    "beg": "prefix",
    "end": "suffix",
    "sub": "contains",
    "reg": "search",
}


def holds(words: Sequence[Word], acls: Acls, exchange: Exchange) -> bool:
    """Whether the condition that ``words`` end with (``if ...``, ``unless ...``) holds."""
    for number, word in enumerate(words):
        if word.text in ("if", "unless"):
            return _either(words[number + 1 :], acls, exchange) == (word.text == "if")
    return True


def before_condition(words: Sequence[Word]) -> Sequence[Word]:
    """The words up to the condition."""
    for number, word in enumerate(words):
        if word.text in ("if", "unless"):
            return words[:number]
    return words


def _either(words: Sequence[Word], acls: Acls, exchange: Exchange) -> bool:
    held, at = True, 0
    while at < len(words):
        text = words[at].text
        if text in ("||", "or", "OR"):
            if held:
                return True
            held, at = True, at + 1
            continue
        negated = text.startswith("!")
        name = text.removeprefix("!")
        if not name and at + 1 < len(words):
            at += 1
            name = words[at].text
        if name == "{":
            end = next((n for n in range(at, len(words)) if words[n].text == "}"), len(words))
            if held:
                held = _acl(words[at + 1 : end], exchange) != negated
            at = end + 1
            continue
        if held:
            held = _named(name, acls, exchange) != negated
        at += 1
    return held


def _named(name: str, acls: Acls, exchange: Exchange) -> bool:
    if name in acls:
        return any(_acl(definition, exchange) for definition in acls[name])
    if name in _METHODS:
        return exchange.method in _METHODS[name]
    return _ALWAYS.get(name, False)


def _acl(words: Sequence[Word], exchange: Exchange) -> bool:
    if not words:
        return False
    try:
        found = sample(words[0].text, exchange)
    except UnknownSample as error:
        return exchange.world.guess(str(error), words[0].where, False)
    kind, ignore_case, at = "", False, 1
    files: list[Word] = []
    while at < len(words) and words[at].text.startswith("-"):
        flag = words[at].text
        at += 1
        if flag == "--":
            break
        if flag == "-i":
            ignore_case = True
        elif flag in ("-m", "-f", "-M", "-u") and at < len(words):
            if flag == "-m":
                kind = words[at].text
            elif flag == "-f":
                files.append(words[at])
            at += 1
    patterns = list(words[at:])
    if kind == "found":
        return found.text is not None
    if found.text is None:
        return False
    kind = kind or found.suffix or _default(words[0].text, [*files, *patterns])
    values = found.several or (found.text,)
    if kind == "bool":
        return any(value not in ("", "0") for value in values)
    if kind in ("int", "len"):
        return any(_number(value, kind, patterns) for value in values)
    checks = []
    for file in files:
        rows = exchange.files.get(file.text.rpartition("/")[2])
        if rows is None:
            why = f"{file.text} is not among what was read"
            return exchange.world.guess(why, file.where, False)
        checks += [_check(kind, text, where, ignore_case) for text, where in rows]
    checks += [_check(kind, word.text, word.where, ignore_case) for word in patterns]
    return any(exchange.world.ask(value, checks) for value in values)


def _check(kind: str, text: str, where: object, ignore_case: bool) -> Check:
    shown = text
    if kind == "dom":
        # A domain between dots, slashes or ends.
        quoted = "".join(f"\\{c}" if c in ".+*?()[]{}|^$\\" else c for c in text)
        return Check("search", f"(?:^|[./:?]){quoted}(?:[./:?]|$)", where, ignore_case, "pcre")  # type: ignore[arg-type]  # a place
    if kind == "dir":
        kind, text = "sub", f"/{text.strip('/')}"
    dialect = "pcre"
    return Check(_KINDS.get(kind, "exact"), text, where, ignore_case, dialect, shown=shown)  # type: ignore[arg-type]  # a place, and a literal


def _default(expression: str, patterns: Sequence[Word]) -> str:
    name = expression.partition("(")[0].partition(",")[0]
    if name.endswith(("_cnt", "_rate")) or name in ("status", "nbsrv"):
        return "int"
    if not patterns or name in ("ssl_fc", "bool") or name.startswith(("http_auth", "always_")):
        return "bool"
    return "str"


def _number(value: str, kind: str, patterns: Sequence[Word]) -> bool:
    if kind == "len":
        # Nobody's origin is empty, and none is long.
        number = 30 if ORIGIN in value else len(value)
    elif value.lstrip("-").isdecimal() and len(value) < 20:
        number = int(value)
    else:
        return False
    operator = "eq"
    for word in patterns:
        text = word.text
        if text in ("eq", "gt", "ge", "lt", "le"):
            operator = text
            continue
        low, colon, high = text.partition(":")
        if not low.isdecimal() or len(low) > 19 or (high and not high.isdecimal()):
            continue
        least = int(low)
        if colon and least <= number and (not high or number <= int(high[:19])):
            return True
        tests = {
            "eq": number == least,
            "gt": number > least,
            "ge": number >= least,
            "lt": number < least,
            "le": number <= least,
        }
        if not colon and tests[operator]:
            return True
    return False
