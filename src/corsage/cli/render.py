"""Write a product's configuration from a policy.

  corsage render nginx cors.yaml                        prints what `corsage serve` would run
  corsage render express cors.yaml -o cors.js           writes a file
  corsage render express cors.yaml --service billing    only the routes of one service
  corsage render nginx cors.yaml --form include -o cors  files for your own nginx.conf
  corsage render nginx cors.yaml --target-version 1.31  for the release that you run
  corsage render --explain express cors.yaml            how each clause of the policy is kept
  corsage render --all cors.yaml -o configuration       a folder for every target
  corsage render gateway-api ingress.yaml               the same, from other configuration

Never writes anything looser than the policy: what a target cannot keep is an error that names the
clause. What it keeps with less hardening is a warning. From other configuration, every request
whose answer changes is named, and no hole is carried over.
"""

from __future__ import annotations

import argparse
import difflib
import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rich import box
from rich.table import Table

from corsage.cli.errors import UsageError
from corsage.cli.output import write_file, write_folder
from corsage.cli.policies import load
from corsage.cli.sources import is_policy
from corsage.layers import TARGETS, load_target
from corsage.layers.target import FidelityError, File, Target
from corsage.layers.versions import VersionError, for_release
from corsage.policy import Policy
from corsage.report.terminal import console, printable, styled

_STYLES = {"kept": "green", "idiom": "green", "weaker": "yellow", "lost": "bold red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", nargs="?", help=f"one of: {', '.join(TARGETS)}")
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="the policy file, - for standard input; or configuration to write anew",
    )
    parser.add_argument("--all", action="store_true", help="every target, each in its own folder")
    parser.add_argument(
        "--explain", action="store_true", help="print how each clause is kept; writes nothing"
    )
    parser.add_argument(
        "--form",
        metavar="FORM",
        help="another way to write it: nginx include, traefik labels",
    )
    parser.add_argument(
        "--target-version",
        metavar="VERSION",
        help="the release of the product that you run; by default the one that is proven",
    )
    parser.add_argument(
        "--service", metavar="NAME", help="only the routes of one service of the policy"
    )
    parser.add_argument(
        "--widen-wildcards",
        action="store_true",
        help="from configuration whose wildcards are one label: take the policy's, of any depth",
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="write to this file (or folder) instead of printing"
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def run(args: argparse.Namespace) -> int:
    """Print or write the configuration; 0, or 1 if a clause is lost for one of several targets."""
    targets = _targets(args)
    policy = _policy(args, targets)
    if args.service is not None:
        policy = _only(policy, args.service)
    if args.target_version is not None:
        targets = [_for_release(target, args.target_version, policy) for target in targets]
    if args.explain:
        return _explain(targets, policy)
    if args.all:
        return _write_all(targets, policy, args)
    files = _files(targets[0], policy)
    if args.output is not None:
        _write(Path(args.output), files, force=args.force)
    elif len(files) == 1:
        sys.stdout.write(files[0].text)
    else:
        names = ", ".join(file.path for file in files)
        raise UsageError(f"{args.target} needs several files ({names}); name a folder with -o")
    return 0


def _policy(args: argparse.Namespace, targets: list[Target]) -> Policy:
    """The policy that was named, or the one that the named configuration amounts to."""
    [first, *others] = args.sources
    if not others and is_policy(first):
        return load(first)
    # A policy needs no readers and no automata.
    from corsage.cli._render_from import migrate

    return migrate(args.sources, targets, widen_wildcards=args.widen_wildcards)


def _targets(args: argparse.Namespace) -> list[Target]:
    if args.all:
        if args.target is not None:
            raise UsageError(f"--all takes every target; leave out `{args.target}`")
        if args.output is None and not args.explain:
            raise UsageError("--all writes a folder; name it with -o")
        for option in ("form", "target_version"):
            if getattr(args, option) is not None:
                raise UsageError(f"--{option.replace('_', '-')} is for one target; name it")
        return [load_target(name) for name in TARGETS]
    if args.target is None:
        raise UsageError(
            f"name a target and a policy: corsage render nginx cors.yaml "
            f"(targets: {', '.join(TARGETS)})"
        )
    if args.target not in TARGETS:
        if args.sources[0] in TARGETS:
            right = shlex.join([args.sources[0], args.target])
            raise UsageError(f"TARGET stands before SOURCE: corsage render {right}")
        raise UsageError(_unknown("target", args.target, TARGETS))
    return [_form(load_target(args.target), args.form)]


def _form(target: Target, form: str | None) -> Target:
    if form is None:
        return target
    if not target.forms:
        raise UsageError(f"{target.name} has one form alone; leave out --form")
    if form not in target.forms:
        raise UsageError(_unknown("form", form, target.forms))
    return target.forms[form]


def _for_release(target: Target, version: str, policy: Policy) -> Target:
    try:
        return for_release(target, version, policy)
    except VersionError as error:
        raise UsageError(str(error)) from error


def _only(policy: Policy, service: str) -> Policy:
    if service not in policy.services:
        raise UsageError(_unknown("service", service, policy.services))
    routes = tuple(route for route in policy.routes if route.service == service)
    return replace(policy, routes=routes)


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean `{nearest[0]}`?" if nearest else ""
    return f"no {kind} `{name}`{hint} ({kind}s: {', '.join(known)})"


def _files(target: Target, policy: Policy) -> tuple[File, ...]:
    try:
        files = target.files(policy)
    except FidelityError as error:
        raise UsageError(str(error)) from error
    for clause in target.fidelity(policy):
        if clause.fate == "weaker":
            warning = f"warning: {target.name}: {clause.clause}: {clause.how}"
            print(printable(warning), file=sys.stderr)
    return files


def _write(output: Path, files: tuple[File, ...], *, force: bool) -> None:
    if len(files) == 1 and not output.is_dir():
        write_file(output, files[0].text, force=force)
    else:
        write_folder(output, files, force=force)


def _write_all(targets: list[Target], policy: Policy, args: argparse.Namespace) -> int:
    written: list[File] = []
    refused: list[str] = []
    for target in targets:
        try:
            files = _files(target, policy)
        except UsageError as error:
            refused.append(str(error))
            continue
        written += [File(f"{target.name}/{file.path}", file.text) for file in files]
    write_folder(Path(args.output), tuple(written), force=args.force)
    for message in refused:
        for line in f"not written: {message}".splitlines():
            print(printable(line), file=sys.stderr)
    return 1 if refused else 0


def _explain(targets: list[Target], policy: Policy) -> int:
    out = console()
    lost = False
    for target in targets:
        out.print(styled(f"{target.title}, proven on {target.proven}", "bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("clause", "", "how"):
            table.add_column(heading, overflow="fold")
        for clause in target.fidelity(policy):
            lost = lost or clause.fate == "lost"
            how = f"{clause.how}; instead: {clause.instead}" if clause.instead else clause.how
            table.add_row(
                printable(clause.clause),
                styled(clause.fate, _STYLES[clause.fate]),
                printable(how),
            )
        out.print(table, soft_wrap=False)
        for row in target.versions.rows:
            older = f"; before: {row.before}" if row.before else ""
            scope = f" (for {row.clause})" if row.clause else ""
            out.print(printable(f"since {row.since}: {row.what}{scope}{older}"), soft_wrap=True)
    return 1 if lost else 0
