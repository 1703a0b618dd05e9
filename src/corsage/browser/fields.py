"""Reading header lists as browsers do, https://fetch.spec.whatwg.org/#terminology-headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from corsage.browser.exchange import Headers

if TYPE_CHECKING:
    # The middleware reads names by these rules and has no use for browsers.
    from corsage.browser.profiles import Profile

# token = 1*tchar, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
# tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"
#         / DIGIT / ALPHA
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# No leading or trailing blank, no NUL, CR or LF, one byte a character.
_HEADER_VALUE = re.compile(r"(?![\t ])[^\0\r\n\u0100-\U0010ffff]*(?<![\t ])")

HTTP_WHITESPACE = "\t\n\r "
_OWS = "\t "


def is_token(text: str) -> bool:
    """Whether ``text`` is a token, as methods and header names must be."""
    return _TOKEN.fullmatch(text) is not None


def is_header_value(text: str) -> bool:
    """Whether ``text`` may be a header's value, https://fetch.spec.whatwg.org/#header-value."""
    return _HEADER_VALUE.fullmatch(text) is not None


def as_utf8(value: str) -> str:
    """A header's value whose bytes are read as UTF-8; U+FFFD for what is none."""
    return to_bytes(value).decode(errors="replace")


def to_bytes(value: str) -> bytes:
    """A header's value as it goes over the wire: one byte a character."""
    return value.encode("latin-1", errors="replace")


def lines(headers: Headers, name: str) -> list[str]:
    """The values of every line of ``name`` (in lower case), blanks around them removed."""
    return [value.strip(HTTP_WHITESPACE) for key, value in headers if key.lower() == name]


def join(name: str, values: list[str], profile: Profile) -> str:
    """The lines of the header ``name`` (in lower case) as one value."""
    if len(values) == 1:
        return values[0]
    return _merge(name, values) if profile.merges_lines_its_own_way else ", ".join(values)


# nsHttpHeaderArray.h in Firefox: of these the first line counts.
_SINGLETONS = frozenset(
    {
        "authorization",
        "content-disposition",
        "content-length",
        "from",
        "host",
        "if-modified-since",
        "if-unmodified-since",
        "location",
        "max-forwards",
        "proxy-authorization",
        "referer",
        "strict-transport-security",
        "user-agent",
    }
)


def _merge(name: str, values: list[str]) -> str:
    """Firefox's way; each rule observed with two lines, and with one of them empty."""
    if name in _SINGLETONS:
        return values[0]
    if name == "x-frame-options":
        return ", ".join(values).strip()
    if name == "content-type":
        return ",".join(values[1:] if not values[0] else values)
    kept = [value for value in values if value]
    # A line break makes the value unreadable for scripts.
    return ("\n" if name in {"www-authenticate", "proxy-authenticate"} else ", ").join(kept)


def get(headers: Headers, name: str, profile: Profile) -> str | None:
    """All lines of ``name`` (in lower case) joined by ``", "``; None where there is none.

    https://fetch.spec.whatwg.org/#concept-header-list-get
    """
    found = lines(headers, name)
    return join(name, found, profile) if found else None


# An element ends at a comma that stands outside a quoted-string; a quotation mark that nothing
# closes runs to the end of the value.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))*', re.DOTALL)


def decode_and_split(value: str) -> list[str]:
    """The elements of a list, quoted strings kept whole.

    https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
    """
    elements = []
    position = 0
    while True:
        match = _ELEMENT.match(value, position)
        assert match is not None  # the pattern admits the empty element
        elements.append(match[0].strip(_OWS))
        position = match.end() + 1
        if position > len(value):
            return elements


@dataclass(frozen=True, slots=True)
class TokenList:
    """The tokens of a ``#token`` header; ``invalid`` is the first element that is none.

    One bad element is a failure: nothing of the list may be used.
    """

    tokens: tuple[str, ...] = ()
    invalid: str | None = None


_NO_TOKENS = TokenList()


def tokens(headers: Headers, name: str, profile: Profile) -> TokenList:
    """Extracts ``Access-Control-Allow-Methods`` and the like, where the header may be missing.

    ``#token`` (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2):
    ``[ element ] *( OWS "," OWS [ element ] )``: empty elements count for nothing, and several
    lines are one list. https://fetch.spec.whatwg.org/#extract-header-list-values
    """
    value = get(headers, name, profile)
    if value is None:
        return _NO_TOKENS
    return _read_tokens(value) if len(value) > _LONGEST_KEPT else _kept_tokens(value)


def _read_tokens(value: str) -> TokenList:
    elements = [stripped for part in value.split(",") if (stripped := part.strip(_OWS))]
    invalid = next((part for part in elements if not _TOKEN.fullmatch(part)), None)
    return TokenList(tuple(elements), invalid)


# A server says the same lists again and again, and each is read several times for one verdict.
# Long values are not kept: they are odd, and memory is bounded.
_LONGEST_KEPT = 1024
_kept_tokens = lru_cache(maxsize=512)(_read_tokens)
