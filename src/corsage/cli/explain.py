"""One request, one verdict: would the browser let the page read the answer, and why not?

  corsage explain cors.yaml POST /billing/invoices --origin https://app.example.com \\
      -H authorization --credentials

Answers from the policy alone, without a server: the preflight that the browser would send, what
a correct owner answers, the verdict and the reason. Exit code 0 when allowed, 1 when blocked.

  corsage explain --console "Access to fetch at 'https://api.example.com/' from origin ..."
  curl -iv https://api.example.com/ -H 'Origin: https://app.example.com' 2>&1 | corsage explain -
  corsage explain trace.har
  corsage explain --observed incidents.jsonl

Without METHOD and PATH, SOURCE is what was pasted or saved: curl's output, "copy as cURL", "copy
as fetch", a HAR file, console lines or header lines. The answer is the cause, the hop to blame,
the evidence and what to change.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from corsage.browser import Reason, Request, Response, Verdict, WireRequest, judge
from corsage.browser.origin import is_origin, serialise
from corsage.cli import _explain_recorded
from corsage.cli.errors import UsageError
from corsage.cli.map import callers
from corsage.cli.policies import load
from corsage.policy import CorsPolicy, Decisions, Policy, Route, serve
from corsage.report.terminal import console, printable, styled

# A header named without a value stands for a typical one; only the type of the body matters.
_TYPICAL_VALUES = {"content-type": "application/json", "range": "bytes=0-1023, 2048-"}

# Their values decide whether a preflight is needed. Other values may be secrets and are not shown.
_SHOWN_VALUES = {
    "accept",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "content-language",
    "content-type",
    "origin",
    "range",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="the policy file, or what was recorded; - for standard input",
    )
    parser.add_argument(
        "method", metavar="METHOD", nargs="?", help="GET, POST, ... as the page says it"
    )
    parser.add_argument(
        "path", metavar="PATH", nargs="?", help="a path on the gateway, or a whole URL"
    )
    parser.add_argument("--origin", help="the page's origin (null if sandboxed)")
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="NAME[: VALUE]",
        help="a header that the page sets; may be repeated",
    )
    parser.add_argument(
        "--credentials", action="store_true", help="with cookies (credentials: 'include')"
    )
    parser.add_argument(
        "--xhr-upload",
        action="store_true",
        help="an XMLHttpRequest with upload progress listeners, which costs a preflight",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    _explain_recorded.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print the verdict; 0 allowed, 1 blocked."""
    if _explain_recorded.is_wanted(args):
        return _explain_recorded.run(args)
    if args.source is None or args.path is None:
        raise UsageError(
            "name a policy, a METHOD and a PATH, or what was recorded: `corsage explain --help`"
        )
    if args.origin is None:
        raise UsageError("name the page's origin: --origin https://app.example.com")
    if args.source.startswith(("http://", "https://")):
        raise UsageError(
            "explain asks no server; show it what one answered: "
            f"curl -iv {args.source} -H 'Origin: {args.origin}' 2>&1 | corsage explain -"
        )
    policy = load(args.source)
    request = _request(args, policy)
    url = urlsplit(request.url)
    route = Decisions(policy).decide("GET", url.hostname or "", url.path or "/", {}).route
    verdict = judge(request, serve(_all_owned(policy)))
    because = _because(verdict, route, policy)
    if args.format == "json":
        print(json.dumps(_as_json(verdict, request, route, because), indent=2))
    else:
        _print(console(), verdict, request, route, because)
    return 0 if verdict.allowed else 1


def _request(args: argparse.Namespace, policy: Policy) -> Request:
    if not is_origin(args.origin):
        sent = serialise(args.origin)
        hint = f"; write {sent}" if sent and "://" in sent else ""
        raise UsageError(f"--origin {args.origin!r} is not as a browser sends an origin{hint}")
    public = policy.gateway.public_origin
    url = args.path if "://" in args.path else public + args.path
    if not args.path.startswith("/") and "://" not in args.path:
        raise UsageError(f"PATH must start with a slash: /{args.path}")
    if url != public and not url.startswith((public + "/", public + "?")):
        served = {route.host for route in policy.routes}
        if urlsplit(url).hostname not in served:
            raise UsageError(f"{args.path} is not on this gateway, whose address is {public}")
    return Request(
        url=url,
        origin=args.origin,
        method=args.method,
        headers=tuple(map(_header, args.header)),
        credentials="include" if args.credentials else "same-origin",
        initiator="xmlhttprequest" if args.xhr_upload else "fetch",
        upload_listeners=args.xhr_upload,
    )


def _header(text: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition(":"))
    if not name:
        raise UsageError(f"-H {text!r} names no header; write -H 'name: value' or -H name")
    return name, value or _TYPICAL_VALUES.get(name.lower(), "x")


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
            out.print(styled(f"  {name}: {_shown(name, value)}"))
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


def _shown(name: str, value: str) -> str:
    return value if name.lower() in _SHOWN_VALUES else "..."


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
        "headers": [[name, _shown(name, value)] for name, value in sent.headers],
        "answer": answer
        and {"status": answer.status, "headers": [list(line) for line in answer.headers]},
    }
