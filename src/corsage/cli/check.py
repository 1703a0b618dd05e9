"""Findings in policies, without a network; every `expect` line is proved.

  corsage check cors.yaml
  corsage check 'teams/*/cors.yaml' --format sarif > corsage.sarif
  corsage check - < cors.yaml

Exit codes, the same for every format: 0 nothing at or above --fail-on, 1 findings, 2 a file that
could not be read or understood as a policy. `corsage why CORS012` is the page of a rule.
"""

from __future__ import annotations

import argparse
import glob
import sys
from pathlib import Path

from corsage.check import Finding, check_policy
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.policies import beside, shown
from corsage.policy.load import read_policy_text
from corsage.report import findings_text
from corsage.report.findings import FORMATS, SEVERITIES, Checked, Unreadable
from corsage.report.terminal import console

# The rules of the file itself: what breaks them is no policy, and nothing more can be said.
_NO_POLICY = {f"CORS{number:03}" for number in range(1, 10)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("sources", metavar="SOURCE", nargs="+", help="policies, globs, - for stdin")
    parser.add_argument(
        "--format", choices=("text", *FORMATS), default="text", help="default: text"
    )
    parser.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="error",
        help="the mildest finding that makes the exit code 1 (default: error)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the findings; 0, 1 or 2."""
    checked = _check(args.sources)
    if args.format == "text":
        findings_text.write(console(), checked)
    else:
        sys.stdout.write(FORMATS[args.format](checked))
    if checked.unreadable or any(finding.rule in _NO_POLICY for finding in checked.findings):
        return 2
    return int(any(_fails(finding, args.fail_on) for finding in checked.findings))


def _fails(finding: Finding, fail_on: str) -> bool:
    return fail_on != "never" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(
        next(severity for severity in SEVERITIES if severity == fail_on)
    )


def _check(sources: list[str]) -> Checked:
    files: list[str] = []
    findings: list[Finding] = []
    unreadable: list[Unreadable] = []
    expectations = 0
    for source in _expanded(sources):
        name = shown(source)
        try:
            text = read_text(source)
        except UsageError as error:
            unreadable.append(Unreadable(name, str(error).removeprefix(f"{name}: ")))
            continue
        files.append(name)
        findings.extend(check_policy(text, name, beside(source)))
        policy = read_policy_text(text, name, beside(source)).policy
        expectations += len(policy.expectations) if policy else 0
    return Checked(files, findings, unreadable, expectations)


def _expanded(sources: list[str]) -> list[str]:
    """Shells expand globs, CI systems often do not. A pattern that matches nothing stays, and
    is reported as the file that it is not."""
    names: dict[str, None] = {}
    for source in sources:
        is_glob = source != "-" and not Path(source).exists() and glob.has_magic(source)
        # Path.glob takes no absolute patterns.
        matches = sorted(glob.glob(source, recursive=True)) if is_glob else []  # noqa: PTH207
        names.update(dict.fromkeys(matches or [source]))
    return list(names)
