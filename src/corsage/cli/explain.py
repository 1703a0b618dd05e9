"""One request, one verdict: would the browser let the page read the answer, and why not?

  corsage explain cors.yaml POST /billing/invoices --origin https://app.example.com \\
      -H authorization --credentials

Answers from the policy alone, without a server: the preflight that the browser would send, what
a correct owner answers, the verdict and the reason. Exit code 0 when allowed, 1 when blocked.

  corsage explain deploy/ services/ POST /billing/invoices --origin https://app.example.com

The same of configuration: hop by hop, what each layer does to the preflight and to the answer.

  corsage explain https://api.example.com POST /orders --origin https://app.example.com \\
      -H "authorization: Bearer x" -H content-type:application/json --credentials

Asks the server what the browser would ask, and then what else it takes to tell the cause from its
look-alikes. Methods other than GET and HEAD are sent only with --send; --hop NAME=URL, once for
each hop from the outside in, finds where a header appears, is doubled or vanishes.

  corsage explain --console "Access to fetch at 'https://api.example.com/' from origin ..."
  curl -iv https://api.example.com/ -H 'Origin: https://app.example.com' 2>&1 | corsage explain -
  corsage explain trace.har
  corsage explain --observed incidents.jsonl

Without METHOD and PATH, SOURCE is what was pasted or saved: curl's output, "copy as cURL", "copy
as fetch", a HAR file, console lines or header lines. The answer is the cause, the hop to blame,
the evidence and what to change.
"""

from __future__ import annotations

import argparse

from corsage.cli import _explain_live, _explain_policy, _explain_recorded
from corsage.cli.errors import UsageError
from corsage.cli.sources import is_policy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="the policy file, a URL, or what was recorded; - for standard input",
    )
    parser.add_argument(
        "method", metavar="METHOD", nargs="?", help="GET, POST, ... as the page says it"
    )
    parser.add_argument(
        "path", metavar="PATH", nargs="?", help="a path on the gateway, or a whole URL"
    )
    parser.add_argument("more", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--origin", help="the page's origin (null if sandboxed)")
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="NAME[: VALUE]",
        help="a header that the page sets; may be repeated",
    )
    parser.add_argument(
        "--credentials", action="store_true", help="with cookies (credentials: 'include')"
    )
    parser.add_argument(
        "--xhr-upload",
        action="store_true",
        help="an XMLHttpRequest with upload progress listeners, which costs a preflight",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    _explain_live.add_arguments(parser)
    _explain_recorded.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print the verdict; 0 allowed, 1 blocked."""
    sources = _sources(args)
    if args.path is not None and args.method.startswith("/"):
        raise UsageError(f"METHOD stands before PATH: {args.path} {args.method}")
    if _explain_live.is_wanted(args):
        return _explain_live.run(args)
    if _explain_recorded.is_wanted(args):
        return _explain_recorded.run(args)
    [first, *others] = sources or ["-"]
    if others or (args.path is not None and not is_policy(first)):
        # A policy alone needs no readers, no paths and no automata.
        from corsage.cli import _explain_config

        return _explain_config.run(args, sources)
    return _explain_policy.run(args)


def _sources(args: argparse.Namespace) -> list[str]:
    """All sources that were named: the method and the path are the last two words."""
    words = [word for word in (args.source, args.method, args.path, *args.more) if word is not None]
    if args.more:
        *sources, args.method, args.path = words
        return sources
    return words[:1]
