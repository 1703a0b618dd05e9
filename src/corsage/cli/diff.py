"""The requests on which two sources differ: a policy, configuration, a folder, a running URL.

  corsage diff cors.yaml nginx.conf
  corsage diff before/ after/
  corsage diff cors.yaml https://api.example.com

Sets of origins are compared exactly, not by trying some: where one source admits an origin that
the other does not, one is found and asked. A URL is asked with preflights and GET requests only.

Exit codes: 0 no difference, 1 differences, 2 a source that could not be read.
"""

from __future__ import annotations

import argparse
import json

from corsage.browser import Server
from corsage.chain.compare import Difference, differences
from corsage.cli.configurations import surface
from corsage.cli.errors import UsageError
from corsage.report.terminal import console, styled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("first", metavar="A", help="a policy, configuration, a folder or a URL")
    parser.add_argument("second", metavar="B", help="another")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--timeout", type=float, default=5.0, metavar="SECONDS", help="for each request to a URL"
    )


def run(args: argparse.Namespace) -> int:
    """Print the differences; 0 if there are none, else 1."""

    def client(url: str) -> Server:
        from corsage.live.client import Client

        try:
            return Client([url], timeout=args.timeout)
        except ValueError as error:
            raise UsageError(f"{url}: {error}") from error

    first, second = surface(args.first, client), surface(args.second, client)
    if not (first.questions or second.questions):
        raise UsageError("neither of them grants anything, so there is nothing to compare")
    found = differences(first, second)
    if args.format == "json":
        print(json.dumps(_as_json(found, args), indent=2))
    else:
        _print(found, args)
    return int(bool(found))


def _print(found: list[Difference], args: argparse.Namespace) -> None:
    out = console()
    for one in found:
        allows, blocks = (
            (args.first, args.second) if one.first.allowed else (args.second, args.first)
        )
        out.print(
            styled(allows, "bold"),
            styled("allows,", "green"),
            styled(blocks, "bold"),
            styled("blocks:", "red"),
            styled(one.asked),
        )
        out.print(styled(f"  {one.refusal.sentence}"))
        if one.count > 1:
            paths = f" on {len(one.paths)} paths" if len(one.paths) > 1 else ""
            out.print(styled(f"  and {one.count - 1} requests like it{paths}", "dim"))
    number = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    out.print(styled(number if found else "no difference", "bold"))


def _as_json(found: list[Difference], args: argparse.Namespace) -> object:
    return {
        "a": args.first,
        "b": args.second,
        "differences": [
            {
                "request": one.asked,
                "method": one.request.method,
                "url": one.request.url,
                "origin": one.request.origin,
                "headers": [list(header) for header in one.request.headers],
                "credentials": one.request.credentials,
                "about": one.about,
                "a": {"allowed": one.first.allowed, "reason": one.first.reason},
                "b": {"allowed": one.second.allowed, "reason": one.second.reason},
                "sentence": one.refusal.sentence,
                "count": one.count,
                "paths": list(one.paths),
            }
            for one in found
        ],
    }
