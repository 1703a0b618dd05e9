"""The command line: one small file per verb.

Exit codes are the same everywhere: 0 fine, 1 the answer is no (findings, blocked), 2 the command
was misused or an input could not be read, 130 stopped by Ctrl-C, 141 the reader of the output went
away.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import importlib
import os
import sys
from collections.abc import Sequence

from corsage import __version__
from corsage.cli.errors import UsageError

VERBS = {
    "init": "write a starting policy: from a preset, questions, or what you have (--from)",
    "serve": "run the gateway that enforces a policy",
    "render": "write a product's configuration from a policy",
    "check": "findings in policies and configuration, without a network",
    "map": "who calls what, and who owns CORS on each route",
    "explain": "one request: the verdict, the preflight, the reason",
    "verify": "ask what is deployed everything that a policy says, and report drift",
    "diff": "the requests on which two sources differ: policies, configuration, a URL",
    "audit": "a running server, asked as an attacker's page would ask it",
    "judge": "the bare browser model, JSON Lines in and out",
    "why": "the page of a reason or a rule",
}

_EPILOG = """\
start with:
  corsage init > cors.yaml
  corsage check cors.yaml
  corsage serve cors.yaml

`corsage VERB --help` explains each verb. NO_COLOR turns colours off.
exit codes: 0 fine, 1 findings or blocked, 2 misuse or unreadable input
"""


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except UsageError as error:
        print(f"corsage: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough. 0 would pass for an answer that nobody has read.
        _discard_output()
        return 141
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _discard_output()
        print(f"corsage: the output could not be written: {error.strerror}", file=sys.stderr)
        return 2


def _discard_output() -> None:
    """Python must not complain once more while it closes standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    verb = next((word for word in arguments if not word.startswith("-")), None)
    if verb is None or arguments[0].startswith("-"):
        _top_parser().parse_args(arguments)
        _top_parser().print_help()
        return 0
    if verb not in VERBS:
        nearest = difflib.get_close_matches(verb, VERBS, n=1)
        hint = f"; did you mean `{nearest[0]}`?" if nearest else ""
        raise UsageError(f"there is no verb `{verb}`{hint} (verbs: {', '.join(VERBS)})")
    try:
        return _run_verb(verb, arguments[1:])
    except ModuleNotFoundError as error:
        package = (error.name or "corsage").partition(".")[0]
        if package == "corsage":
            raise
        raise UsageError(
            f"`{verb}` needs the Python package {package}: pip install 'corsage[tools]'"
        ) from error


def _run_verb(verb: str, arguments: list[str]) -> int:
    module = importlib.import_module(f"corsage.cli.{verb}")
    parser = argparse.ArgumentParser(
        prog=f"corsage {verb}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args(arguments))
    return code


def _top_parser() -> argparse.ArgumentParser:
    # Not map(): once a verb is imported, that name in this package is its module.
    width = max(len(verb) for verb in VERBS)
    verbs = "\n".join(f"  {verb:<{width}}  {summary}" for verb, summary in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="corsage",
        usage="corsage VERB [ARGUMENT ...]",
        description=f"One CORS policy for all your services.\n\nverbs:\n{verbs}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"corsage {__version__}")
    return parser
