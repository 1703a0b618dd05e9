"""The bare browser model: cases in, verdicts out, one JSON object a line.

  corsage judge cases.jsonl > verdicts.jsonl
  corsage judge --profile firefox --format text < cases.jsonl
  corsage judge --har trace.har

A case is a request and what each server that it may reach would answer; docs/judge.md shows one.
A line that is no case is answered with {"line": N, "error": "..."} and the rest goes on.
Exit code 0 when every line could be judged, 2 when one could not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from corsage.browser import PROFILES, Verdict, judge
from corsage.browser.case import Case, CaseError, parse_case, verdict_json
from corsage.cli._judge_har import HarCase, har_cases
from corsage.cli.inputs import lines, opened
from corsage.diagnosis.case import LONGEST_INPUT

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one case; a longer line is answered with an error and passed over."""

_ALL = ("standard", "chromium", "firefox")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="default: stdin")
    parser.add_argument(
        "--profile",
        choices=(*PROFILES, "all"),
        default="all",
        help="whose verdict; all (the default): standard, chromium and firefox",
    )
    parser.add_argument(
        "--har",
        action="store_true",
        help="FILE is a HAR file, or holds one entry of a HAR file on each line",
    )
    parser.add_argument("--format", choices=("json", "text"), default="json")


def run(args: argparse.Namespace) -> int:
    """Answer every line; 0, or 2 if a line was no case."""
    names = _ALL if args.profile == "all" else (args.profile,)
    write = _FORMATS[args.format]
    failed = False
    with opened(args.file) as file:
        for number, line in _numbered(file, whole=args.har):
            try:
                for case in _cases(line, number, har=args.har):
                    verdicts = (
                        judge(case.request, case.respond, profile=PROFILES[name]) for name in names
                    )
                    write(case, verdicts)
            except CaseError as error:
                failed = True
                print(json.dumps({"line": number, "error": str(error)}))
    return 2 if failed else 0


def _cases(line: bytes, number: int, *, har: bool) -> Iterable[Case | HarCase]:
    if not har:
        return (parse_case(_json(line)),)
    return har_cases(line.decode(errors="replace"), f"har:{number}")


def _numbered(file: BinaryIO, *, whole: bool) -> Iterator[tuple[int, bytes]]:
    """What is to be judged and the number of its line. ``whole``: a document may span lines."""
    if not whole:
        yield from (
            (n, line) for n, line in enumerate(lines(file, LONGEST_LINE), 1) if not line.isspace()
        )
        return
    text = file.read(LONGEST_INPUT + 1)
    rows = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    is_json_lines = len(rows) > 1 and all(row.lstrip().startswith(b"{") for _, row in rows)
    yield from rows if is_json_lines else [(1, text)]


def _json(line: bytes) -> Any:
    if len(line) > LONGEST_LINE:
        raise CaseError(f"longer than {LONGEST_LINE // 2**20} MiB")
    try:
        return json.loads(line)
    except RecursionError:
        raise CaseError("not JSON that can be read: nested too deeply") from None
    except ValueError as error:
        raise CaseError(f"not JSON: {error}") from None


def _write_json(case: Case | HarCase, verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        sys.stdout.write(json.dumps(verdict_json(case.id, verdict)) + "\n")


def _write_text(case: Case | HarCase, verdicts: Iterable[Verdict]) -> None:
    from corsage.report.terminal import console, styled

    out = console()
    for verdict in verdicts:
        style = "green" if verdict.allowed else "red"
        head = f"{case.id} {verdict.profile}: {verdict.outcome}"
        out.print(styled(head, style), styled(verdict.reason or ""), styled(verdict.sentence))
        for message in verdict.console:
            out.print(styled(f"  {message}", "dim"))


_FORMATS: dict[str, Callable[[Case | HarCase, Iterable[Verdict]], None]] = {
    "json": _write_json,
    "text": _write_text,
}
