"""Who calls what, through which hops, and who owns CORS: of a policy or of configuration.

  corsage map cors.yaml
  corsage map deploy/ services/
  corsage map . --format html -o map.html

From configuration the paths are found: which ingress, gateway or proxy stands before which service,
by the addresses that they name, compose and Kubernetes files, and what `corsage.yaml` says of them.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from corsage.cli.output import write_file
from corsage.cli.policies import load, shown
from corsage.cli.sources import is_policy
from corsage.policy import Policy
from corsage.report import policy_map
from corsage.report.terminal import console

if TYPE_CHECKING:
    # A policy alone needs no paths and no automata.
    from corsage.chain.picture import Picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a policy, configuration, folders; - is stdin"
    )
    formats = ("text", "json", "mermaid", "svg", "html")
    parser.add_argument("--format", choices=formats, default="text")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE, not to stdout")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")


def run(args: argparse.Namespace) -> int:
    """Print the map; 0."""
    file = io.StringIO() if args.output is not None else sys.stdout
    out = console(file)
    [first, *others] = args.sources
    if others or not is_policy(first):
        _draw(out, args.format, _of_configuration(args.sources))
    else:
        _of_policy(out, args.format, load(first), shown(first))
    if isinstance(file, io.StringIO):
        write_file(Path(args.output), file.getvalue(), force=args.force)
    return 0


def _of_policy(out: Console, form: str, policy: Policy, name: str) -> None:
    match form:
        case "text":
            policy_map.write(out, policy)
        case "json":
            print(policy_map.as_json(policy), file=out.file)
        case "mermaid":
            print(policy_map.as_mermaid(policy), file=out.file)
        case _:
            from corsage.chain.picture import of_policy

            _draw(out, form, of_policy(policy, name))


def _of_configuration(names: list[str]) -> Picture:
    from corsage.chain.picture import of_system
    from corsage.chain.system import System
    from corsage.cli.configurations import load_reading

    return of_system(System(load_reading(names)), ", ".join(names))


def _draw(out: Console, form: str, picture: Picture) -> None:
    from corsage.report import picture_svg, picture_text

    match form:
        case "text":
            picture_text.write(out, picture)
        case "json":
            print(picture_text.as_json(picture), file=out.file)
        case "mermaid":
            print(picture_text.as_mermaid(picture), file=out.file)
        case "svg":
            out.file.write(picture_svg.as_svg(picture))
        case _:
            out.file.write(picture_svg.as_html(picture))
