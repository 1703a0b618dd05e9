"""Paths: which can stand in a policy, and how a request's path is compared with them."""

from __future__ import annotations

import re
from posixpath import normpath
from urllib.parse import unquote

from corsage.policy import rules
from corsage.policy.format import PATH
from corsage.policy.problems import Fault, quoted

_PATH = re.compile(PATH)
_DOTS = re.compile(r"(^|/)\.\.?(/|$)")
_LONGEST = 2048


def route_path(text: str) -> str:
    """A path that every engine matches alike: absolute, normalised, nothing encoded."""
    if len(text) <= _LONGEST and _PATH.fullmatch(text) and not _DOTS.search(text):
        return text
    raise Fault(rules.BAD_PATH, *_fault(text))


def requested_path(raw: str) -> str:
    """The path of a request as it is matched: percent-decoded, dot segments and repeated
    slashes resolved, as nginx does and a browser mostly has done already.

    >>> requested_path("/a//b/%2e%2e/c%20d/")
    '/a/c d/'
    """
    path = unquote(raw)
    if "//" not in path and "/." not in path:
        return path or "/"
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if path.endswith(("/", "/.", "/..")) and kept else ""
    return f"/{'/'.join(kept)}{trailing}"


def _fault(text: str) -> tuple[str, str, str | None]:
    shown = quoted(text)
    fix = _corrected(text)
    if len(text) > _LONGEST:
        return f"{shown} is too long", f"A path has at most {_LONGEST} characters.", None
    if "://" in text:
        return f"{shown} is a URL", "The host of a route stands in `host`.", fix
    if "?" in text or "#" in text:
        return f"{shown} has a query or fragment", "Routes are found by the path alone.", fix
    if "*" in text:
        why = "A path takes everything below it, on whole segments; there are no wildcards."
        return f"{shown} has a wildcard", why, fix
    if "%" in text or not text.isascii():
        why = "Gateways differ in whether they compare encoded or decoded paths."
        return f"{shown} has encoded or non-ASCII characters", why, fix
    if not text.startswith("/"):
        return f"{shown} does not begin with a slash", "Paths are absolute.", fix
    if _DOTS.search(text) or "//" in text:
        why = "Requests are matched after dot segments and repeated slashes are resolved."
        return f"{shown} is not normalised", why, fix
    return f"{shown} has characters that no path has", "", fix


def _corrected(text: str) -> str | None:
    rest = text
    if "://" in text:
        rest = text.partition("://")[2].partition("/")[2]
    path = re.split(r"[?#]", unquote(rest), maxsplit=1)[0].strip()
    path = re.sub(r"/?\*+$", "", path)
    trailing = "/" if path.endswith("/") and len(path) > 1 else ""
    path = normpath("/" + path.lstrip("/"))
    path = path if path == "/" else path + trailing
    return path if path != text and _PATH.fullmatch(path) else None
