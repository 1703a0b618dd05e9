"""The page of a reason (missing-allow-origin) or of a rule (CORS012).

corsage why preflight-status
corsage why CORS102
corsage why                      lists them all
"""

from __future__ import annotations

import argparse
import difflib

from corsage import pages
from corsage.cli.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("id", metavar="ID", nargs="?", help="a reason or a rule")


def run(args: argparse.Namespace) -> int:
    """Print one page, or the names of all."""
    known = pages.names()
    if args.id is None:
        print("\n".join(known))
        return 0
    name = next((each for each in known if each.lower() == args.id.lower()), None)
    if name is None:
        nearest = difflib.get_close_matches(args.id.lower(), known, n=1)
        hint = f"; did you mean `{nearest[0]}`?" if nearest else ""
        raise UsageError(f"no page `{args.id}`{hint} (`corsage why` lists them)")
    print(pages.read(name), end="")
    return 0
