"""Console lines of Chrome, Firefox and Safari, read back into reason, URL, origin and value.

The wordings are not written down here: they are taken from
:mod:`corsage.browser.console`, which prints them, by printing each with marks in the places of
what varies. A line that the browser model can print can thus be read, and no other copy exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Literal, TypeAlias

from corsage.browser import Initiator, Reason, Request, Response, serialise
from corsage.browser.check import Failure
from corsage.browser.console import Scene, lines
from corsage.diagnosis.case import Case, InputError
from corsage.diagnosis.observation import Answer

Browser: TypeAlias = Literal["chromium", "firefox", "safari"]

LONGEST_LINE = 20_000
"""Characters of a line that are read; a console line holds at most a URL and a header value."""

MOST_LINES = 500
"""Lines of a paste that are read."""

_VALUE, _URL, _FIRST, _ORIGIN, _STATUS = "vvaluevv", "uurluu", "ffirstff", "oorigino", 599
_PAGE = "ppagepp"
_MARKS = {
    _VALUE: ("value", r".*?"),
    _URL: ("url", r"\S+?"),
    _FIRST: ("first", r"\S+?"),
    _ORIGIN: ("origin", r"\S+?"),
    _PAGE: ("page", r"\S+?"),
    str(_STATUS): ("status", r"\d{3}"),
}

# Chrome prints other kinds than fetch and XMLHttpRequest in the same sentence.
_KIND = re.compile(r"Access\\ to\\ (?:fetch|XMLHttpRequest)\\ at")
_KINDS = r"Access\\ to\\ (?P<kind>[A-Za-z ()]{1,40}?)\\ at"

# Where a browser once put this sentence, and what it adds since; both may be missing in a paste.
_HINTS = (
    " Have the server send the header with a valid value.",
    (
        " If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch"
        " the resource with CORS disabled."
    ),
    (
        " Have the server send the header with a valid value, or, if an opaque response serves"
        " your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."
    ),
    (
        " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the"
        " withCredentials attribute."
    ),
)


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line, read. ``reasons`` are all that print it: Firefox and Safari word the failure of a
    preflight and that of the answer itself alike. What the wording does not tell is empty."""

    text: str
    browser: Browser
    reasons: tuple[Reason, ...]
    url: str = ""
    first_url: str = ""
    origin: str = ""
    value: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class _Template:
    browser: Browser
    reason: Reason
    pattern: re.Pattern[str]
    fixed: int  # characters that do not vary: of two readings the more specific wins


def looks_like(text: str) -> bool:
    """Whether a line of the text is one that a browser prints about CORS."""
    return any(parse_line(line) for line in _lines_of(text))


def parse_line(text: str) -> ConsoleLine | None:
    """One line, read back; None when no browser prints it."""
    original, text = text[:LONGEST_LINE], _normalised(text)
    best: list[tuple[_Template, re.Match[str]]] = []
    for template in _templates():
        if best and template.fixed < best[0][0].fixed:
            break
        match = template.pattern.search(text)
        if match:
            best.append((template, match))
    if not best:
        return None
    first, match = best[0]
    found = match.groupdict()
    same = [t for t, m in best if t.browser == first.browser and m.groupdict() == found]
    reasons = tuple(dict.fromkeys(template.reason for template in same))
    status = found.get("status")
    value = found.get("value") or ""
    if reasons[0] is Reason.PREFLIGHT_STATUS and value.isdigit():
        status = value[:3]
    told = _OLD_STATUS.search(original)
    status = status or (told.group(1) if told else None)
    return ConsoleLine(
        text=text,
        browser=first.browser,
        reasons=reasons,
        url=found.get("url") or "",
        first_url=found.get("first") or "",
        origin=_origin(found),
        value=value,
        status=int(status) if status else None,
    )


def _origin(found: Mapping[str, str | None]) -> str:
    page = found.get("page")
    origin = found.get("origin") or (serialise(page) if page else None) or ""
    return "" if origin == _UNKNOWN else origin


def parse(text: str) -> tuple[ConsoleLine, ...]:
    """Every line of a paste that a browser prints, in order."""
    return tuple(line for raw in _lines_of(text) if (line := parse_line(raw)))


