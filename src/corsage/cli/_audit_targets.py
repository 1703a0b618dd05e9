"""What `corsage audit` was given, as targets: told at once if it is misused."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from corsage.cli.errors import UsageError
from corsage.cli.inputs import lines, opened, read_text
from corsage.cli.policies import load
from corsage.diagnosis.redact import redact
from corsage.live.audit import Target, sources
from corsage.policy.model import Policy
from corsage.report.terminal import printable

_LONGEST_LINE = 64 * 1024 * 1024  # a sitemap may be one line; the protocol allows 50 MB

_FILE = re.compile(r"\.(?:ya?ml|json|xml|txt|csv|har|conf)$", re.IGNORECASE)  # no top-level domains
_POLICY = re.compile(r"^policies:", re.MULTILINE)


def targets_of(args: argparse.Namespace) -> list[Iterator[Target]]:
    """The targets of each argument. What is misused is told now, not when its turn comes."""
    trusted = tuple(dict.fromkeys(args.trust))
    if args.policy is None:
        return [(Target(url, trusted) for url in _urls(args, source)) for source in args.targets]
    policy = load(args.policy)
    for source in args.targets:
        if source == "-" or Path(source).is_file():
            raise UsageError(
                f"{source}: --policy brings the routes; name the URL of the deployment"
            )
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
    if "://" not in text and Path(text).is_dir():
        raise UsageError(f"{printable(text)}: a folder; name a file in it, or a URL")
    host = re.split("[/:]", text)[0]
    if "://" not in text and ("." not in host.strip(".") or _FILE.search(host)):
        raise UsageError(f"{printable(text)}: no such file; a URL begins with https://")
    try:
        return Target(sources.url_of(text)).parsed.href
    except ValueError as error:
        raise UsageError(f"{printable(redact(text))}: {error}") from error


def _of_file(args: argparse.Namespace, name: str) -> Iterator[str]:
    with opened(name) as file:
        head = file.read(64 * 1024).decode("utf-8", "replace")
    if _POLICY.search(head):
        raise UsageError(
            f"{name} is a policy: corsage audit --policy {name} https://api.example.com"
        )
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
