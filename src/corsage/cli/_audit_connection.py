"""How `corsage audit` reaches its targets: headers, cookies, addresses, certificates."""

from __future__ import annotations

import argparse
import re
import ssl
from collections.abc import Iterable

from corsage.browser.fields import is_token
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.live.audit import Secrets

_CURLS_RESOLVE = re.compile(r"([^:=/]+):(\d{1,5}):([^=/]+)")
_OWN_HEADERS = {
    "cookie": "give it with --cookie, so that it goes where a browser sends it",
    "host": "name the host in the URL, and --resolve says where it is",
    "origin": "the audit says who asks; --trust names who is meant to be trusted",
    **dict.fromkeys(
        ("connection", "content-length", "transfer-encoding"), "it is not yours to set"
    ),
}


def secrets_of(args: argparse.Namespace) -> Secrets:
    """The user's headers and cookies; none of them is repeated in an error."""
    cookie = args.cookie
    if cookie is not None and cookie.startswith("@"):
        cookie = read_text(cookie[1:]).strip()
    texts: list[str] = []
    for text in args.header:
        texts += read_text(text[1:]).splitlines() if text.startswith("@") else [text]
    headers = tuple(_header(text) for text in texts if text.strip())
    for name, value in (*headers, ("Cookie", cookie or "")):
        # Tokens are words of ASCII; the value may be the secret itself and is not repeated.
        if not name.isascii() or not (value.isascii() and value.isprintable()):
            raise UsageError(f"the header {name!r} is not one line of printable ASCII")
    return Secrets(headers, cookie)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not is_token(name) or not colon:
        raise UsageError("-H takes a name and a value: -H 'Authorization: Bearer ...'")
    if name.lower() in _OWN_HEADERS:
        raise UsageError(f"-H {name}: {_OWN_HEADERS[name.lower()]}")
    return name, value


def resolved(pairs: Iterable[str]) -> dict[str, str]:
    """Addresses by origin."""
    resolved = {}
    for pair in pairs:
        origin, equals, address = pair.partition("=")
        curls = _CURLS_RESOLVE.fullmatch(pair)
        if equals and address:
            resolved[origin] = address
        elif curls is not None:
            host, port, address = curls.groups()
            for scheme in ("http", "https"):
                resolved[f"{scheme}://{host}:{port}"] = f"{address}:{port}"
        else:
            raise UsageError(
                f"--resolve {pair!r}: write https://api.example.com=127.0.0.1:8443, "
                "or api.example.com:443:127.0.0.1"
            )
    return resolved


def tls_of(args: argparse.Namespace) -> ssl.SSLContext:
    """Whom to trust."""
    try:
        context = ssl.create_default_context(cafile=args.cacert)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--cacert {args.cacert}: {error.strerror or error}") from error
    if args.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