def read(text: str, *, origin: str | None = None) -> tuple[Case, ...]:
    """The failures that a pasted console speaks of. Raises InputError when there is none.

    The lines that a browser prints for one failure make one case: Firefox says the reason, then
    that the request did not succeed.
    """
    parsed = parse(text)
    if not parsed:
        raise InputError(
            "no line that Chrome, Firefox or Safari prints about CORS; paste it from "
            "“Access to fetch at ...” or “Cross-Origin Request Blocked: ...” on"
        )
    cases: list[Case] = []
    for line in parsed:
        if cases and _is_second_line(line) and line.url in cases[-1].title:
            cases[-1] = _after_preflight(cases[-1])
        else:
            cases.append(_case(line, origin))
    return tuple(cases)


def _lines_of(text: str) -> Iterator[str]:
    for raw in text.splitlines()[:MOST_LINES]:
        if raw.strip():
            yield raw[:LONGEST_LINE]


def _normalised(text: str) -> str:
    """One line as the browser printed it: no source position before it, no count after it."""
    text = " ".join(text[:LONGEST_LINE].replace("\N{NO-BREAK SPACE}", " ").split())
    start = re.search(r"Access to |Cross-Origin Request Blocked|\[Error\] ", text)
    if start:
        text = text[start.start() :].removeprefix("[Error] ")
    text = text.removesuffix("Understand this error").rstrip()
    return _as_worded_today(re.sub(r" ?\[(?:Learn More|En savoir plus)\]$", "", text))


_OLD = re.compile(
    r"(?:XMLHttpRequest cannot load|Failed to load|Fetch API cannot load) (?P<url>\S+?)[.:] "
    r"(?:Redirect from '\S+' to '\S+' has been blocked by CORS policy: )?(?P<detail>.+?)"
    r"(?: Origin '(?P<origin>\S+)' is therefore not allowed access\.?.*)?$"
)
_UNKNOWN = "https://unknown.invalid"
_OLD_STATUS = re.compile(r"HTTP status code (\d{3})")
_OLD_DETAILS = (
    ("Response for preflight has invalid HTTP status code", "It does not have HTTP ok status."),
    (
        "Response for preflight is invalid (redirect)",
        "Redirect is not allowed for a preflight request.",
    ),
)


def _as_worded_today(text: str) -> str:
    """Chromium's wording until version 71, which threads and tutorials still quote."""
    old = _OLD.match(text)
    if old is None or "Request mode is" in text or "URL scheme" in text:
        return text
    detail = old["detail"]
    for before, now in _OLD_DETAILS:
        if detail.startswith(before):
            detail = f"Response to preflight request doesn't pass access control check: {now}"
    page = old["origin"] or _UNKNOWN
    return (
        f"Access to XMLHttpRequest at '{old['url']}' from origin '{page}' has been blocked by CORS"
        f" policy: {detail}"
    )


def _is_second_line(line: ConsoleLine) -> bool:
    return line.browser == "firefox" and Reason.NETWORK_FAILURE in line.reasons


def _after_preflight(case: Case) -> Case:
    """Firefox adds its second line where the preflight failed, not where the answer did."""
    moved = case.response if case.response.seen else case.preflight
    return Case(case.title, case.request, moved, Answer(), case.symptom, case.notes)


def _case(line: ConsoleLine, origin: str | None) -> Case:
    preflight, response = _answers(line)
    page = origin or line.origin
    request = Request(url=line.url, origin=page) if line.url and page else None
    where = line.url or "an unnamed URL"
    notes = (f"{line.browser} prints this for: {line.reasons[0].title}",)
    return Case(where, request, preflight, response, _detail(line), notes)


def _detail(line: ConsoleLine) -> str:
    """What the line says of the failure, without the addresses, which are the application's."""
    text = line.text
    for address in (line.url, line.first_url, line.origin, _UNKNOWN):
        if len(address) > len("null"):
            text = text.replace(address, "...")
    return text


