r"""The regular expressions that other libraries' settings hold, where they say no more than a list.

``https://(.*\.)?example\.com(:\d+)?`` means origins that a policy can name. Whatever is read here
becomes a subset of what the expression matches: the end that nobody anchored and the dot that
nobody escaped are not carried over. All else is for its author to spell out.
"""

from __future__ import annotations

import re

_LABEL = r"[A-Za-z0-9_-]+"
_ORIGIN = re.compile(
    rf"""
    \^?
    (?P<scheme>https\?|https|http) : (?:/|\\/){{2}}
    (?: (?P<below>\.[*+]\\?\.) | (?P<apex>\((?:\?:)?\.[*+]\\?\.\)\?) )?
    (?: \((?:\?:)? (?P<names>{_LABEL}(?:\|{_LABEL})*) \) (?P<dot>\\?\.) )?
    (?P<host>{_LABEL}(?:\\?\.{_LABEL})*)
    (?: (?P<any_port>\((?:\?:)?:(?:\\d|\[0-9\])[+*]\)\?) | (?P<port>:[0-9]+) )?
    \$?
    """,
    re.VERBOSE,
)
_PATH = re.compile(
    r"\^?(?P<path>(?:/[A-Za-z0-9_~-]+(?:\\?\.[A-Za-z0-9_~-]+)*)*)(?:/?\.[*+]|/\*?)?\$?"
)


def origins_of(expression: str) -> list[str] | None:
    """Origins and wildcards that the expression matches in full, or None if it says more.

    >>> origins_of(r"^https://(app|admin)\\.example\\.com$")
    ['https://app.example.com', 'https://admin.example.com']
    >>> origins_of(r"https?://(.*\\.)?example\\.com")[:2]
    ['http://example.com', 'http://*.example.com']
    >>> origins_of(r"https://[a-z]+\\.example\\.com")
    """
    found = _ORIGIN.fullmatch(expression)
    if found is None:
        return None
    schemes = ["http", "https"] if found["scheme"] == "https?" else [found["scheme"]]
    below = ["*."] if found["below"] else ["", "*."] if found["apex"] else [""]
    names = [name + "." for name in found["names"].split("|")] if found["names"] else [""]
    host = found["host"].replace("\\", "")
    port = ":*" if found["any_port"] else found["port"] or ""
    return [
        f"{scheme}://{star}{name}{host}{port}"
        for scheme in schemes
        for star in below
        for name in names
    ]


def prefix_of(expression: str) -> str | None:
    """The path prefix of which the expression matches all, or None if it says something else.

    >>> [prefix_of(e) for e in ("^.*$", "/*", "^/api/.*$", "/api/*", "/api", "/(a|b)")]
    ['/', '/', '/api', '/api', '/api', None]
    """
    found = _PATH.fullmatch(expression)
    return None if found is None else found["path"].replace("\\", "") or "/"
