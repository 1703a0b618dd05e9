"""A baseline: the findings that an old repository lives with, so that only new ones count.

A finding is known by its rule, its file and the text of its line, so that it stays known when
lines above it come and go.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from corsage.check import Finding
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.output import write_file
from corsage.report.findings import Checked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that speak of a baseline."""
    parser.add_argument(
        "--baseline", metavar="FILE", help="leave out the findings that stand in FILE"
    )
    parser.add_argument(
        "--write-baseline", metavar="FILE", help="write the findings of this run to FILE"
    )


def apply(args: argparse.Namespace, checked: Checked) -> Checked:
    """What is not in the baseline. Raises UsageError for a file that is none."""
    if args.write_baseline:
        known = [_key(finding) for finding in checked.findings]
        text = json.dumps({"version": 1, "findings": known}, indent=1, ensure_ascii=False)
        write_file(Path(args.write_baseline), text + "\n", force=True)
        return replace(checked, findings=())
    if not args.baseline:
        return checked
    left = Counter(_read(args.baseline))
    fresh = []
    for finding in checked.findings:
        key = tuple(_key(finding))
        if left[key]:
            left[key] -= 1
        else:
            fresh.append(finding)
    return replace(checked, findings=fresh)


def _key(finding: Finding) -> list[str]:
    return [finding.rule, finding.where.file, finding.where.source.strip()]


def _read(name: str) -> list[tuple[str, ...]]:
    try:
        whole = json.loads(read_text(name))
        known = [tuple(map(str, key)) for key in whole["findings"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{name}: not a baseline; --write-baseline writes one") from error
    return known
