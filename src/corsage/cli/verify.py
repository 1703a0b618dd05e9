"""Does the deployment do what the policy says? Asks it every case, and reports drift.

  corsage verify cors.yaml https://api.example.com
  corsage verify cors.yaml https://api.example.com --direct billing=http://10.0.0.7:3002
  corsage verify cors.yaml https://api.example.com --sample 400 --junit verify.xml
  corsage verify cors.yaml https://api.example.com --watch 60 --metrics 127.0.0.1:9464

Preflights are sent for every method, requests themselves only for GET and HEAD unless --send is
given; no cookie is sent unless --cookie is. Nobody but URL, and the services of --direct, is
asked. Exit codes: 0 no drift at or above --fail-on, 1 drift, 2 misuse or no answer at all, 130
stopped by Ctrl-C with a report on what was asked until then.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corsage.browser.origin import is_origin
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.policies import load, shown
from corsage.live.client import Client
from corsage.live.verify import Round, Scope, Target, Verifier
from corsage.live.verify.metrics import Metrics
from corsage.live.verify.watch import exported, watch
from corsage.policy import Policy
from corsage.report import findings_text
from corsage.report.findings import FORMATS, SEVERITIES, Checked, Unreadable
from corsage.report.terminal import console, styled
from corsage.report.verify_junit import as_junit
from corsage.report.verify_text import coverage_json, coverage_lines

_STYLES = {"drift": "bold red", "gone": "green", "down": "bold red", "up": "green"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("source", metavar="POLICY", help="the policy file; - for standard input")
    parser.add_argument("url", metavar="URL", help="the origin of the deployment")
    parser.add_argument(
        "--resolve",
        metavar="ADDRESS",
        help="[scheme://]host:port where URL and its hosts are asked",
    )
    parser.add_argument(
        "--direct",
        action="append",
        default=[],
        metavar="SERVICE=URL",
        help="ask this service itself about every drift: is it the gateway's or its own?",
    )
    parser.add_argument("--cookie", metavar="TEXT", help="a Cookie header; @FILE reads it")
    parser.add_argument("--send", action="store_true", help="send POST, PUT, DELETE ... themselves")
    parser.add_argument(
        "--sample", type=_count, metavar="N", help="ask at most N cases, every clause first"
    )
    parser.add_argument("--seed", type=int, default=0, help="which cases --sample takes (0)")
    parser.add_argument("--all", action="store_true", help="every origin on every route")
    parser.add_argument(
        "--connections", type=_count, default=16, metavar="N", help="at the same time (16)"
    )
    parser.add_argument("--rate", type=_positive, metavar="N", help="at most N requests a second")
    parser.add_argument(
        "--timeout", type=_positive, default=5.0, metavar="SECONDS", help="for one answer (5)"
    )
    parser.add_argument(
        "--format", choices=("text", *FORMATS), default="text", help="default: text"
    )
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML, too: a test a clause")
    parser.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="error",
        help="the mildest finding that makes the exit code 1 (default: error)",
    )
    parser.add_argument(
        "--watch", type=_positive, metavar="SECONDS", help="ask again and again, print changes"
    )
    parser.add_argument(
        "--metrics", metavar="HOST:PORT", help="with --watch: where Prometheus finds /metrics"
    )


def run(args: argparse.Namespace) -> int:
    """Ask, report; 0, 1, 2 or 130."""
    if args.metrics is not None and args.watch is None:
        raise UsageError("--metrics exports what --watch finds; give --watch SECONDS, too")
    if args.watch is not None and args.source == "-":
        raise UsageError("--watch reads the policy again and cannot take standard input")
    if args.watch is not None:
        return _watch(args)
    verifier, stop = _Verifiers(args)(), threading.Event()
    with _stopping_on(stop), _progress() as progress:
        found = verifier.round(stop=stop, progress=progress)
    _report(found, args, verifier)
    if found.stopped:
        return 130
    if not found.answered and found.asked:
        raise UsageError(f"{args.url} does not answer: {_silence(found)}")
    return int(any(_fails(severity, args.fail_on) for severity in _severities(found)))


def _severities(found: Round) -> Iterator[str]:
    return (finding.severity for finding in found.findings)


def _fails(severity: str, fail_on: str) -> bool:
    order = [*SEVERITIES, "never"]
    return fail_on != "never" and order.index(severity) <= order.index(fail_on)


def _report(found: Round, args: argparse.Namespace, verifier: Verifier) -> None:
    if not found.answered and not found.stopped:
        _report_silence(found, args)
        return
    proved = 0 if found.stopped else verifier.expectations
    checked = Checked([shown(args.source)], found.findings, (), proved)
    _write_junit(args.junit, as_junit(found))
    out = console()
    match args.format:
        case "text":
            if found.answered:
                findings_text.write(out, checked)
        case "json":
            whole = json.loads(FORMATS["json"](checked))
            whole["coverage"] = coverage_json(found, args.url)
            print(json.dumps(whole, indent=2, ensure_ascii=False))
        case "junit":
            print(as_junit(found), end="")
        case other:
            sys.stdout.write(FORMATS[other](checked))
    told = out if args.format == "text" else console(sys.stderr)
    for line in coverage_lines(found, args.url):
        told.print(styled(line, "dim"))


def _report_silence(found: Round, args: argparse.Namespace) -> None:
    """For programs, that nothing could be asked; for people the error says it."""
    checked = Checked([], [], [Unreadable(args.url, _silence(found))])
    _write_junit(args.junit, FORMATS["junit"](checked))
    if args.format != "text":
        sys.stdout.write(FORMATS[args.format](checked))


def _silence(found: Round) -> str:
    return next(iter(found.drifts[0].values), "no answer")


def _write_junit(name: str | None, text: str) -> None:
    if name is None:
        return
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error


class _Verifiers:
    """Makes the verifier of the policy file, and a new one when the policy has changed."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._policy: Policy | None = None
        self._verifier: Verifier | None = None
        self._told = ""

    def __call__(self) -> Verifier:
        text = read_text(self._args.source)
        policy = load(self._args.source, text)
        if self._verifier is None or policy != self._policy:
            self._verifier = Verifier(
                policy,
                _target(self._args, policy),
                Scope(self._args.sample, self._args.seed, self._args.all),
                name=shown(self._args.source),
                text=text,
            )
            self._policy = policy
        return self._verifier

    def kept(self, tell: Callable[[str, str], None]) -> Verifier:
        """As a call, but what cannot be read leaves the policy in force, and is told once."""
        try:
            verifier, self._told = self(), ""
        except UsageError as error:
            if self._verifier is None:
                raise
            if str(error) != self._told:
                tell("kept", f"the policy before stays: {error}")
            verifier, self._told = self._verifier, str(error)
        return verifier


