"""From the text of a regular expression, in the dialect of a product, to a tree.

What is no regular language, and what the dialect's engine would refuse, raises
:class:`UnsupportedPattern`. Laziness is dropped: it changes what is captured, never what matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corsage.patterns.alphabet import ANY, mask_of_ranges
from corsage.patterns.classes import ESCAPED, POSIX, unicode_property
from corsage.patterns.dialects import SYNTAX, Dialect
from corsage.patterns.errors import Undecided, UnsupportedPattern
from corsage.patterns.syntax import (
    EMPTY,
    Chars,
    Choice,
    End,
    Look,
    Node,
    Repeat,
    Sequence,
    Start,
    width,
)

LONGEST = 1_000_000
"""Characters of a pattern."""
DEEPEST = 100
"""Groups in groups."""

_CODES = {"t": 9, "n": 10, "r": 13, "f": 12, "v": 11, "a": 7, "e": 27}
_QUANTIFIER = re.compile(r"\{(?:(\d{1,9})(,(\d{1,9})?)?|,(\d{1,9}))\}")
_BRACED_HEX = re.compile(r"\{([0-9a-fA-F]{1,8})\}")
_PROPERTY = re.compile(r"\{(\^?)([A-Za-z]+)\}|([A-Za-z])")
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_LOOKS = {
    "(?=": Look(EMPTY),
    "(?!": Look(EMPTY, negated=True),
    "(?<=": Look(EMPTY, behind=True),
    "(?<!": Look(EMPTY, behind=True, negated=True),
}
_WORD = Chars(ESCAPED["w"])
_AFTER_WORD, _NOT_AFTER_WORD = (Look(_WORD, behind=True, negated=n) for n in (False, True))
_BEFORE_WORD, _NOT_BEFORE_WORD = (Look(_WORD, negated=n) for n in (False, True))
_BOUNDARY = Choice(
    (Sequence((_AFTER_WORD, _NOT_BEFORE_WORD)), Sequence((_NOT_AFTER_WORD, _BEFORE_WORD)))
)
_NO_BOUNDARY = Choice(
    (Sequence((_AFTER_WORD, _BEFORE_WORD)), Sequence((_NOT_AFTER_WORD, _NOT_BEFORE_WORD)))
)


def parse(pattern: str, dialect: Dialect, ignore_case: bool = False) -> Node:
    """The tree of a pattern; raises :class:`UnsupportedPattern`, or :class:`Undecided` for one
    that is too long to look at."""
    if len(pattern) > LONGEST:
        raise Undecided(f"the pattern has more than {LONGEST} characters")
    return _Parser(pattern, dialect, _Flags(ignore_case)).whole()


@dataclass(frozen=True, slots=True)
class _Flags:
    ignore_case: bool = False
    verbose: bool = False


class _Parser:
    def __init__(self, pattern: str, dialect: Dialect, flags: _Flags) -> None:
        self.pattern = pattern
        self.syntax = SYNTAX[dialect]
        self.dialect = dialect
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.names: set[str] = set()

    def whole(self) -> Node:
        if not self.syntax.flags_anywhere:
            self._leading_flags()
        node = self.choice()
        if self.at < len(self.pattern):
            raise self.unsupported("a parenthesis that was never opened")
        return node

    def unsupported(self, what: str, where: int | None = None) -> UnsupportedPattern:
        return UnsupportedPattern(what, self.at if where is None else where, self.pattern)

    # Groups and sequences

    def choice(self) -> Node:
        branches = [self.sequence()]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def sequence(self) -> Node:
        items: list[Node] = []
        while True:
            self._skip_blanks()
            if self.at == len(self.pattern) or self.pattern[self.at] in "|)":
                return items[0] if len(items) == 1 else Sequence(tuple(items))
            items += self._quoted() if self._at_quote() else ()
            start = self.at
            item = self._atom()
            if item is None:
                continue
            item = self._quantified(item, start)
            # .*.* is .*, and much less work.
            if not (items and items[-1] == item and _repeats_freely(item)):
                items.append(item)

    def _skip_blanks(self) -> None:
        if not self.flags.verbose:
            return
        blank = re.compile(r"(?:\s|#[^\n]*(?:\n|$))*")
        found = blank.match(self.pattern, self.at)
        self.at = found.end() if found else self.at

    def _at_quote(self) -> bool:
        return self.syntax.quoting and self.pattern.startswith(r"\Q", self.at)

    def _quoted(self) -> list[Node]:
        """All characters of a quotation but the last, which a quantifier may follow: that one is
        left to be read as an atom."""
        start = self.at + 2
        end = self.pattern.find(r"\E", start)
        text = self.pattern[start:] if end < 0 else self.pattern[start:end]
        self.at = len(self.pattern) if end < 0 else end + 2
        if not text:
            return []
        *items, last = [self._literal(ord(c)) for c in text]
        return [*items, self._quantified(last, self.at)]

    def _atom(self) -> Node | None:
        """One item without its quantifier; None for what matches nothing by itself (comments,
        flags, the end of a quotation or of the sequence)."""
        if self.at == len(self.pattern):
            return None
        character = self.pattern[self.at]
        if character in "|)" or self._at_quote():
            return None
        if character == "(":
            return self._group()
        if character == "[":
            self.at += 1
            return Chars(self._class())
        if character == "\\":
            return self._escape()
        if character in "*+?":
            raise self.unsupported("a quantifier with nothing before it")
        if character == "{" and self._quantifier() is not None:
            raise self.unsupported("a quantifier with nothing before it")
        self.at += 1
        if character == "^":
            return Start()
        if character == "$":
            return End()
        return Chars(ANY) if character == "." else self._literal(ord(character))

    def _literal(self, code: int) -> Chars:
        return Chars(self._ranges([(code, code)]))

    def _ranges(self, ranges: list[tuple[int, int]]) -> int:
        folding = self.syntax.unicode_folding
        return mask_of_ranges(tuple(ranges), self.flags.ignore_case, folding)

    def _group(self) -> Node | None:
        start = self.at
        self.depth += 1
        if self.depth > DEEPEST:
            raise Undecided(f"the pattern has more than {DEEPEST} groups in one another")
        outer = self.flags
        wrap = self._opening()
        if wrap is None:
            self.depth -= 1
            return None
        inner = self.choice()
        if not self.pattern.startswith(")", self.at):
            raise self.unsupported("a parenthesis that is never closed", start)
        self.at += 1
        self.depth -= 1
        self.flags = outer
        if wrap == "(?>":
            return self._atomic(inner, start)
        look = _LOOKS.get(wrap)
        if look is None:
            return inner
        if look.behind and _looks_ahead(inner):
            raise self.unsupported("a look-behind that asks what follows", start)
        if look.behind and not self._is_bounded(inner):
            raise self.unsupported("a look-behind of any length", start)
        return replace(look, item=inner)

    def _is_bounded(self, inner: Node) -> bool:
        allowed = self.syntax.look_behind
        if allowed == "any":
            return True
        branches: tuple[Node, ...] = (inner,)
        if allowed == "branches" and isinstance(inner, Choice):
            branches = inner.branches
        widths = [width(branch) for branch in branches]
        return all(
            most is not None if allowed == "bounded" else most == least for least, most in widths
        )

    def _opening(self) -> str | None:
        """Goes past what opens a group and says what it was; None for a group that is complete
        and empty (a comment, flags)."""
        rest = self.pattern[self.at : self.at + 4]
        if rest.startswith("(*"):
            raise self.unsupported("a verb")
        if not rest.startswith("(?"):
            self.at += 1
            return "("
        if rest.startswith("(?#") and self.syntax.comments:
            end = self.pattern.find(")", self.at)
            if end < 0:
                raise self.unsupported("a comment that is never closed")
            self.at = end + 1
            return None
        for opening in ("(?<=", "(?<!", "(?=", "(?!"):
            if rest.startswith(opening):
                if not self.syntax.look_around:
                    raise self.unsupported("look-around, which this engine does not have")
                self.at += len(opening)
                return opening
        for opening in self.syntax.group_names:
            if rest.startswith(opening):
                return self._group_name(opening)
        if rest.startswith("(?>") and self.syntax.possessive:
            self.at += 3
            return "(?>"
        if rest.startswith("(?|") and self.dialect == "pcre":
            self.at += 3
            return "("
        return self._flags()

    def _group_name(self, opening: str) -> str:
        name = _NAME.match(self.pattern, self.at + len(opening))
        closing = "'" if opening.endswith("'") else ">"
        if name is None or not self.pattern.startswith(closing, name.end()):
            raise self.unsupported("a group without a proper name")
        if name[0] in self.names:
            raise self.unsupported("a group with the name of another")
        self.names.add(name[0])
        self.at = name.end() + 1
        return "("

    def _flags(self) -> str | None:
        found = _FLAGS.match(self.pattern, self.at)
        if found is None:
            raise self.unsupported(f"the group {self.pattern[self.at : self.at + 3]!r}")
        on, off, closing = found.groups()
        letters = on + (off or "")
        if set(letters) - set(self.syntax.flags):
            raise self.unsupported(f"the group {found[0]!r}")
        if closing == ")" and not self.syntax.flags_anywhere:
            raise self.unsupported("flags that are not at the start")
        if "x" in letters and self.dialect == "java":
            raise self.unsupported("the flags 'x'")
        self.at = found.end()
        self._switch(on, True)
        self._switch(off or "", False)
        return "(" if closing == ":" else None

    def _leading_flags(self) -> None:
        while (found := re.compile(r"\(\?([a-z]+)\)").match(self.pattern, self.at)) is not None:
            if set(found[1]) - set(self.syntax.flags):
                raise self.unsupported(f"the flags {found[1]!r}")
            self._switch(found[1], True)
            self.at = found.end()

    def _switch(self, letters: str, on: bool) -> None:
        if "i" in letters:
            self.flags = replace(self.flags, ignore_case=on)
        if "x" in letters:
            self.flags = replace(self.flags, verbose=on)

    def _atomic(self, inner: Node, start: int) -> Node:
        items = inner.items if isinstance(inner, Sequence) else (inner,)
        if all(isinstance(item, Chars) for item in items):
            return inner  # there is only one way to match it
        raise self.unsupported("an atomic group", start)

    # Quantifiers

    def _quantified(self, item: Node, opening: int) -> Node:
        """An item, which begins at ``opening``, with the quantifier that follows it."""
        self._skip_blanks()
        start = self.at
        bounds = self._quantifier()
        if bounds is None:
            return item
        if not (self.syntax.repeated_anchors or self._is_repeatable(item, opening)):
            raise self.unsupported("a quantifier of an anchor", start)
        if self.pattern.startswith("+", self.at) and self.syntax.possessive:
            self.at += 1
            item = self._possessive(item, *bounds, start)
        else:
            self.at += self.pattern.startswith("?", self.at)
            item = Repeat(item, *bounds)
        self._skip_blanks()
        start = self.at
        if self._quantifier() is not None:
            raise self.unsupported("a quantifier of a quantifier", start)
        return item

    def _is_repeatable(self, item: Node, opening: int) -> bool:
        if self.dialect == "javascript" and isinstance(item, Look) and item.behind:
            return False
        anchors = ("^", "$", r"\b", r"\B", *(f"\\{letter}" for letter in self.syntax.ends))
        return not self.pattern.startswith(anchors, opening)

    def _quantifier(self) -> tuple[int, int | None] | None:
        character = self.pattern[self.at : self.at + 1]
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(character)
        if simple is not None:
            self.at += 1
            return simple
        if character != "{":
            return None
        found = _QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            if not self.syntax.literal_brace:
                raise self.unsupported("a brace that begins no quantifier")
            return None
        exact, comma, most, only_most = found.groups()
        if only_most is not None:
            if self.syntax.open_minimum == "literal":
                return None
            if self.syntax.open_minimum == "refused":
                raise self.unsupported("a quantifier without a minimum")
        low = int(exact or 0)
        high = int(only_most or most) if only_most or most else (None if comma else low)
        limit = self.syntax.most_repeats
        if (high is not None and high < low) or (limit and max(low, high or 0) > limit):
            raise self.unsupported("a quantifier out of range")
        self.at = found.end()
        return low, high

    def _possessive(self, item: Node, least: int, most: int | None, start: int) -> Node:
        """A quantifier that gives nothing back. Over single characters it is greedy, and stops
        only at its maximum or where no such character follows."""
        if not isinstance(item, Chars):
            raise self.unsupported("a possessive quantifier of a group", start)
        stop = Look(item, negated=True)
        if most is None:
            return Sequence((Repeat(item, least, None), stop))
        full = Repeat(item, most, most)
        if least == most:
            return full
        return Choice((full, Sequence((Repeat(item, least, most - 1), stop))))

    # Escapes

    def _escape(self) -> Node | None:
        letter = self.pattern[self.at + 1 : self.at + 2]
        if letter in ("b", "B"):
            self.at += 2
            if re.compile(r"\{[a-z]").match(self.pattern, self.at):
                raise self.unsupported(r"the escape '\b{'")
            return _BOUNDARY if letter == "b" else _NO_BOUNDARY
        if letter and letter in self.syntax.ends:
            self.at += 2
            return Start() if letter == "A" else End()
        if letter == "E" and letter in self.syntax.letters:
            self.at += 2
            return None
        value = self._escaped_character()
        return self._literal(value[0]) if isinstance(value, tuple) else Chars(value)

    def _escaped_character(self, in_class: bool = False) -> int | tuple[int]:
        """The set (a mask) or the one character (its code, in a tuple) of an escape."""
        start = self.at
        letter = self.pattern[start + 1 : start + 2]
        if not letter:
            raise self.unsupported("a backslash at the end")
        self.at += 2
        if letter in "123456789":
            raise self.unsupported("a back-reference", start)
        if not (letter.isascii() and letter.isalnum()):
            if letter == "_" and not self.syntax.escaped_underscore:
                raise self.unsupported(r"the escape '\_'", start)
            return (ord(letter),)
        if letter == "b" and in_class and self.dialect not in ("re2", "java"):
            return (8,)
        if letter in self.syntax.letters and letter not in "bBE":
            return self._lettered(letter, start)
        if self.syntax.unknown_letters and letter not in "kpP":
            return (ord(letter),)
        raise self.unsupported(f"the escape '\\{letter}'", start)

    def _lettered(self, letter: str, start: int) -> int | tuple[int]:
        if letter == "v" and self.dialect in ("python", "re2", "javascript"):
            return (_CODES["v"],)
        if letter in ESCAPED:
            return ESCAPED[letter]
        if letter in _CODES:
            return (_CODES[letter],)
        if letter in "pP":
            return self._property(letter == "P", start)
        if letter == "c":
            self.at += 1
            return (1,)
        if letter == "0":
            return self._octal(start)
        if letter == "o":
            raise self.unsupported(r"the escape '\o'", start)
        return self._hexadecimal(letter, start)

    def _octal(self, start: int) -> tuple[int]:
        if self.dialect == "java":
            digits = re.compile(r"[0-3][0-7]{2}|[0-7]{1,2}").match(self.pattern, self.at)
            if digits is None:
                raise self.unsupported("an octal escape without digits", start)
        else:
            digits = re.compile(r"[0-7]{0,2}").match(self.pattern, self.at)
        assert digits is not None
        self.at = digits.end()
        return (int(digits[0] or "0", 8),)

    def _hexadecimal(self, letter: str, start: int) -> tuple[int]:
        if letter == "x" and self.dialect in ("pcre", "re2", "java"):
            braced = _BRACED_HEX.match(self.pattern, self.at)
            if braced is not None:
                self.at = braced.end()
                return (int(braced[1], 16),)
        length = {"x": 2, "u": 4, "U": 8}[letter]
        digits = self.pattern[self.at : self.at + length]
        if re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digits) is None:
            if self.syntax.unknown_letters:
                return (ord(letter),)
            raise self.unsupported(f"the escape '\\{letter}' without its digits", start)
        self.at += length
        return (int(digits, 16),)

    def _property(self, negated: bool, start: int) -> int:
        found = _PROPERTY.match(self.pattern, self.at)
        if found is None:
            raise self.unsupported("a property without a name", start)
        self.at = found.end()
        caret, name, letter = found.groups()
        name = name or letter
        mask = None
        if not self.flags.ignore_case or name in ("L", "N", "Nd", "P"):
            mask = unicode_property(name)
            if mask is None and self.dialect == "java" and name == name.capitalize():
                mask = POSIX.get(name.lower())
        if mask is None or (caret and self.dialect == "java"):
            raise self.unsupported(f"the property {name!r}", start)
        return ANY & ~mask if negated != bool(caret) else mask

    # Classes

    def _class(self) -> int:
        """The set between brackets; the opening one has been read."""
        start = self.at - 1
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        ranges: list[tuple[int, int]] = []
        mask = 0
        first = not self.syntax.empty_classes
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise self.unsupported("a bracket that is never closed", start)
            first = False
            low = self._class_item()
            if isinstance(low, int):
                mask |= low
                self._after_class()
                continue
            high = self._range_end(low)
            if isinstance(high, int):
                ranges += [low * 2, (ord("-"), ord("-"))]
                mask |= high
            else:
                ranges.append(low + high)
        self.at += 1
        mask |= self._ranges(ranges)
        return ANY & ~mask if negated else mask

    def _after_class(self) -> None:
        hyphen = self.pattern.startswith("-", self.at)
        if hyphen and not self.pattern.startswith("-]", self.at) and not self.syntax.class_in_range:
            raise self.unsupported("a range that begins with a class")
        if hyphen and self.dialect == "pcre" and not self.pattern.startswith("-]", self.at):
            # PCRE2 reads the hyphen as itself after \d, and refuses it after [:digit:].
            raise self.unsupported("a range that begins with a class")

    def _range_end(self, low: tuple[int]) -> tuple[int] | int:
        """The end of a range (the start itself where there is none), or the class after a hyphen
        that then is no range."""
        if not self.pattern.startswith("-", self.at) or self.pattern.startswith("-]", self.at):
            return low
        start = self.at
        if self.syntax.nested_classes and self.pattern.startswith("-[", self.at):
            raise self.unsupported("a range that ends with a class")
        self.at += 1
        if self.at >= len(self.pattern):
            raise self.unsupported("a bracket that is never closed")
        high = self._class_item()
        if isinstance(high, int):
            if not self.syntax.class_in_range or self.dialect == "pcre":
                raise self.unsupported("a range that ends with a class", start)
            return high
        if high < low:
            raise self.unsupported("a range out of order", start)
        return high

    def _class_item(self) -> int | tuple[int]:
        character = self.pattern[self.at]
        if self.syntax.posix_classes and character == "[":
            named = _POSIX_CLASS.match(self.pattern, self.at)
            if named is not None:
                return self._posix(named)
            if self.pattern[self.at + 1 : self.at + 2] in (":", ".", "="):
                raise self.unsupported("a collating element")
        if self.syntax.nested_classes:
            if character == "[":
                self.at += 1
                self.depth += 1
                if self.depth > DEEPEST:
                    raise Undecided(f"the pattern has more than {DEEPEST} groups in one another")
                mask = self._class()
                self.depth -= 1
                return mask
            if self.pattern.startswith("&&", self.at):
                raise self.unsupported("an intersection of classes")
        if character != "\\":
            self.at += 1
            return (ord(character),)
        if self.syntax.quoting and self.pattern[self.at + 1 : self.at + 2] in ("Q", "E"):
            raise self.unsupported("a quotation in a class")
        if self.pattern[self.at + 1 : self.at + 2] in ("R", "X", "B", "N"):
            raise self.unsupported(f"{self.pattern[self.at : self.at + 2]!r} in a class")
        return self._escaped_character(in_class=True)

    def _posix(self, named: re.Match[str]) -> int:
        mask = POSIX.get(named[2])
        if mask is None:
            raise self.unsupported(f"the class {named[0]!r}")
        if self.flags.ignore_case and named[2] in ("upper", "lower"):
            if self.dialect == "pcre":
                raise self.unsupported(f"the class {named[0]!r} without case")
            mask = POSIX["alpha"]
        self.at = named.end()
        return ANY & ~mask if named[1] else mask


def _repeats_freely(node: Node) -> bool:
    return isinstance(node, Repeat) and node.least == 0 and node.most is None


def _looks_ahead(node: Node) -> bool:
    """Whether a tree asks anything of what comes after its own text."""
    match node:
        case End():
            return True
        case Look(item, behind, _):
            return not behind or _looks_ahead(item)
        case Sequence(items) | Choice(items):
            return any(map(_looks_ahead, items))
        case Repeat(item, _, _):
            return _looks_ahead(item)
        case _:
            return False
