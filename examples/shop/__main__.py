"""``python -m examples.shop``: open the shop, print the table, stay until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.text import Text

from corsage.gateway import GatewayError
from examples.shop.addresses import PORT_BASE, PortsInUseError, choose_base
from examples.shop.calls import CALLS
from examples.shop.demo import open_shop, shop_policy
from examples.shop.pages import origins
from examples.shop.predict import predict_all
from examples.shop.table import print_table

_INTERRUPTED = 130
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


@contextmanager
def _ending_undisturbed() -> Iterator[None]:
    """Whatever ends the block, nothing interrupts the tidying up that follows it."""
    try:
        yield
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)


def _welcome(console: Console, pages: Mapping[str, str], gateway: str) -> None:
    console.print(Text("\nOpen a page and press its buttons:", style="bold"))
    for name, address in {**pages, "gateway": gateway}.items():
        console.print(f"  {name:<8} {address}", highlight=False)
    console.print("Ctrl-C ends the demo.")


def _run(arguments: argparse.Namespace) -> int:
    console = Console()
    base = choose_base(arguments.port_base)
    if arguments.port_base is None and base != PORT_BASE:
        console.print(
            f"The ports from {PORT_BASE} on are in use; the shop opens at {base}.", highlight=False
        )
    policy = shop_policy(base)
    with open_shop(policy), _ending_undisturbed():
        pages = origins(policy)
        print_table(console, predict_all(policy, CALLS, pages), pages)
        if not arguments.once:
            with suppress(KeyboardInterrupt):
                _welcome(console, pages, policy.gateway.public_origin)
                threading.Event().wait()
    return 0


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 done or ended as asked, 1 the shop could not open, 130 interrupted."""
    arguments = _arguments(argv)
    for number in _ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (PortsInUseError, GatewayError) as error:
        print(f"The shop cannot open: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
