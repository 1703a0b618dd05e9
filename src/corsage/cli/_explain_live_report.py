"""How ``corsage explain URL`` prints what was found out. Nothing secret passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corsage.browser.network import address_space, page_address_space
from corsage.browser.origin import parse_url
from corsage.cli._explain_request import SHOWN_VALUES
from corsage.diagnosis import trace
from corsage.diagnosis.conclusion import PROVEN, is_same_origin, refusal_of
from corsage.diagnosis.diagnosis import Diagnosis
from corsage.diagnosis.fingerprints import traces
from corsage.diagnosis.observation import Answer, AtHop
from corsage.diagnosis.probes.answers import granted
from corsage.diagnosis.records import to_json
from corsage.diagnosis.redact import redact_value
from corsage.diagnosis.verdicts import BROWSERS
from corsage.live.asking import Sent
from corsage.live.explain import Findings
from corsage.report.terminal import console, printable, styled

Mask = Callable[[str], str]

_TELLING = frozenset(
    {
        "age",
        "allow",
        "cf-cache-status",
        "cf-mitigated",
        "content-length",
        "content-type",
        "grpc-status",
        "location",
        "proxy-authenticate",
        "retry-after",
        "server",
        "set-cookie",
        "vary",
        "via",
        "www-authenticate",
        "x-amzn-errortype",
        "x-cache",
        "x-powered-by",
    }
)
_CHANGING = {"age", "set-cookie"}
_LONGEST_SHOWN = 200  # characters of one header value
_MOST_SHOWN = 24  # header lines of one answer


def is_hidden(name: str) -> bool:
    """Whether the value of a request header may be a secret."""
    return name.lower() not in SHOWN_VALUES


def as_text(findings: Findings, mask: Mask) -> None:
    """Print the answer for people."""
    out = console()
    word, style = ("NO ANSWER", "bold red") if findings.unreachable else _WORDS[findings.allowed]
    request = findings.request
    cookies = ", with cookies" if request.credentials == "include" else ""
    title = f"{request.method} {request.url} from {request.origin}{cookies}"
    out.print(styled(word, style), styled(mask(title), "bold"))
    out.print(_lines(mask(sentence(findings))))
    diagnosis = findings.diagnosis
    if diagnosis is not None:
        product = diagnosis.product
        named = product and not product.startswith(("a ", "an ")) and product != diagnosis.hop
        hop = f"{diagnosis.hop} ({product})" if named else diagnosis.hop
        out.print(styled(f"class {diagnosis.cause}; hop {hop}; {diagnosis.confidence}", "dim"))
        _list(out, "Because:", map(mask, diagnosis.evidence))
        _list(out, "What to change:", (diagnosis.fix,))
        _list(out, "Unless it is:", map(mask, _others(diagnosis)))
    for name, lines in _console(findings, mask).items():
        unproven = "" if name in PROVEN else " (by its source, not proven)"
        _list(out, f"{_BROWSERS[name]} prints{unproven}:", lines)
    if len(findings.hops) > 1:
        _print_hops(out, findings.hops, mask)
    if findings.sent:
        out.print()
        out.print(styled("What was asked:", "cyan"))
    number = 1
    for sent, times in _grouped(findings.sent):
        _print_sent(out, number, times, sent, mask)
        number += times
    _list(out, "Note:", map(mask, notes(findings)))


_WORDS = {
    True: ("ALLOWED", "bold green"),
    False: ("BLOCKED", "bold red"),
    None: ("?", "bold yellow"),
}
_BROWSERS = {"chromium": "Chrome", "firefox": "Firefox", "safari": "Safari"}


def sentence(findings: Findings) -> str:
    """The answer in one sentence."""
    refusal = refusal_of(findings.verdicts)
    method = findings.request.method
    if findings.diagnosis is not None and findings.allowed and refusal is None:
        told = findings.diagnosis.sentence
        return told if told.startswith("Nothing is") else f"Nothing is blocked now, but: {told}"
    if findings.diagnosis is not None:
        return findings.diagnosis.sentence
    if findings.allowed and is_same_origin(findings.verdicts):
        return "Page and server have one origin: CORS is not asked."
    if findings.allowed and findings.predicted:
        return f"Nothing is blocked, as far as a GET in place of the {method} tells."
    if findings.allowed:
        return "Nothing is blocked: browsers let the page read this answer."
    if refusal is not None and not refusal.sent:
        return f"The call itself is refused, before anything is sent: {refusal.sentence}"
    status = _status_of_the_get(findings)
    return (
        f"The preflight passes. Whether the page may read the answer to {method} I cannot tell: a "
        f"GET in its place is answered {status}. Ask with --send, which sends the {method}."
    )


def _status_of_the_get(findings: Findings) -> str:
    return next((str(s.answer.status) for s in findings.sent if s.wire.kind == "actual"), "nothing")


def _others(diagnosis: Diagnosis) -> list[str]:
    if diagnosis.confidence == "certain":
        return []
    return [f"{a.cause} ({a.hop}): {a.ask}" for a in diagnosis.alternatives]


def _console(findings: Findings, mask: Mask) -> dict[str, list[str]]:
    verdicts = findings.verdicts
    return {
        name: [printable(mask(line)) for line in verdicts[name].console]
        for name in BROWSERS
        if name in verdicts and verdicts[name].console
    }


def notes(findings: Findings) -> list[str]:
    """What is worth knowing beside the answer."""
    found = []
    method = findings.request.method
    if findings.predicted:
        found.append(f"{method} was not sent: a GET stood in for it. --send sends it.")
    found += _of_the_local_network(findings)
    if findings.stray:
        found.append(
            f"a redirect leads to {findings.stray}, which was not asked; "
            f"--allow-host {findings.stray} follows it."
        )
    if findings.more:
        found.append(
            f"{findings.more} more requests would have been asked; --probes sets how many."
        )
    found += [
        f"errors ({probe.answer.status} for a path that does not exist) carry no "
        "Access-Control-Allow-Origin: a page will see them as CORS errors."
        for probe in findings.probes
        if probe.name == "missing-path" and probe.answer.failed and not granted(probe)
    ]
    safari = findings.verdicts.get("safari")
    if findings.allowed and safari is not None and safari.reason:
        found.append(f"Safari, by its source, would block it: {safari.sentence}")
    return found


def _of_the_local_network(findings: Findings) -> list[str]:
    """A trap that no answer shows: browsers ask the user before a public page may go there."""
    request, url = findings.request, parse_url(findings.request.url)
    target = address_space(url) if url is not None else None
    page = request.page_address_space or page_address_space(request.origin)
    if target not in {"local", "loopback"} or page is not None:
        return []
    told = f"the server is in the {target} address space: if the page comes from a public one,"
    asks = "Chrome and Firefox ask the user first (Local Network Access)"
    return [f"{told} {asks}; --page-network public judges that."]


def _print_hops(out: Console, hops: Sequence[AtHop], mask: Mask) -> None:
    table = Table(box=None, pad_edge=False, header_style="cyan")
    for title in ("hop", "preflight", "answer", "Access-Control-Allow-Origin", "sent by"):
        table.add_column(title, overflow="fold")
    for hop in hops:
        cells = [hop.name, _cell(hop.preflight), _cell(hop.response)]
        cells += [_origins(hop), _products(hop)]
        if hop.silence:
            cells = [hop.name, "-", "-", "", hop.silence]
        table.add_row(*(styled(mask(cell)) for cell in cells))
    out.print()
    out.print(styled("Hop by hop, from the outside in:", "cyan"))
    out.print(table)
    answerer = trace.maker(hops, "preflight")
    if answerer is not None:
        out.print(_lines(mask(f"  preflights are answered by {hops[answerer].name}")))
    for change in trace.changes(hops):
        out.print(_lines(mask(f"  {change.line}")))


def _cell(answer: Answer) -> str:
    return str(answer.status or "-")


def _origins(hop: AtHop) -> str:
    name = "access-control-allow-origin"
    both = [_counted(answer.lines(name)) for answer in (hop.preflight, hop.response)]
    return both[0] if both[0] == both[1] else " / ".join(text or "none" for text in both)


def _counted(lines: Sequence[str]) -> str:
    """Values of lines in a row; of one that stands several times, how often."""
    if len(lines) > 1 and len(set(lines)) == 1:
        return f"{len(lines)} x {lines[0]}"
    return " + ".join(lines)


def _products(hop: AtHop) -> str:
    found = traces(hop.response) + traces(hop.preflight)
    return ", ".join(dict.fromkeys(each.product for each in found))


def _grouped(sent: Sequence[Sent]) -> list[tuple[Sent, int]]:
    """Requests in a row that were the same, and answered the same, as one."""

    def told(each: Sent) -> tuple[object, ...]:
        answer = each.answer
        lines = [line for line in _telling(answer) if line[0] not in _CHANGING]
        return each.wire, each.at, answer.status, lines, each.silence

    groups = (list(group) for _, group in groupby(sent, told))
    return [(group[0], len(group)) for group in groups]


def _print_sent(out: Console, number: int, times: int, sent: Sent, mask: Mask) -> None:
    at = f" at {sent.at}" if sent.at else ""
    numbers = f"{number}" if times == 1 else f"{number}-{number + times - 1}"
    out.print(styled(f"  {numbers:>5} {sent.wire.method} {mask(sent.wire.url)}{at}"), end="")
    out.print(styled(f"  ({mask(sent.why)})", "dim"))
    for name, value in sent.wire.headers:
        if name.lower() != "accept":
            out.print(styled(f"          {name}: {_shown(name, value, mask)}", "dim"))
    if sent.silence:
        out.print(styled(f"        -> no answer: {mask(sent.silence)}"))
        return
    out.print(styled(f"        -> {sent.answer.status}"))
    for name, value in _telling(sent.answer):
        out.print(styled(f"           {name}: {mask(redact_value(name, value))[:_LONGEST_SHOWN]}"))


def _telling(answer: Answer) -> list[tuple[str, str]]:
    told = [
        (name, value)
        for name, value in answer.headers
        if name.startswith("access-control-") or name in _TELLING
    ]
    return told[:_MOST_SHOWN]


def _shown(name: str, value: str, mask: Mask) -> str:
    return "..." if is_hidden(name) else mask(value)


def _list(out: Console, title: str, lines: Iterable[str]) -> None:
    shown = list(lines)
    if not shown:
        return
    out.print()
    out.print(styled(title, "cyan"))
    for line in shown:
        out.print(_lines(f"  {line}"))


def _lines(text: str) -> Text:
    """Our own line breaks stay; whatever else a text holds is made visible."""
    return Text("\n").join(styled(line) for line in text.split("\n"))


def as_json(findings: Findings, mask: Mask) -> None:
    """Print the answer for programs, one object."""
    request, diagnosis = findings.request, findings.diagnosis
    told: dict[str, Any] = {
        "allowed": findings.allowed,
        "sentence": sentence(findings),
        "request": {"method": request.method, "url": request.url, "origin": request.origin},
        "predicted": findings.predicted,
        "diagnosis": to_json(diagnosis) if diagnosis else None,
        "reasons": {name: verdict.reason for name, verdict in findings.verdicts.items()},
        "console": _console(findings, mask),
        "requests": [_sent_json(sent, mask) for sent in findings.sent],
        "hops": [_hop_json(hop) for hop in findings.hops],
        "changes": [change.line for change in trace.changes(findings.hops)],
        "notes": notes(findings),
    }
    print(json.dumps(_masked(told, mask), indent=2))


def _sent_json(sent: Sent, mask: Mask) -> dict[str, Any]:
    return {
        "why": sent.why,
        "at": sent.at or None,
        "method": sent.wire.method,
        "url": sent.wire.url,
        "headers": [[name, _shown(name, value, mask)] for name, value in sent.wire.headers],
        "answer": None if sent.silence else _answer_json(sent.answer),
        "silence": sent.silence or None,
    }


def _hop_json(hop: AtHop) -> dict[str, Any]:
    return {
        "name": hop.name,
        "preflight": _answer_json(hop.preflight),
        "response": _answer_json(hop.response),
        "silence": hop.silence or None,
    }


def _answer_json(answer: Answer) -> dict[str, Any] | None:
    if not answer.status:
        return None
    lines = [[name, redact_value(name, value)] for name, value in answer.headers]
    return {"status": answer.status, "headers": lines}


def _masked(value: Any, mask: Mask) -> Any:
    """The same with every text masked."""
    if isinstance(value, dict):
        return {key: _masked(each, mask) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    return mask(value) if isinstance(value, str) else value
