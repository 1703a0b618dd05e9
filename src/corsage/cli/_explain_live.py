"""The part of ``corsage explain`` that asks a live server."""

from __future__ import annotations

import argparse
import re
import secrets
import ssl
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import get_args

from rich.console import Console

from corsage.browser import AddressSpace, Request
from corsage.browser.origin import parse_url
from corsage.cli import _explain_live_json, _explain_live_text
from corsage.cli._explain_live_words import is_hidden
from corsage.cli._explain_request import request_of
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.page_origin import page_origin
from corsage.diagnosis.probes.subject import Subject
from corsage.diagnosis.redact import masking
from corsage.live.client import Client
from corsage.live.explain import MOST_PROBES, Effort, Question, explain
from corsage.live.trace import HopAddress
from corsage.report.terminal import printable

_PATIENCE = 12  # how many answers that take their whole time are worth the waiting
_HOP = re.compile(r"([\w .-]{1,40})=(https?://.+)")
_RESOLVE = re.compile(r"(\[[^]]+\]|[^:\[\]]+):(\d{1,5}):(\[[^]]+\]|[^:\[\]]+)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options for a live server."""
    group = parser.add_argument_group("a live server")
    group.add_argument("--send", action="store_true", help="send methods other than GET and HEAD")
    group.add_argument("-d", "--data", metavar="TEXT", help="the body of the request")
    group.add_argument("--cookie", metavar="TEXT", help="what the browser has: 'sid=1; lang=en'")
    group.add_argument(
        "--read", action="append", default=[], metavar="HEADER", help="what the page wants to read"
    )
    group.add_argument(
        "--hop",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="ask this hop directly, too; one for each, from the outside in",
    )
    group.add_argument(
        "--resolve",
        action="append",
        default=[],
        metavar="HOST:PORT:ADDRESS",
        help="where a host really is, as curl's option",
    )
    group.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="another origin that redirects may lead to",
    )
    group.add_argument(
        "--known-good",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin that is known to be allowed, to compare with",
    )
    group.add_argument(
        "--probes",
        default="auto",
        metavar="none|auto|all|N",
        help="further requests that tell look-alike causes apart: auto asks those needed",
    )
    group.add_argument(
        "--page-network",
        choices=get_args(AddressSpace),
        help="where the page itself comes from, for Local Network Access",
    )
    group.add_argument(
        "--cacert", metavar="FILE", help="authorities to trust instead of the system's"
    )
    group.add_argument(
        "--timeout", type=float, default=5.0, metavar="SECONDS", help="of each request (5)"
    )


def is_wanted(args: argparse.Namespace) -> bool:
    """Whether the source is a server."""
    return args.source is not None and args.source.lower().startswith(("http://", "https://"))


def run(args: argparse.Namespace) -> int:
    """Print the answer; 0 allowed, 1 blocked (or may be), 2 unreachable."""
    question, mask = _question(args)
    # Only a terminal is told how far it is.
    errors = Console(stderr=True, highlight=False)
    waiting = errors.status("asking ...") if errors.is_terminal else nullcontext()
    with waiting as status:

        def tell(why: str) -> None:
            if status is not None:
                status.update(printable(mask(why)))

        try:
            findings = explain(replace(question, tell=tell))
        except ValueError as error:
            raise UsageError(mask(str(error))) from error
    form = _explain_live_json if args.format == "json" else _explain_live_text
    form.show(findings, mask)
    if findings.unreachable:
        return 2
    return 0 if findings.allowed else 1


def _question(args: argparse.Namespace) -> tuple[Question, Callable[[str], str]]:
    args.method = args.method or "GET"
    request = _request(args)
    url = parse_url(request.url)
    if url is None:
        raise UsageError(f"{args.source} is not a URL")
    if args.cookie and not args.credentials:
        raise UsageError("cookies travel only with --credentials (credentials: 'include')")
    if not 0 < args.timeout <= 600:
        raise UsageError("--timeout takes seconds, more than 0 and at most 600")
    hops = tuple(map(_hop, args.hop))
    effort, most = _effort(args.probes)
    origins = [url.origin, *map(_origin, args.allow_host), *(_origin(hop.url) for hop in hops)]
    resolve = dict(line for text in args.resolve for line in _resolved(text))
    tls = _authorities(args.cacert)

    def client_for(address: str | None) -> Client:
        where = resolve if address is None else {**resolve, url.origin: address}
        return Client(
            dict.fromkeys(origins),
            resolve=where,
            cookies={url.origin: args.cookie} if args.cookie else None,
            timeout=args.timeout,
            tls=tls,
        )

    question = Question(
        subject=Subject(
            request,
            known_good=tuple(page_origin(o, "--known-good") for o in args.known_good),
            cookies=bool(args.cookie),
            salt=f"corsage-{secrets.token_hex(4)}",
        ),
        client_for=client_for,
        hops=hops,
        send=args.send,
        effort=effort,
        most_probes=most,
        patience=_PATIENCE * args.timeout,
        reads=tuple(name.strip().lower() for name in args.read),
        stack=args.stack,
        config=read_text(args.config) if args.config else "",
    )
    hidden = [value for name, value in request.headers if is_hidden(name)]
    return question, masking([*hidden, args.cookie or ""])


def _request(args: argparse.Namespace) -> Request:
    url = args.source
    if args.path is not None:
        whole = parse_url(url)
        if whole is None or whole.path not in {"", "/"} or whole.query is not None:
            raise UsageError(f"name the path once: {url} has one, and so is {args.path}")
        if not args.path.startswith("/"):
            raise UsageError(f"PATH must start with a slash: /{args.path}")
        url = whole.origin + args.path
    parsed = parse_url(url)
    url = url if parsed is None else parsed.without_fragment().href
    return replace(request_of(args, url), body=args.data, page_address_space=args.page_network)


def _hop(text: str) -> HopAddress:
    match = _HOP.fullmatch(text)
    if match is None or parse_url(match[2]) is None:
        raise UsageError(f"--hop {text!r}: write NAME=URL, as in --hop nginx=http://127.0.0.1:8080")
    return HopAddress(match[1].strip(), match[2])


def _origin(text: str) -> str:
    url = parse_url(text if "://" in text else f"https://{text}")
    if url is None or not url.is_http:
        raise UsageError(f"{text!r} is no origin; write https://login.example.com")
    return url.origin


def _resolved(text: str) -> list[tuple[str, str]]:
    match = _RESOLVE.fullmatch(text)
    if match is None or int(match[2]) > 65535:
        raise UsageError(f"--resolve {text!r}: write HOST:PORT:ADDRESS, as for curl")
    host, port, address = match.groups()
    found = []
    for scheme in ("http", "https"):
        if parse_url(f"{scheme}://{host}:{port}") is None:
            raise UsageError(f"--resolve {text!r}: {host} is no host")
        found.append((f"{scheme}://{host}:{port}", f"{address}:{port}"))
    return found


def _effort(text: str) -> tuple[Effort, int]:
    if text.isascii() and text.isdigit():
        return "auto", int(text[:6])
    for effort in get_args(Effort):
        if text == effort:
            return effort, MOST_PROBES
    raise UsageError(f"--probes {text!r}: write none, auto, all or a number of requests")


def _authorities(name: str | None) -> ssl.SSLContext | None:
    if name is None:
        return None
    try:
        return ssl.create_default_context(cafile=name)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--cacert {name}: {error.strerror or error}") from error
