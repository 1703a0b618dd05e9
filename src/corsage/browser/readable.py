"""What JavaScript sees of a response: its headers, filtered.

https://fetch.spec.whatwg.org/#concept-filtered-response
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corsage.browser.exchange import Headers
from corsage.browser.fields import HTTP_WHITESPACE, join, tokens

if TYPE_CHECKING:
    # The middleware reads names by these rules and has no use for browsers.
    from corsage.browser.profiles import Profile

SAFELISTED_RESPONSE_HEADERS = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name"""

FORBIDDEN_RESPONSE_HEADERS = frozenset({"set-cookie", "set-cookie2"})
"""https://fetch.spec.whatwg.org/#forbidden-response-header-name"""


def readable_headers(headers: Headers, cors: bool, include: bool, profile: Profile) -> Headers:
    """The headers that a script can read, as iterating ``response.headers`` shows them: names in
    lower case and sorted, the lines of one name joined.

    ``cors``: the response is filtered by CORS; a same-origin response only loses its cookies.
    """
    exposed = _exposed(headers, include, profile) if cors else None
    together: dict[str, list[str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in FORBIDDEN_RESPONSE_HEADERS or lowered in profile.hidden_response_headers:
            continue
        if exposed is None or lowered in exposed:
            together.setdefault(lowered, []).append(value.strip(HTTP_WHITESPACE))
    joined = ((name, join(name, together[name], profile)) for name in sorted(together))
    return tuple(line for line in joined if "\n" not in line[1])


def _exposed(headers: Headers, include: bool, profile: Profile) -> frozenset[str] | None:
    """The names that may be read; None for all. With credentials ``*`` is just a name.

    https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list
    """
    listed = tokens(headers, "access-control-expose-headers", profile)
    if listed.invalid is not None or not listed.tokens:
        return SAFELISTED_RESPONSE_HEADERS
    if "*" in listed.tokens and not include:
        return None
    return SAFELISTED_RESPONSE_HEADERS.union(name.lower() for name in listed.tokens)
