"""The origin of a page as it is written on the command line."""

from __future__ import annotations

from corsage.browser.origin import OPAQUE, is_origin, serialise
from corsage.cli.errors import UsageError
from corsage.patterns.sendable import is_sendable


def page_origin(text: str, option: str) -> str:
    """``text``, if browsers or the web views of apps (``capacitor://localhost``) send it as an
    Origin. Raises UsageError, which names ``option``."""
    # The standard has no origins of other schemes, but what loads such pages sends them.
    if is_origin(text) or is_sendable(text):
        return text
    raise UsageError(f"{option} {text!r} is not as a browser sends an origin{_hint(text)}")


def _hint(text: str) -> str:
    sent = serialise(text)
    if sent is not None and "://" in sent:
        return f"; write {sent}"
    if text.startswith(("file:", "data:", "about:")):
        return f"; its pages send {OPAQUE}"
    bare = text.removesuffix("/").lower()
    local = bare.startswith(("localhost", "127."))
    meant = bare if "://" in bare else f"{'http' if local else 'https'}://{bare}"
    return f"; write {meant}" if is_sendable(meant) else ""