def _watch(args: argparse.Namespace) -> int:
    metrics, stop, out = Metrics(), threading.Event(), console()

    def tell(kind: str, text: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        out.print(styled(f"{now} {kind}: {text}", _STYLES.get(kind, "")))
        sys.stdout.flush()

    verifiers = _Verifiers(args)
    verifiers()  # what is wrong from the beginning is an error
    with _stopping_on(stop), ExitStack() as stack:
        if args.metrics is not None:
            host, port = _listen(args.metrics)
            try:
                url = stack.enter_context(exported(metrics, host, port))
            except OSError as error:
                raise UsageError(f"--metrics {args.metrics}: {error.strerror or error}") from error
            tell("metrics", url)
        watch(lambda: verifiers.kept(tell), args.watch, tell=tell, stop=stop, metrics=metrics)
    return 0


def _target(args: argparse.Namespace, policy: Policy) -> Target:
    services = {}
    for each in args.direct:
        name, equals, url = each.partition("=")
        if not equals:
            raise UsageError(f"--direct {each}: write SERVICE=URL, as billing=http://10.0.0.7:3002")
        if name not in policy.services:
            known = ", ".join(policy.services)
            raise UsageError(f"--direct {each}: the policy has no service {name} (it has {known})")
        services[name] = _origin(url, f"--direct {name}")
    url = _origin(args.url, "URL")
    try:
        Client([url], resolve={url: args.resolve or url})
    except ValueError as error:
        raise UsageError(f"--resolve {args.resolve}: write [scheme://]host:port") from error
    return Target(
        url=url,
        resolve=args.resolve,
        services=services,
        cookie=_cookie(args.cookie),
        send=args.send,
        timeout=args.timeout,
        rate=args.rate,
        connections=args.connections,
    )


def _origin(text: str, what: str) -> str:
    origin = text.removesuffix("/")
    if not is_origin(origin) or not origin.startswith(("http://", "https://")):
        parts = urlsplit(text)
        hint = ""
        if parts.scheme in ("http", "https") and parts.hostname and not parts.username:
            hint = f"; write {parts.scheme}://{parts.netloc.lower()}"
        elif "://" not in text:
            hint = f"; write https://{text}"
        named = "what was given" if parts.username else repr(text)  # a password stays unsaid
        raise UsageError(f"{what}: {named} is not the origin of a deployment{hint}")
    return origin


def _cookie(text: str | None) -> str | None:
    if text is not None and text.startswith("@"):
        text = read_text(text[1:]).strip()
    if text is not None and not (text.isascii() and text.isprintable()):
        raise UsageError("--cookie: a Cookie header is one line of printable ASCII")
    return text


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or len(port) > 5 or int(port) > 65535:
        raise UsageError(f"--metrics {text}: write HOST:PORT, as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(done, total))


@contextmanager
def _stopping_on(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set ``stop``; the second of them ends the process."""

    def handle(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:10]) <= 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
