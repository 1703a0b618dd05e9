"""Write a starting policy: from a preset, from questions on a terminal, or from configuration.

  corsage init > cors.yaml
  corsage init authenticated-app --set origins=https://app.example.com -o cors.yaml
  corsage init --from shop/settings.py -o cors.yaml
  corsage init --from ingress.yaml services/ > cors.yaml

--from reads what is there without running it: nginx, Kubernetes, Express, Spring, Django, ...
What could not or should not be carried over, and every request that is answered otherwise, is told
on stderr.
Without a preset, a terminal is asked; elsewhere name one. What is not set takes its default.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from corsage.cli._init_from import Carried, carry_over
from corsage.cli.errors import UsageError
from corsage.cli.sources import find
from corsage.policy.presets import PRESETS, Preset, Question
from corsage.policy.problems import Fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    width = max(map(len, PRESETS))
    presets = "\n".join(f"  {p.name:<{width}}  {p.summary}" for p in PRESETS.values())
    parser.description = f"{__doc__}\npresets:\n{presets}"
    parser.add_argument("preset", metavar="PRESET", nargs="?", help="see above")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="answers",
        help="an answer; an unknown NAME lists them",
    )
    parser.add_argument(
        "--from",
        nargs="+",
        metavar="PATH",
        dest="sources",
        help="configuration or source: nginx, Kubernetes, Express, Django, ... or folders of them",
    )
    parser.add_argument(
        "--widen-wildcards",
        action="store_true",
        help="with --from: where a wildcard is one label, take the policy's, of any depth",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE, not to stdout")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")


def run(args: argparse.Namespace) -> int:
    """Write the policy; 0."""
    text = _from_preset(args) if args.sources is None else _from_sources(args)
    if args.output is None:
        sys.stdout.write(text)
    else:
        _write(Path(args.output), text, replace=args.force)
    return 0


def _from_sources(args: argparse.Namespace) -> str:
    if args.preset is not None or args.answers:
        raise UsageError("--from takes its answers from the settings: no PRESET and no --set")
    carried = _carried(args)
    for note in carried.notes:
        _say(f"corsage: {note}")
    return carried.text


def _carried(args: argparse.Namespace) -> Carried:
    found = find(args.sources)
    if {name for parsed in found.parsed for name in parsed.by_reader} == {"python"}:
        return carry_over(args.sources)  # one app's settings
    # A preset needs no paths and no automata.
    from corsage.cli import _init_from_any

    return _init_from_any.carry_over(args.sources, widen_wildcards=args.widen_wildcards)


def _from_preset(args: argparse.Namespace) -> str:
    asked = args.preset is None and sys.stdin.isatty()
    preset = _choose() if asked else _named(args.preset)
    answers = _given(preset, args.answers)
    if asked:
        answers = {q.name: answers.get(q.name) or _ask(q) for q in preset.questions}
    try:
        return preset.fill(answers)
    except Fault as fault:
        raise UsageError(_words(fault)) from fault


def _named(name: str | None) -> Preset:
    if name is None:
        name = "authenticated-app"
    if name not in PRESETS:
        nearest = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"; did you mean `{nearest[0]}`?" if nearest else ""
        raise UsageError(f"there is no preset `{name}`{hint} (presets: {', '.join(PRESETS)})")
    return PRESETS[name]


def _given(preset: Preset, pairs: list[str]) -> dict[str, str]:
    known = [question.name for question in preset.questions]
    answers = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            raise UsageError(f"--set {pair}: write NAME=VALUE, NAME one of {', '.join(known)}")
        answers[name] = value
    return answers


def _choose() -> Preset:
    presets = list(PRESETS.values())
    for number, preset in enumerate(presets, 1):
        _say(f"{number}  {preset.name}: {preset.summary}")
    while True:
        answer = _input("Which of these is nearest? [1] ") or "1"
        if answer in PRESETS:
            return PRESETS[answer]
        if answer.isdecimal() and 1 <= int(answer) <= len(presets):
            return presets[int(answer) - 1]
        _say(f"Type a number from 1 to {len(presets)}.")


def _ask(question: Question) -> str:
    while True:
        answer = _input(f"{question.text} [{question.default}] ") or question.default
        try:
            question.read(answer)
        except Fault as fault:
            _say(_words(fault))
        else:
            return answer


def _words(fault: Fault) -> str:
    fix = f"write: {fault.fix}" if fault.fix is not None else ""
    return " ".join(filter(None, (fault.message + ".", fault.why, fix)))


# Questions go to stderr: stdout is the policy, and may be a file.
def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _input(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise UsageError("the input ended before all questions were answered")
    return line.strip()


def _write(path: Path, text: str, *, replace: bool) -> None:
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is already there; --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
