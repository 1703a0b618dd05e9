"""How ``corsage explain URL`` prints for people: the answer, the hops as a table, every request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corsage.cli._explain_live_words import LONGEST_TOLD, Mask, notes, printed, sentence, shown
from corsage.diagnosis import trace
from corsage.diagnosis.conclusion import PROVEN
from corsage.diagnosis.diagnosis import Diagnosis
from corsage.diagnosis.fingerprints import traces
from corsage.diagnosis.observation import Answer, AtHop
from corsage.diagnosis.redact import redact_value
from corsage.live.asking import Sent
from corsage.live.explain import Findings
from corsage.report.terminal import console, styled

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

_WORDS = {
    True: ("ALLOWED", "bold green"),
    False: ("BLOCKED", "bold red"),
    None: ("?", "bold yellow"),
}
_BROWSERS = {"chromium": "Chrome", "firefox": "Firefox", "safari": "Safari"}


def show(findings: Findings, mask: Mask) -> None:
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
    for name, lines in printed(findings, mask).items():
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


def _others(diagnosis: Diagnosis) -> list[str]:
    if diagnosis.confidence == "certain":
        return []
    return [f"{a.cause} ({a.hop}): {a.ask}" for a in diagnosis.alternatives]


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
            out.print(styled(f"          {name}: {shown(name, value, mask)}", "dim"))
    if sent.silence:
        out.print(styled(f"        -> no answer: {mask(sent.silence)}"))
        return
    out.print(styled(f"        -> {sent.answer.status}"))
    for name, value in _telling(sent.answer):
        told = mask(redact_value(name, value[:LONGEST_TOLD]))[:_LONGEST_SHOWN]
        out.print(styled(f"           {name}: {told}"))


def _telling(answer: Answer) -> list[tuple[str, str]]:
    told = [
        (name, value)
        for name, value in answer.headers
        if name.startswith("access-control-") or name in _TELLING
    ]
    return told[:_MOST_SHOWN]


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
