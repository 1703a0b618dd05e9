"""Apache's expressions, as ``<If>``, ``expr=`` and ``Require expr`` have them."""

from __future__ import annotations

import re

from corsage.layers.httpd.read.exchange import Exchange, search
from corsage.layers.possible import Check
from corsage.layers.where import Where

_TOKENS = re.compile(
    r"""\s*(?:
    (?P<regex>m(?P<mark>[#|,!^"'%;:])(?:(?!(?P=mark)).)*(?P=mark)[a-z]*|/(?:\\.|[^/\\])*/[a-z]*)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<variable>%\{[^{}]*\})
    |(?P<operator>&&|\|\||==|!=|=~|!~|<=|>=|[!(){},<>=]|-[a-zA-Z]{1,8}\b)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*|-?\d+)
    )""",
    re.VERBOSE,
)
_VARIABLE = re.compile(r"%\{([^{}]*)\}")
_LONGEST = 5000
_NUMBERS = ("-eq", "-ne", "-lt", "-le", "-gt", "-ge")


class _NotFollowed(Exception):  # noqa: N818 -- an answer: it is not known
    pass


def holds(text: str, exchange: Exchange, where: Where) -> bool:
    """Whether an expression holds; guessed where it is not followed."""
    try:
        return _Expression(text, exchange, where).value()
    except (_NotFollowed, RecursionError):
        return exchange.world.guess(f"{text[:60]} is not followed here", where, False)


def string(text: str, exchange: Exchange, where: Where, varies: bool = False) -> str:
    """The value of a string with variables in it; ``varies``: a condition depends on it."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if varies and name.lower().startswith(("http:", "req:")):
            exchange.vary(name.partition(":")[2])
        return exchange.variable(name, where)

    return _VARIABLE.sub(value, text)


class _Expression:
    def __init__(self, text: str, exchange: Exchange, where: Where) -> None:
        self._exchange = exchange
        self._where = where
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position, text = 0, text.rstrip()
        if len(text) > _LONGEST:
            raise _NotFollowed
        while position < len(text):
            found = _TOKENS.match(text, position)
            if found is None:
                raise _NotFollowed
            kind = found.lastgroup or ""
            kind = "regex" if kind == "mark" else kind
            self._tokens.append((kind, found[kind]))
            position = found.end()

    def value(self) -> bool:
        held = self._either(0)
        if self._at != len(self._tokens):
            raise _NotFollowed
        return held

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _NotFollowed
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self, depth: int) -> bool:
        held = self._both(depth)
        while self._peek() == "||":
            self._at += 1
            other = self._both(depth)
            held = held or other
        return held

    def _both(self, depth: int) -> bool:
        held = self._one(depth)
        while self._peek() == "&&":
            self._at += 1
            other = self._one(depth)
            held = held and other
        return held

    def _one(self, depth: int) -> bool:
        if depth > 40:
            raise _NotFollowed
        text = self._peek()
        if text == "!":
            self._at += 1
            return not self._one(depth + 1)
        if text == "(":
            self._at += 1
            held = self._either(depth + 1)
            if self._next()[1] != ")":
                raise _NotFollowed
            return held
        if text in ("true", "false"):
            self._at += 1
            return text == "true"
        if text in ("-n", "-z", "-T"):
            self._at += 1
            value = self._string()
            if text == "-T":
                return value.lower() not in ("", "0", "off", "false", "no")
            return (value != "") == (text == "-n")
        return self._compared()

    def _compared(self) -> bool:
        left = self._string()
        _, operator = self._next()
        world, where = self._exchange.world, self._where
        if operator in ("=~", "!~"):
            kind, regex = self._next()
            if kind != "regex":
                raise _NotFollowed
            regex = regex.removeprefix("m")
            end = regex.rindex(regex[0])
            flags = regex[end + 1 :]
            if set(flags) - {"i"}:
                raise _NotFollowed
            found = search(world, left, regex[1:end], where, "i" in flags)
            return (found is not None) == (operator == "=~")
        if operator in ("==", "=", "!="):
            right = self._string()
            same = world.ask(left, [Check("exact", right, where)])
            return same == (operator != "!=")
        if operator in _NUMBERS:
            right = self._string()
            if not (re.fullmatch(r"-?\d{0,15}", left) and re.fullmatch(r"-?\d{0,15}", right)):
                raise _NotFollowed
            one, other = (int(each) if each.strip("-") else 0 for each in (left, right))
            return {
                "-eq": one == other,
                "-ne": one != other,
                "-lt": one < other,
                "-le": one <= other,
                "-gt": one > other,
                "-ge": one >= other,
            }[operator]
        if operator in ("in", "-in"):
            if self._next()[1] != "{":
                raise _NotFollowed
            words = [self._string()]
            while self._peek() == ",":
                self._at += 1
                words.append(self._string())
            if self._next()[1] != "}":
                raise _NotFollowed
            return world.ask(left, [Check("exact", word, where) for word in words])
        raise _NotFollowed

    def _string(self) -> str:
        kind, text = self._next()
        if kind == "string":
            inner = re.sub(r"\\(.)", r"\1", text[1:-1])
            return string(inner, self._exchange, self._where, True)
        if kind == "variable":
            return string(text, self._exchange, self._where, True)
        if kind != "word":
            raise _NotFollowed
        if self._peek() != "(":
            if text.lstrip("-").isdigit():
                return text
            raise _NotFollowed
        self._at += 1
        argument = self._string()
        if self._next()[1] != ")":
            raise _NotFollowed
        name = text.lower()
        if name in ("req", "http"):
            self._exchange.vary(argument)
            return self._exchange.header(argument)
        if name == "req_novary":
            return self._exchange.header(argument)
        if name in ("reqenv", "env"):
            return self._exchange.env.get(argument, "")
        if name == "resp":
            return self._exchange.variable(f"resp:{argument}", self._where)
        if name == "tolower":
            return argument if "\ue000" in argument else argument.lower()
        raise _NotFollowed