def _answers(line: ConsoleLine) -> tuple[Answer, Answer]:
    """What the line tells of the preflight's answer and of the actual one."""
    reason = line.reasons[0]
    if Reason.NETWORK_FAILURE in line.reasons:
        return Answer(), Answer(status=0)
    headers = tuple(_headers_told(reason, line))
    answer = Answer(status=line.status, headers=headers)
    both = len({r.name.startswith("PREFLIGHT_") for r in line.reasons}) > 1
    if reason in _IN_PREFLIGHT or (reason.name.startswith("PREFLIGHT_") and not both):
        if reason in {Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED}:
            answer = Answer(status=200, headers=headers)
        return answer, Answer()
    return Answer(), answer


_IN_PREFLIGHT = frozenset({Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED})


def _headers_told(reason: Reason, line: ConsoleLine) -> Iterator[tuple[str, str]]:
    name = reason.name.removeprefix("PREFLIGHT_")
    if name == "WILDCARD_WITH_CREDENTIALS":
        yield "access-control-allow-origin", "*"
    elif name in {"ALLOW_ORIGIN_MISMATCH", "INVALID_ALLOW_ORIGIN", "MULTIPLE_ALLOW_ORIGIN"}:
        values = line.value.split(", ") if name == "MULTIPLE_ALLOW_ORIGIN" else [line.value]
        for value in values:
            if value:
                yield "access-control-allow-origin", value
    elif name == "INVALID_ALLOW_CREDENTIALS" and line.origin:
        yield "access-control-allow-origin", line.origin
        yield "access-control-allow-credentials", line.value


@cache
def _templates() -> tuple[_Template, ...]:
    """Every wording of every browser, the most specific first."""
    found: dict[tuple[str, Reason, str], _Template] = {}
    for browser in ("chromium", "firefox", "safari"):
        for reason in Reason:
            for scene in _scenes(browser):
                for text in lines(browser, Failure(reason, _VALUE), scene)[:1]:
                    for template in _compiled(browser, reason, text):
                        found[browser, reason, template.pattern.pattern] = template
    return tuple(sorted(found.values(), key=lambda template: -template.fixed))


def _scenes(browser: str) -> Iterator[Scene]:
    answers: tuple[Response | None, ...] = (Response(_STATUS), None)
    if browser == "firefox":
        twice = (("Access-Control-Allow-Origin", "a"), ("Access-Control-Allow-Origin", "b"))
        answers = (*answers, Response(_STATUS, twice))
    initiators: tuple[Initiator, ...] = ("fetch", "xmlhttprequest")
    for initiator, first, answer, sent in product(
        initiators, (_URL, _FIRST), answers, (True, False)
    ):
        parts: dict[str, Any] = {
            "request": Request(first, _ORIGIN, initiator=initiator, page_url=_PAGE),
            "first_url": first,
            "url": _URL,
            "href": _URL,
            "sent": sent,
            "answer": answer,
            "cors": True,
        }
        yield Scene(**{name: parts[name] for name in Scene._fields})


def _compiled(browser: Browser, reason: Reason, text: str) -> Iterator[_Template]:
    if text.startswith("Failed to load resource"):
        return  # says nothing that is the failure's own
    bare = " ".join(text.split())
    for hint in _HINTS:
        bare = bare.removesuffix(hint)
    pattern = re.escape(bare)
    pattern = _KIND.sub(_KINDS, pattern)
    for mark, (group, form) in _MARKS.items():
        head, sep, tail = pattern.partition(re.escape(mark))
        if sep:
            pattern = f"{head}(?P<{group}>{form}){tail.replace(re.escape(mark), f'(?P={group})')}"
    hints = "|".join(re.escape(hint) for hint in sorted(_HINTS, key=len, reverse=True))
    open_ended = pattern.endswith(form_of("value"))
    end = r"$" if open_ended or browser != "safari" else ""
    fixed = len(re.sub("|".join(map(re.escape, _MARKS)), "", bare))
    yield _Template(browser, reason, re.compile(f"^{pattern}(?:{hints})?\\s*{end}"), fixed)


def form_of(group: str) -> str:
    """The regular expression of a marked place, as it ends a pattern."""
    return next(f"(?P<{name}>{form})" for name, form in _MARKS.values() if name == group)
