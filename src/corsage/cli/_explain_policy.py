"""The part of ``corsage explain`` that asks a policy: what is meant, without a server."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from corsage.browser import Reason, Request, Response, Verdict, WireRequest, judge
from corsage.cli._explain_request import request_of, shown
from corsage.cli.errors import UsageError
from corsage.cli.policies import load
from corsage.policy import CorsPolicy, Decisions, Policy, Route, serve
from corsage.report.policy_map import callers
from corsage.report.terminal import console, printable, styled


def run(args: argparse.Namespace) -> int:
    """Print the verdict; 0 allowed, 1 blocked."""
    if args.source is None or args.path is None:
        raise UsageError(
            "name a policy, a METHOD and a PATH, or what was recorded: `corsage explain --help`"
        )
    if args.origin is None:
        raise UsageError("name the page's origin: --origin https://app.example.com")
    policy = load(args.source)
    request = request_of(args, _url(args.path, policy))
    url = urlsplit(request.url)
    route = Decisions(policy).decide("GET", url.hostname or "", url.path or "/", {}).route
    verdict = judge(request, serve(_all_owned(policy)))
    because = _because(verdict, route, policy)
    if args.format == "json":
        print(json.dumps(_as_json(verdict, request, route, because), indent=2))
    else:
        _print(console(), verdict, request, route, because)
    return 0 if verdict.allowed else 1


def _url(path: str, policy: Policy) -> str:
    public = policy.gateway.public_origin
    url = path if "://" in path else public + path
    if not path.startswith("/") and "://" not in path:
        raise UsageError(f"PATH must start with a slash: /{path}")
    if url != public and not url.startswith((public + "/", public + "?")):
        served = {route.host for route in policy.routes}
        if urlsplit(url).hostname not in served:
            raise UsageError(f"{path} is not on this gateway, whose address is {public}")
    return url


def _all_owned(policy: Policy) -> Policy:
    """What is meant, whoever owns it: a service that owns its CORS must answer the same."""
    routes = tuple(replace(route, owner="gateway") for route in policy.routes)
    return replace(policy, routes=routes)


def _because(verdict: Verdict, route: Route | None, policy: Policy) -> str | None:
    """Which clause of the policy refuses; None where the request is allowed."""
    if verdict.allowed:
        return None
    if route is None:
        return "no policy that the gateway owns admits the origin"
    if route.cors is None:
        return f"route {route.path} is `cors: none`: no browser may read it"
    rules = policy.policies[route.cors]
    return f"policy {rules.name} {_refusal(verdict, rules, policy)}"


def _refusal(verdict: Verdict, rules: CorsPolicy, policy: Policy) -> str:
    admitted = ", ".join(callers(rules, policy)) or "no origin"
    match verdict.reason:
        case Reason.METHOD_NOT_ALLOWED:
            return f"does not list the method {verdict.value}"
        case Reason.HEADER_NOT_ALLOWED:
            return f"does not list the header {verdict.value}"
        case Reason.WILDCARD_WITH_CREDENTIALS | Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS:
            return "does not allow credentials"
        case Reason.INVALID_ALLOW_CREDENTIALS | Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS:
            return "does not allow credentials"
        case _:
            return f"admits {admitted}"


def _print(
    out: Console, verdict: Verdict, request: Request, route: Route | None, because: str | None
) -> None:
    word, style = ("ALLOWED", "bold green") if verdict.allowed else ("BLOCKED", "bold red")
    cookies = ", with cookies" if request.credentials == "include" else ""
    out.print(
        styled(word, style),
        styled(f"{request.method} {request.url} from {request.origin}{cookies}", "bold"),
    )
    out.print(styled(f"because {because}" if because else verdict.sentence))
    out.print(styled(_describe(route), "dim"))
    for sent, answer in verdict.sent:
        out.print()
        out.print(styled(_BEFORE[sent.kind], "cyan"))
        out.print(styled(f"  {sent.method} {sent.url}"))
        for name, value in sent.headers:
            out.print(styled(f"  {name}: {shown(name, value)}"))
        out.print(styled(_AFTER[sent.kind], "cyan"))
        out.print(styled(f"  {answer.status}" if answer else "  no answer"))
        for name, value in answer.headers if answer else ():
            out.print(styled(f"  {name}: {value}"))
    if not verdict.allowed and verdict.console:
        out.print()
        out.print(styled(f"{verdict.profile.capitalize()} prints:", "cyan"))
        for line in verdict.console:
            out.print(styled(f"  {line}"))


_BEFORE = {
    "preflight": "The browser asks first (a preflight, without cookies):",
    "actual": "The browser sends the request:",
}
_AFTER = {
    "preflight": "and the owner answers:",
    "actual": "and the owner adds to the service's answer:",
}


def _describe(route: Route | None) -> str:
    if route is None:
        return "no route takes this path: the gateway answers 404 itself"
    policy = f"policy {route.cors}" if route.cors else "cors: none, never for browsers"
    owner = (
        "the gateway owns CORS"
        if route.owner == "gateway"
        else f"the service owns CORS, and this is what {route.service} must answer"
    )
    return f"route {route.path} -> {route.service}; {policy}; {owner}"


def _as_json(
    verdict: Verdict, request: Request, route: Route | None, because: str | None
) -> dict[str, Any]:
    return {
        "allowed": verdict.allowed,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "value": verdict.value,
        "sentence": verdict.sentence,
        "because": because,
        "profile": verdict.profile,
        "request": {"method": request.method, "url": request.url, "origin": request.origin},
        "route": route
        and {
            "path": route.path,
            "service": route.service,
            "cors": route.cors,
            "owner": route.owner,
        },
        "exchanges": [_exchange(sent, answer) for sent, answer in verdict.sent],
        "readable": [list(line) for line in verdict.readable],
        "console": [printable(line) for line in verdict.console],
    }


def _exchange(sent: WireRequest, answer: Response | None) -> dict[str, Any]:
    return {
        "kind": sent.kind,
        "method": sent.method,
        "url": sent.url,
        "headers": [[name, shown(name, value)] for name, value in sent.headers],
        "answer": answer
        and {"status": answer.status, "headers": [list(line) for line in answer.headers]},
    }
