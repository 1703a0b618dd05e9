"""Taking secrets out of what people paste, before it is printed, written or returned.

What decides CORS is kept: origins, methods, header names, statuses, Access-Control-* values.
Values of headers that carry secrets, credentials in URLs, tokens in queries and strings that look
like tokens become ``[redacted]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from corsage.browser.exchange import Headers

MASK = "[redacted]"

_SECRET_HEADERS = re.compile(
    r"^(?:(?:proxy-)?authorization|(?:set-)?cookie2?|x-amz-security-token|cf-access-\S*"
    r"|.*(?:token|secret|passw(?:or)?d|api-?key|apikey|session|credential|signature|csrf|xsrf"
    r"|assertion|private-?key).*|x-auth.*)$",
    re.IGNORECASE,
)

# These name secrets without carrying any, or are CORS's own.
_HARMLESS_HEADERS = {"www-authenticate", "proxy-authenticate", "token-binding"}

_SENSITIVE = (
    r"(?:access_?|id_?|refresh_?|auth_?|csrf_?|xsrf_?|session_?|bearer_?)?token|client_?secret"
    r"|secret|pass(?:word|wd)?|pwd|api[-_]?key|[a-z0-9]{0,20}[-_]?key|sig(?:nature)?"
    r"|session(?:id)?|sid"
    r"|code|state|nonce|jwt|auth|credentials?|assertion|otp|x-amz-(?:signature|security-token"
    r"|credential)|saml(?:request|response)|hdntl|hmac"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # user:password@ in a URL
    (re.compile(r"(?<=://)[^\s/@\"'<>]{1,200}@"), MASK + "@"),
    # ?token=..., &sig=..., #access_token=...
    (re.compile(rf"([?&;#](?:{_SENSITIVE})=)[^&\s#\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    # Authorization: Bearer ..., Basic ...
    (
        re.compile(
            r"\b(bearer|basic|digest|negotiate|token|apikey)\s+(?=[^\s\"',;]*[\d=._~+/-])"
            r"[A-Za-z0-9._~+/=-]{6,}",
            re.IGNORECASE,
        ),
        rf"\1 {MASK}",
    ),
    # header lines and assignments: cookie: a=b; c=d   X-Api-Key: abc   password=...
    (
        re.compile(
            r"\b((?:set-)?cookie2?|(?:proxy-)?authorization)(\s*:\s*)[^\r\n\"'”]+", re.IGNORECASE
        ),
        rf"\1\2{MASK}",
    ),
    (
        re.compile(
            r"\b([\w-]{0,40}(?:token|secret|passw(?:or)?d|api[-_]?key|apikey|session[-_]?id))"
            r"(\s*[:=]\s*[\"']?)(?!true\b|false\b|null\b|\s)[^\s\"',;&”]{4,}",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    # JSON web tokens and the prefixes that vendors give their keys
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}"), MASK),
    (
        re.compile(
            r"\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|AKIA|ASIA|AIza|SG|npm)"
            r"[-_.]?[A-Za-z0-9_-]{14,}"
        ),
        MASK,
    ),
    # long hexadecimal or base64 runs: hashes, session ids
    (re.compile(r"\b[0-9a-fA-F]{32,}\b"), MASK),
)

LONGEST = 64_000
"""Characters of one text that are looked at; what follows is cut off rather than let through."""


def redact(text: str) -> str:
    """The text without its secrets."""
    text = text[:LONGEST]
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def redact_value(name: str, value: str) -> str:
    """The value of a header, without secrets; header names decide, then the value's own look."""
    lower = name.lower()
    if lower in _HARMLESS_HEADERS:
        return value[:LONGEST]
    if lower.startswith("access-control-"):
        return redact(value)
    if _SECRET_HEADERS.match(name[:200]):
        return MASK
    return redact(value)


def redact_headers(headers: Headers) -> Headers:
    """The header lines, without secrets."""
    return tuple((name, redact_value(name, value)) for name, value in headers)


def masking(secrets: Iterable[str]) -> Callable[[str], str]:
    """A :func:`redact` that also takes out these very texts, wherever they turn up.

    A server may send back, in any header, what it was sent. ``secrets`` are values of headers
    (``Bearer abc``, ``sid=1; lang=en``); their parts are secrets, too. Texts of fewer than four
    characters are left: they stand everywhere.
    """
    pieces = {piece for secret in secrets for piece in _pieces(secret)}
    known = sorted((p for p in pieces if len(p) >= _SHORTEST), key=len, reverse=True)

    def mask(text: str) -> str:
        for secret in known:
            text = text.replace(secret, MASK)
        return redact(text)

    return mask


_SHORTEST = 4
_SCHEMES = {"basic", "bearer", "digest", "negotiate", "token"}


def _pieces(secret: str) -> Iterator[str]:
    yield secret
    for word in re.split(r"[\s;,]+", secret):
        if word.lower() not in _SCHEMES:
            yield word
            yield word.partition("=")[2]
