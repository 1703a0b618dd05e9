"""Findings in policies and configuration, without a network.

  corsage check cors.yaml
  corsage check .
  corsage check cors.yaml deploy/ --format sarif > corsage.sarif
  corsage check - < cors.yaml

A folder is searched for what Corsage reads: policies, nginx, Kubernetes, Envoy, compose, OpenAPI,
Python, JavaScript, Java... What is found is put together: every path that requests take is run
through, and every `expect` line of a policy is proved. A policy and configuration together are
compared: what the one means and the other does.

Exit codes, the same for every format: 0 nothing at or above --fail-on, 1 findings, 2 a file that
could not be read. `corsage why CORS012` is the page of a rule. On a line of its own or at the end
of one, `# corsage: ignore[CORS130] the reason` silences a finding of that line.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from corsage.check import RULES, Finding, check_policy
from corsage.check.edits import apply
from corsage.check.ignores import silence
from corsage.cli import baseline
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.output import write_file
from corsage.cli.policies import beside, shown
from corsage.cli.progress import Advance, progress
from corsage.cli.sources import Found, find
from corsage.layers.site import Edit
from corsage.policy import Policy
from corsage.policy.load import read_policy_text
from corsage.report import findings_text
from corsage.report.findings import FORMATS, SEVERITIES, Checked, Unreadable
from corsage.report.html import as_html
from corsage.report.terminal import console, printable

# The rules of the file itself: what breaks them is no policy, and nothing more can be said.
_NO_POLICY = {f"CORS{number:03}" for number in range(1, 10)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="files, folders, globs, - for stdin"
    )
    parser.add_argument(
        "--format", choices=("text", *FORMATS, "html"), default="text", help="default: text"
    )
    parser.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="error",
        help="the mildest finding that makes the exit code 1 (default: error)",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="make the changes that are safe, and print them as a diff on standard error",
    )
    parser.add_argument(
        "--diff", action="store_true", help="with --fix: print the diff and change nothing"
    )
    baseline.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print the findings; 0, 1 or 2."""
    if args.diff and not args.fix:
        raise UsageError("--diff shows what --fix would change; give both")
    with progress("reading") as advance:
        found = find(args.sources, advance)
    _tell_of_templates(found)
    with progress("checking") as advance:
        checked = baseline.apply(args, _check(found, advance))
    if args.fix:
        checked = _fix(checked, write=not args.diff)
    if args.format == "text":
        findings_text.write(console(), checked)
    elif args.format == "html":
        sys.stdout.write(as_html(checked, "Corsage check"))
    else:
        sys.stdout.write(FORMATS[args.format](checked))
    if checked.unreadable or any(finding.rule in _NO_POLICY for finding in checked.findings):
        return 2
    return int(any(_fails(finding, args.fail_on) for finding in checked.findings))


def _tell_of_templates(found: Found) -> None:
    """A chart beside the code is no fault of the code, and is not checked either."""
    if found.templates:
        first, *others = found.templates
        more = f" and {len(others)} more" if others else ""
        message = f"corsage: {first}{more}: templates are not read; check what they render to"
        print(printable(f"{message}: helm template CHART | corsage check -"), file=sys.stderr)


def _fails(finding: Finding, fail_on: str) -> bool:
    return fail_on != "never" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(
        next(severity for severity in SEVERITIES if severity == fail_on)
    )


def _check(found: Found, advance: Advance) -> Checked:
    files: list[str] = []
    findings: list[Finding] = []
    unreadable = [Unreadable(file, message) for file, message in found.unreadable]
    policies: list[tuple[str, Policy]] = []
    for source, text in found.policies:
        name = shown(source)
        files.append(name)
        findings.extend(check_policy(text, name, beside(source)))
        policy = read_policy_text(text, name, beside(source)).policy
        if policy is not None:
            policies.append((name, policy))
    if found.parsed:
        # A policy alone needs no reader, no automaton and no path.
        files.extend(parsed.path for parsed in found.parsed)
        findings.extend(_of_configuration(found, policies, advance))
    expectations = sum(len(policy.expectations) for _, policy in policies)
    return Checked(files, findings, unreadable, expectations)


def _of_configuration(
    found: Found, policies: Sequence[tuple[str, Policy]], advance: Advance
) -> list[Finding]:
    from corsage.chain.system import System
    from corsage.check.configuration import grouped, said_once
    from corsage.check.drift import check_drift
    from corsage.cli._check_parts import check_parts
    from corsage.layers.reading import link

    reading = link(found.parsed)
    system = System(reading)
    findings = list(said_once(check_parts(reading, system, advance)))
    for name, policy in policies:
        findings.extend(check_drift(policy, name, system))
    # A comment on a line silences what is found there, and not what is alike elsewhere.
    return grouped(_unsilenced(findings, [parsed.path for parsed in found.parsed]))


def _unsilenced(findings: Sequence[Finding], files: Sequence[str]) -> Sequence[Finding]:
    kept: Sequence[Finding] = findings
    said = {finding.where.file for finding in findings}
    for file in files:
        if file in said and file != "<stdin>":
            kept = silence(kept, file, read_text(file), RULES)
    return kept


def _fix(checked: Checked, *, write: bool) -> Checked:
    edits: dict[str, list[Edit]] = defaultdict(list)
    for finding in checked.findings:
        for edit in finding.edits:
            edits[edit.file].append(edit)
    for file, changes in edits.items():
        before = read_text(file)
        after = apply(changes, before)
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), file, file, lineterm=""
        )
        for line in lines:
            print(printable(line), file=sys.stderr)
        if write:
            write_file(Path(file), after, force=True)
    if not write:
        return checked
    left = [finding for finding in checked.findings if not finding.edits]
    return Checked(checked.files, left, checked.unreadable, checked.expectations)
