"""Origin patterns as regular expressions that mean the same in every dialect.

No look-around, no lazy or possessive quantifiers: RE2, PCRE, JavaScript, Python and Java read them
alike. They match a whole origin and are not anchored here, since how to anchor differs
(``^...$`` in JavaScript, ``fullmatch`` in Python).
"""

from __future__ import annotations

import re

from corsage.policy.origins import OriginPattern

LABEL = "[a-z0-9_-]+"
"""One label of a host as browsers serialise it."""

# 0 to 65535 without the scheme's default port, which no browser writes out. There is no shorter
# way to say "not 443" without look-ahead, which RE2 does not have.
_FOUR_OR_FIVE_DIGITS = (
    "[1-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
)
_SMALLER_PORTS = {
    "http": "[0-9]|[1-79][0-9]|8[1-9]|[1-9][0-9]{2}",  # not 80
    "https": "[0-9]|[1-9][0-9]|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]",  # not 443
}
_ANY_SMALLER_PORT = "[0-9]|[1-9][0-9]{1,2}"


def origin_regex(pattern: OriginPattern) -> str:
    """The unanchored source of a regex that matches exactly the origins of ``pattern``."""
    subdomains = rf"(?:{LABEL}\.)+" if pattern.subdomains else ""
    return f"{_literal(pattern.scheme)}://{subdomains}{_literal(pattern.host)}{_port(pattern)}"


def _port(pattern: OriginPattern) -> str:
    if pattern.port is None:
        return ""
    if pattern.port != OriginPattern.ANY_PORT:
        return f":{pattern.port}"
    smaller = _SMALLER_PORTS.get(pattern.scheme, _ANY_SMALLER_PORT)
    return f"(?::(?:{smaller}|{_FOUR_OR_FIVE_DIGITS}))?"


def _literal(text: str) -> str:
    # Not re.escape, which also escapes what other dialects refuse to see escaped (the hyphen).
    return re.sub(r"[.+*?()\[\]{}|^$\\]", r"\\\g<0>", text)
