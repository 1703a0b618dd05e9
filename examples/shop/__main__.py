"""``python -m examples.shop``: open the shop, print the table, stay until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import ExitStack

from rich.console import Console
from rich.text import Text

from examples.shop.addresses import PORT_BASE, PortsInUseError, choose_base
from examples.shop.calls import CALLS
from examples.shop.demo import open_shop
from examples.shop.pages import origins
from examples.shop.predict import predict_all
from examples.shop.table import print_table

INTERRUPTED = 130
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.shop", description=__doc__)
    parser.add_argument("--once", action="store_true", help="print the table and end")
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="PORT",
        help=f"the first of the shop's block of ports (default: {PORT_BASE}, or the next free)",
    )
    return parser.parse_args(argv)


def _welcome(console: Console, pages: dict[str, str], gateway: str) -> None:
    console.print()
    console.print(Text("Open a page and press its buttons:", style="bold"))
    for name, origin in pages.items():
        console.print(f"  {name:<8} {origin}", highlight=False)
    console.print(f"  gateway  {gateway}", highlight=False)
    console.print("Ctrl-C ends the demo.")


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 done or ended as asked, 1 the shop could not open, 130 interrupted."""
    arguments = _arguments(argv)
    console = Console(soft_wrap=False)
    up = False
    for number in _ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            # Whatever ends the shop, nothing interrupts its tidying up.
            base = choose_base(arguments.port_base)
            if arguments.port_base is None and base != PORT_BASE:
                console.print(f"Ports from {PORT_BASE} on are in use; the shop opens at {base}.")
            policy = stack.enter_context(open_shop(base))
            stack.callback(_ignore_signals)
            pages = origins(policy)
            print_table(console, predict_all(policy, CALLS, pages), pages)
            if arguments.once:
                return 0
            _welcome(console, pages, policy.gateway.public_origin)
            up = True
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0 if up else INTERRUPTED
    except (PortsInUseError, OSError) as error:
        print(f"The shop cannot open: {error}", file=sys.stderr)
        return 1
    return 0


def _ignore_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
