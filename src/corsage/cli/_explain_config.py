"""The part of ``corsage explain`` that asks configuration: hop by hop, without a server."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from corsage.browser import Request, Verdict, WireRequest, judge
from corsage.chain.compose import Journey, history, lines
from corsage.chain.system import System
from corsage.chain.topology import Chain
from corsage.check import Finding
from corsage.check.configuration import check_reading
from corsage.cli._explain_request import request_of, shown
from corsage.cli.configurations import load_reading
from corsage.cli.errors import UsageError
from corsage.layers.source import Reading
from corsage.report.terminal import console, styled

_FOLLOWED = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Vary",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request on the wire and its journey."""

    sent: WireRequest
    journey: Journey


@dataclass(frozen=True, slots=True)
class _Explained:
    request: Request
    verdict: Verdict
    chain: Chain | None
    asked: tuple[_Asked, ...]
    findings: tuple[Finding, ...]


def run(args: argparse.Namespace, sources: Sequence[str]) -> int:
    """Print the verdict; 0 allowed, 1 blocked."""
    reading = load_reading(sources)
    system = System(reading)
    explained = _explain(reading, system, request_of(args, _url(args.path, args.method, system)))
    if args.format == "json":
        print(json.dumps(_as_json(explained), indent=2))
    else:
        _print(console(), explained)
    return 0 if explained.verdict.allowed else 1


def _url(path: str, method: str, system: System) -> str:
    if "://" in path:
        return path
    if not path.startswith("/"):
        raise UsageError(f"PATH must start with a slash: /{path}")
    urls = {urlsplit(chain.url)._replace(path="", query="").geturl() for chain in system.chains}
    taking = [
        url
        for url in sorted(urls)
        if system.chain(WireRequest("actual", method, url + path, ())) is not None
    ]
    if not taking:
        return min(urls, default="https://api.example") + path
    if len(taking) > 1:
        choices = ", ".join(url + path for url in taking)
        raise UsageError(f"{path} is on several hosts; name the whole URL: {choices}")
    return taking[0] + path


def _explain(reading: Reading, system: System, request: Request) -> _Explained:
    verdict = judge(request, system)
    asked = []
    for sent, _ in verdict.sent:
        journey = system.travel(sent)
        if journey is not None:
            asked.append(_Asked(sent, journey))
    chain = system.chain(WireRequest("actual", request.method, request.url, ()))
    # What is wrong with the places that the request passes is what there is to mend.
    passed = {
        (passage.site.where.file, passage.site.where.line)
        for one in asked
        for passage in one.journey.passages
        if passage.site is not None
    }
    files = {file for file, _ in passed}
    findings = [
        finding
        for finding in check_reading(reading, system)
        if finding.where.file in files and finding.severity == "error"
    ]
    return _Explained(request, verdict, chain, tuple(asked), tuple(findings))


def _print(out: Console, explained: _Explained) -> None:
    request, verdict = explained.request, explained.verdict
    word, style = ("ALLOWED", "bold green") if verdict.allowed else ("BLOCKED", "bold red")
    cookies = ", with cookies" if request.credentials == "include" else ""
    out.print(
        styled(word, style),
        styled(f"{request.method} {request.url} from {request.origin}{cookies}", "bold"),
    )
    out.print(styled(verdict.sentence))
    if explained.chain is None:
        out.print(styled("no configuration takes this host and path", "dim"))
    else:
        out.print(styled(f"path: {explained.chain.name}", "dim"))
    for one in explained.asked:
        out.print()
        for line in _story(one):
            out.print(styled(line))
    if not verdict.allowed and verdict.console:
        out.print()
        out.print(styled(f"{verdict.profile.capitalize()} prints:", "cyan"))
        for line in verdict.console:
            out.print(styled(f"  {line}"))
    if explained.findings and not verdict.allowed:
        out.print()
        out.print(styled("What to mend:", "cyan"))
        for finding in explained.findings:
            place = f"{finding.where.file}:{finding.where.line}"
            fix = f" Write: {finding.fix}" if finding.fix is not None else ""
            out.print(styled(f"  {place} {finding.message} [{finding.rule}].{fix}"))


def _story(one: _Asked) -> list[str]:
    """What one request met, in lines."""
    kind = "preflight" if one.sent.kind == "preflight" else "request"
    asked = ", ".join(f"{name}: {shown(name, value)}" for name, value in one.sent.headers)
    told = [f"{kind}: {one.sent.method} {one.sent.url} ({asked})"]
    for passage in one.journey.passages:
        site = passage.site
        where = f" ({site.name}, {site.where.file}:{site.where.line})" if site else ""
        does = "answers" if passage.sent is None else "passes it on"
        status = passage.answer.status if passage.answer is not None else "nothing"
        told.append(f"  {passage.link.name}{where} {does}: {status}")
    if one.journey.reached:
        told.append("  the service behind is taken to send nothing of CORS")
    for name in _FOLLOWED:
        for change in history(one.journey, name):
            value = " | ".join(change.after) or "gone"
            told.append(f"  {name} {change.change} at {change.link.name}: {value}")
    return told


def _as_json(explained: _Explained) -> dict[str, Any]:
    request, verdict = explained.request, explained.verdict
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "origin": request.origin,
            "credentials": request.credentials,
        },
        "allowed": verdict.allowed,
        "reason": verdict.reason,
        "sentence": verdict.sentence,
        "console": list(verdict.console),
        "path": [link.name for link in explained.chain.links] if explained.chain else [],
        "exchanges": [
            {
                "kind": one.sent.kind,
                "method": one.sent.method,
                "status": one.journey.answer.status if one.journey.answer else None,
                "answered_by": by.name if (by := one.journey.answered_by) else None,
                "headers": {
                    name: [
                        {"at": change.link.name, "does": change.change, "now": list(change.after)}
                        for change in history(one.journey, name)
                    ]
                    for name in _FOLLOWED
                    if lines(one.journey.answer, name)
                },
            }
            for one in explained.asked
        ],
        "findings": [
            {
                "rule": finding.rule,
                "file": finding.where.file,
                "line": finding.where.line,
                "message": finding.message,
                "fix": finding.fix,
            }
            for finding in explained.findings
        ],
    }
