"""Write a product's configuration from a policy.

corsage render nginx cors.yaml          prints what `corsage serve` would run
corsage render nginx cors.yaml -o nginx.conf
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from corsage.cli.errors import UsageError
from corsage.cli.policies import load
from corsage.layers import TARGETS, load_target
from corsage.layers.target import FidelityError, File


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=f"one of: {', '.join(TARGETS)}")
    parser.add_argument("source", metavar="POLICY", help="the policy file, - for standard input")
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="write to this file (or folder) instead of printing"
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def run(args: argparse.Namespace) -> int:
    """Print or write the configuration; 0."""
    if args.target not in TARGETS:
        nearest = difflib.get_close_matches(args.target, TARGETS, n=1)
        hint = f"; did you mean `{nearest[0]}`?" if nearest else ""
        raise UsageError(f"no target `{args.target}`{hint} (targets: {', '.join(TARGETS)})")
    try:
        files = load_target(args.target).files(load(args.source))
    except FidelityError as error:
        raise UsageError(str(error)) from error
    if args.output is not None:
        _write(Path(args.output), files, replace=args.force)
    elif len(files) == 1:
        sys.stdout.write(files[0].text)
    else:
        names = ", ".join(file.path for file in files)
        raise UsageError(f"{args.target} needs several files ({names}); name a folder with -o")
    return 0


def _write(output: Path, files: tuple[File, ...], *, replace: bool) -> None:
    places = [output if len(files) == 1 else output / file.path for file in files]
    taken = [str(place) for place in places if place.exists()]
    if taken and not replace:
        raise UsageError(f"{', '.join(taken)} already there; --force overwrites")
    try:
        for place, file in zip(places, files, strict=True):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from error
