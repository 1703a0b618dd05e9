"""The part of ``corsage explain`` that needs no server: what was pasted or recorded."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from corsage.cli.errors import UsageError
from corsage.cli.inputs import lines, opened
from corsage.diagnosis.case import LONGEST_INPUT, MOST_CASES, Case, InputError
from corsage.diagnosis.explanation import Explanation, explain
from corsage.diagnosis.paste import Form, read_paste
from corsage.diagnosis.records import LONGEST_LINE, explain_lines, to_json
from corsage.report.terminal import console, printable, styled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options for what was recorded."""
    group = parser.add_argument_group("what was recorded, without a server to ask")
    group.add_argument(
        "--console",
        dest="console_line",
        metavar="TEXT",
        help="a line that Chrome, Firefox or Safari printed",
    )
    group.add_argument(
        "--observed",
        metavar="FILE",
        help="recorded failures as JSON Lines, - for standard input; answers one a line",
    )
    group.add_argument(
        "--stack", default="", metavar="TEXT", help='the path: "SPA -> nginx -> Spring Boot"'
    )
    group.add_argument(
        "--config", metavar="FILE", help="an excerpt of the configuration in question"
    )


def is_wanted(args: argparse.Namespace) -> bool:
    """Whether the arguments speak of a recording rather than of a policy."""
    recorded = args.console_line is not None or args.observed is not None
    return recorded or (args.source is not None and args.method is None)


def run(args: argparse.Namespace) -> int:
    """Print the answers; 0 nothing is blocked, 1 something is or may be, 2 unreadable lines."""
    if args.observed is not None:
        return _observed(args.observed)
    text = args.console_line if args.console_line is not None else _read(args.source)
    config = _read(args.config) if args.config else ""
    try:
        form: Form | None = "console" if args.console_line is not None else None
        cases = read_paste(text, form=form, origin=args.origin)
    except InputError as error:
        name = "--console" if args.console_line is not None else args.source
        raise UsageError(f"{name}: {error}") from error
    explanations = [explain(case, stack=args.stack, config=config) for case in cases]
    if args.format == "json":
        for explanation in explanations:
            print(json.dumps(_as_json(explanation)))
    else:
        _print(console(), cases, explanations)
    return 0 if all(explanation.allowed for explanation in explanations) else 1


def _observed(name: str) -> int:
    failed = False
    with opened(name) as file:
        decoded = (line.decode("utf-8-sig", "replace") for line in lines(file, LONGEST_LINE))
        for answer in explain_lines(decoded):
            failed = failed or "error" in answer
            sys.stdout.write(json.dumps(answer) + "\n")
    return 2 if failed else 0


def _read(name: str) -> str:
    with opened(name) as file:
        raw = file.read(LONGEST_INPUT + 1)
    if len(raw) > LONGEST_INPUT:
        raise UsageError(f"{name}: larger than {LONGEST_INPUT // 2**20} MiB; save fewer requests")
    return raw.decode("utf-8-sig", "replace")


def _print(out: Console, cases: tuple[Case, ...], explanations: list[Explanation]) -> None:
    shown = [e for e in explanations if not e.allowed] or explanations
    for number, explanation in enumerate(shown):
        if number:
            out.print()
        _print_one(out, explanation)
    passed = len(explanations) - len([e for e in explanations if not e.allowed])
    if len(explanations) > 1:
        out.print()
        out.print(styled(f"{len(explanations)} requests, {passed} of them readable", "dim"))
    if not explanations:
        out.print(styled("no cross-origin request in it"))
    if len(cases) >= MOST_CASES:
        out.print(styled(f"only the first {MOST_CASES} were looked at", "yellow"))


_WORDS = {
    True: ("ALLOWED", "bold green"),
    False: ("BLOCKED", "bold red"),
    None: ("?", "bold yellow"),
}


def _print_one(out: Console, explanation: Explanation) -> None:
    out.print(styled(*_WORDS[explanation.allowed]), styled(explanation.title, "bold"))
    out.print(_lines_of(explanation.sentence))
    diagnosis = explanation.diagnosis
    if diagnosis is not None:
        hop = f"{diagnosis.hop} ({diagnosis.product})" if diagnosis.product else diagnosis.hop
        out.print(styled(f"class {diagnosis.cause}; hop {hop}; {diagnosis.confidence}", "dim"))
        _print_list(out, "Because:", diagnosis.evidence)
        _print_list(out, "What to change:", (diagnosis.fix,))
        others = [f"{a.cause} ({a.hop}): {a.ask}" for a in diagnosis.alternatives]
        _print_list(out, "Unless it is:", others)
    for browser, printed in explanation.console.items():
        _print_list(out, f"{browser.capitalize()} prints:", printed)
    _print_list(out, "Note:", explanation.notes)
    if diagnosis is not None and explanation.missing:
        _print_list(out, "To judge the rest:", (explanation.missing,))


def _print_list(out: Console, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    out.print()
    out.print(styled(title, "cyan"))
    for line in lines:
        out.print(_lines_of(f"  {line}"))


def _lines_of(text: str) -> Text:
    """Our own line breaks stay; whatever else a text holds is made visible."""
    return Text("\n").join(styled(line) for line in text.split("\n"))


def _as_json(explanation: Explanation) -> dict[str, Any]:
    diagnosis = explanation.diagnosis
    return {
        "title": explanation.title,
        "allowed": explanation.allowed,
        "sentence": explanation.sentence,
        "diagnosis": to_json(diagnosis) if diagnosis else None,
        "reasons": {name: verdict.reason for name, verdict in explanation.verdicts.items()},
        "console": {
            name: [printable(line) for line in lines] for name, lines in explanation.console.items()
        },
        "missing": explanation.missing,
        "notes": list(explanation.notes),
    }
