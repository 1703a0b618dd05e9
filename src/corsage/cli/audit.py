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
import re
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from corsage import __version__
from corsage.browser.fields import is_token
from corsage.browser.origin import is_origin, serialise
from corsage.check import Finding, Severity
from corsage.cli.errors import UsageError
from corsage.cli.inputs import lines, opened, read_text
from corsage.cli.policies import load
from corsage.diagnosis.redact import redact
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
    sources,
)
from corsage.policy.model import Policy
from corsage.report import findings_text
from corsage.report.findings import FORMATS as _COMMON_FORMATS
from corsage.report.findings import SEVERITIES, Checked, Unreadable
from corsage.report.html import as_html
from corsage.report.terminal import console, printable, styled

FORMATS = {**_COMMON_FORMATS, "html": as_html}
_CURLS_RESOLVE = re.compile(r"([^:=/]+):(\d{1,5}):([^=/]+)")
_OWN_HEADERS = {
    "cookie": "give it with --cookie, so that it goes where a browser sends it",
    "host": "name the host in the URL, and --resolve says where it is",
    "origin": "the audit says who asks; --trust names who is meant to be trusted",
    **dict.fromkeys(
        ("connection", "content-length", "transfer-encoding"), "it is not yours to set"
    ),
}
_USER_AGENT = f"corsage-audit/{__version__} (+https://github.com/corsage/corsage)"
_LONGEST_LINE = 64 * 1024 * 1024  # a sitemap may be one line; the protocol allows 50 MB


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
    limits, settings = Limits(), Settings()
    numbers: tuple[tuple[str, Callable[[str], float], float, str], ...] = (
        ("--probes", _count, settings.probes, "requests for one target, at most"),
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
        if not is_origin(origin) or origin == "null":
            sent = serialise(origin)
            hint = f"; write {sent}" if sent and "://" in sent else ""
            raise UsageError(f"--trust {origin!r} is not as a browser sends an origin{hint}")
    secrets = _secrets(args)
    report = _Report()
    targets = report.taking(_sources(args))
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
    report: _Report,
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
            resolve=_resolved(args.resolve),
            headers=secrets.headers,
            cookie=secrets.cookies,
            user_agent=args.user_agent,
            tls=_tls(args),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    with _Bar() as bar:

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


class _Report:
    """What is known so far; complete at any moment, so that Ctrl-C leaves a report."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.unreadable: list[Unreadable] = []
        self.requests = 0

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if outcome.problem is not None:
            self.unreadable.append(Unreadable(outcome.name, outcome.problem))

    def broken(self, message: str) -> None:
        self.unreadable.append(Unreadable("targets", message))

    def taking(self, each: Iterable[Iterator[Target]]) -> Iterator[Target]:
        """The targets of all sources; one that breaks off keeps none of the others back."""
        for targets in each:
            try:
                yield from targets
            except sources.SourceError as error:
                self.broken(str(error))

    @property
    def findings(self) -> list[Finding]:
        found = [finding for outcome in self.outcomes for finding in outcome.findings]
        return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))

    def checked(self) -> Checked:
        names = sorted({o.name for o in self.outcomes if o.problem is None or o.findings})
        return Checked(names, self.findings, self.unreadable)

    def print(self, form: str) -> None:
        if form != "text":
            sys.stdout.write(FORMATS[form](self.checked()))
            return
        out = console()
        findings_text.write(out, self.checked())
        for outcome in self.outcomes:
            for note in outcome.notes:
                out.print(styled(f"{outcome.name}: {note}", "dim"))
        out.print(styled(f"{self.requests} requests", "dim"))


class _Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        if sys.stderr.isatty():
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(file=sys.stderr),
                transient=True,
            )

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
            self._task = self._progress.add_task("targets", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self, report: _Report) -> None:
        if self._progress is not None:
            found = sum(len(outcome.findings) for outcome in report.outcomes)
            self._progress.update(self._task, advance=1, description=f"{found} findings, targets")


def _sources(args: argparse.Namespace) -> list[Iterator[Target]]:
    """The targets of each argument. What is misused is told now, not when its turn comes."""
    trusted = tuple(dict.fromkeys(args.trust))
    if args.policy is None:
        return [(Target(url, trusted) for url in _urls(args, source)) for source in args.targets]
    policy = load(args.policy)
    return [_of_policy(policy, _checked(source), trusted) for source in args.targets]


def _of_policy(policy: Policy, url: str, trusted: tuple[str, ...]) -> Iterator[Target]:
    for target in sources.from_policy(policy, url):
        named = tuple(dict.fromkeys((*target.trusted, *trusted)))
        yield replace(target, trusted=named)


def _urls(args: argparse.Namespace, source: str) -> Iterator[str]:
    if source == "-":
        # Read to its end now: a pipe that nobody writes to must not hold up Ctrl-C later.
        with opened("-") as file:
            raw = file.read(_LONGEST_LINE + 1)
        if len(raw) > _LONGEST_LINE:
            raise UsageError(f"<stdin>: larger than {_LONGEST_LINE // 2**20} MiB; name a file")
        return sources.from_lines(_decoded(raw.splitlines()))
    if "://" not in source and Path(source).is_file():
        return _of_file(args, source)
    return iter([_checked(source)])


def _checked(text: str) -> str:
    """The URL that an argument means."""
    if "://" not in text and "." not in re.split("[/:]", text)[0]:
        raise UsageError(f"{printable(text)}: no such file; a URL begins with https://")
    try:
        return Target(sources.url_of(text)).parsed.href
    except ValueError as error:
        raise UsageError(f"{printable(redact(text))}: {error}") from error


def _of_file(args: argparse.Namespace, name: str) -> Iterator[str]:
    with opened(name) as file:
        head = file.read(64 * 1024).decode("utf-8", "replace")
    if not sources.is_openapi(head):
        return _of_list(name)
    every = args.operations == "all"
    urls = sources.from_openapi(read_text(name), name, server=args.server, every_operation=every)
    try:
        return iter(list(urls))
    except sources.SourceError as error:
        raise UsageError(str(error)) from error


def _of_list(name: str) -> Iterator[str]:
    with opened(name) as file:
        yield from sources.from_lines(_decoded(lines(file, _LONGEST_LINE)))


def _decoded(raw: Iterable[bytes]) -> Iterator[str]:
    return (line.decode("utf-8", "replace") for line in raw)


def _secrets(args: argparse.Namespace) -> Secrets:
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


def _resolved(pairs: Iterable[str]) -> dict[str, str]:
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


def _tls(args: argparse.Namespace) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=args.cacert)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--cacert {args.cacert}: {error.strerror or error}") from error
    if args.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


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
