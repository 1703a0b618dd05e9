"""The page's request as the arguments of ``corsage explain`` describe it."""

from __future__ import annotations

import argparse

from corsage.browser import Request
from corsage.cli.errors import UsageError
from corsage.cli.page_origin import page_origin

# A header named without a value stands for a typical one; only the type of the body matters.
_TYPICAL_VALUES = {"content-type": "application/json", "range": "bytes=0-1023, 2048-"}

# Their values decide whether a preflight is needed. Other values may be secrets and are not shown.
SHOWN_VALUES = {
    "accept",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "content-language",
    "content-type",
    "origin",
    "range",
}


def request_of(args: argparse.Namespace, url: str) -> Request:
    """The request that the page makes to ``url``. Raises UsageError."""
    if args.origin is None:
        raise UsageError("name the page's origin: --origin https://app.example.com")
    return Request(
        url=url,
        origin=page_origin(args.origin, "--origin"),
        method=args.method,
        headers=tuple(map(_header, args.header)),
        credentials="include" if args.credentials else "same-origin",
        initiator="xmlhttprequest" if args.xhr_upload else "fetch",
        upload_listeners=args.xhr_upload,
    )


def shown(name: str, value: str) -> str:
    """The value of a request header as far as it may be shown."""
    return value if name.lower() in SHOWN_VALUES else "..."


def _header(text: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition(":"))
    if not name:
        raise UsageError(f"-H {text!r} names no header; write -H 'name: value' or -H name")
    return name, value or _TYPICAL_VALUES.get(name.lower(), "x")
