"""A running server, asked as an attacker's page would ask it: who may read what, and should not.

  corsage audit https://api.example.com/me --cookie "session=$SESSION"
  corsage audit https://api.example.com --trust https://app.example.org
  corsage audit --policy cors.yaml https://api.example.com
  corsage audit openapi.yaml --state audit.jsonl --format html > audit.html
  corsage audit - < sitemap.xml

Only GET and OPTIONS are sent, and only to the hosts that are named. A finding is what a browser
would really let a page read; its command shows it again. Exit codes: 0 nothing at or above
--fail-on, 1 findings, 2 a target that could not be asked to the end, 130 stopped by Ctrl-C (what
was found until then is printed).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from corsage import __version__
from corsage.browser.origin import OPAQUE
from corsage.check import Severity
from corsage.cli._audit_connection import resolved, secrets_of, tls_of
from corsage.cli._audit_report import FORMATS, Bar, Report
from corsage.cli._audit_targets import targets_of
from corsage.cli.errors import UsageError
from corsage.cli.page_origin import page_origin
from corsage.live.audit import (
    Client,
    Journal,
    JournalError,
    Limits,
    Outcome,
    Secrets,
    Settings,
    Target,
    audit,
)
from corsage.report.findings import SEVERITIES

_USER_AGENT = f"corsage-audit/{__version__} (+https://github.com/corsage/corsage)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "targets",
        metavar="TARGET",
        nargs="+",
        help="a URL, a file (OpenAPI document, list of URLs, sitemap), - for a list on stdin",
    )
    _what(parser.add_argument_group("what is asked"))
    _manners(parser.add_argument_group("manners"))
    _output(parser.add_argument_group("output"))


def _what(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--policy", metavar="FILE", help="ask all routes of this policy at the URL")
    group.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin that is meant to be trusted, to be imitated; may be repeated",
    )
    group.add_argument("--cookie", metavar="COOKIES", help="a visitor's cookies; @FILE reads them")
    group.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="NAME: VALUE",
        help="a header for every request; @FILE reads a line for each; may be repeated",
    )
    group.add_argument("--server", metavar="URL", help="where an OpenAPI document's paths are")
    group.add_argument(
        "--operations",
        choices=("get", "all"),
        default="get",
        help="paths of an OpenAPI document: those with a GET, or all (still asked by GET)",
    )
    group.add_argument(
        "--resolve",
        action="append",
        default=[],
        metavar="ORIGIN=ADDRESS",
        help="where an origin really is ([scheme://]host:port), or curl's HOST:PORT:ADDRESS",
    )
    group.add_argument(
        "--prove-cache",
        action="store_true",
        help="show whether a cache hands one origin's answer to another, on an unused query",
    )
    group.add_argument(
        "--exhaustive", action="store_true", help="also the probes that answers make pointless"
    )
    group.add_argument(
        "--cacert", metavar="FILE", help="authorities to trust instead of the system's"
    )
    group.add_argument("--insecure", action="store_true", help="ask in spite of bad certificates")


def _manners(group: argparse._ArgumentGroup) -> None:
    limits = Limits()
    group.add_argument(
        "--probes",
        type=_count,
        metavar="N",
        help="requests for one target, at most (default: 200, and 25 for each trusted origin)",
    )
    numbers: tuple[tuple[str, Callable[[str], float], float, str], ...] = (
        ("--concurrency", _count, limits.concurrency, "requests at once"),
        ("--per-host", _count, limits.per_host, "requests at once to one origin"),
        ("--rate", _seconds, limits.rate, "requests a second to one origin, 0: no limit"),
        ("--max-requests", _zero_or_more, limits.max_requests, "in all, 0: no limit"),
        ("--retries", _zero_or_more, limits.retries, "after a broken connection, 429 or 503"),
        ("--timeout", _seconds, limits.timeout, "seconds for one answer"),
    )
    for name, kind, default, text in numbers:
        group.add_argument(
            name, type=kind, default=default, metavar="N", help=f"{text} (default: {default:g})"
        )
    group.add_argument("--user-agent", default=_USER_AGENT, help="default: %(default)s")
    group.add_argument(
        "--state",
        metavar="FILE",
        help="keep a journal here; what it has as finished is not asked again",
    )


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", choices=("text", *FORMATS), default="text", help="default: text")
    group.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="error",
        help="the mildest finding that makes the exit code 1 (default: error)",
    )


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _zero_or_more(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return value


def run(args: argparse.Namespace) -> int:
    """Print the findings; 0, 1, 2 or 130."""
    for origin in args.trust:
        if page_origin(origin, "--trust") == OPAQUE:
            raise UsageError("--trust null would trust every sandboxed frame; name an origin")
    secrets = secrets_of(args)
    report = Report()
    targets = report.taking(targets_of(args))
    # What is wrong with the first is told before anything is asked.
    first = list(itertools.islice(targets, 1))
    if not first and not report.unreadable:
        raise UsageError("no targets: every source was empty")
    stopped = False
    try:
        with _journal(args.state) as journal:
            asyncio.run(_audit(args, itertools.chain(first, targets), secrets, report, journal))
    except KeyboardInterrupt:
        stopped = True
    report.print(args.format)
    if stopped:
        print("corsage: stopped; the report holds what was done until then", file=sys.stderr)
        return 130
    if report.unreadable:
        return 2
    return int(any(_fails(finding.severity, args.fail_on) for finding in report.findings))


async def _audit(
    args: argparse.Namespace,
    targets: Iterator[Target],
    secrets: Secrets,
    report: Report,
    journal: Journal | None,
) -> None:
    limits = Limits(
        args.concurrency,
        args.per_host,
        args.rate,
        args.max_requests,
        args.retries,
        args.timeout or Limits().timeout,
    )
    try:
        client = Client(
            (),
            limits=limits,
            resolve=resolved(args.resolve),
            headers=secrets.headers,
            cookie=secrets.cookies,
            user_agent=args.user_agent,
            tls=tls_of(args),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    with Bar() as bar:

        def done(outcome: Outcome) -> None:
            report.add(outcome)
            bar.step(report)

        settings = Settings(args.probes, args.exhaustive, args.prove_cache)
        async with client:
            try:
                await audit(
                    targets,
                    client,
                    settings=settings,
                    secrets=secrets,
                    done=done,
                    journal=journal,
                    at_once=min(args.concurrency, 64),
                )
            finally:
                report.requests = client.sent
        if client.is_spent and next(targets, None) is not None:
            report.broken("the rest was not asked: --max-requests are spent (--state goes on)")


def _journal(state: str | None) -> AbstractContextManager[Journal | None]:
    return nullcontext() if state is None else _Opened(Path(state))


class _Opened(AbstractContextManager["Journal | None"]):
    """A journal whose errors are the user's."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)
        self._path = path

    def __enter__(self) -> Journal:
        try:
            return self._journal.__enter__()
        except JournalError as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            raise UsageError(f"--state {self._path}: {error.strerror or error}") from error

    def __exit__(self, *error: object) -> None:
        self._journal.__exit__(*error)


def _fails(severity: Severity, fail_on: str) -> bool:
    worse = SEVERITIES[: SEVERITIES.index(severity)]
    return fail_on != "never" and fail_on not in worse
