"""HAR files (HTTP Archive 1.2): every request in them that a page could not read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from corsage.browser.origin import parse_url, serialise
from corsage.diagnosis.case import LONGEST_INPUT, MOST_CASES, Case, InputError
from corsage.diagnosis.inputs.http_text import Message
from corsage.diagnosis.inputs.pairing import Exchange, pair
from corsage.diagnosis.observation import LONGEST_TEXT
from corsage.diagnosis.records import RecordError, read_headers

MOST_ENTRIES = 50_000
"""Entries that are looked at."""

_FORM = re.compile(r"\s*\{")


def looks_like(text: str) -> bool:
    """Whether the text is a JSON object with a ``log``."""
    return _FORM.match(text) is not None and '"log"' in text[:100_000]


def read(text: str, *, origin: str | None = None) -> tuple[Case, ...]:
    """The cross-origin requests of the archive, each with its preflight. Raises InputError.

    All of them are returned, the readable ones too: the verdict on each is the browser model's.
    """
    entries = _entries(text)
    by_url: dict[str, list[Exchange]] = {}
    failures: dict[int, str] = {}
    for entry in entries:
        exchange = _exchange(entry)
        if exchange is None or not _is_cross_origin(exchange, origin):
            continue
        asked = exchange[0]
        by_url.setdefault(asked.target if asked else "", []).append(exchange)
        error = _network_error(entry)
        if error:
            failures[id(asked)] = error
        if sum(map(len, by_url.values())) >= 2 * MOST_CASES:
            break
    cases: list[Case] = []
    for exchanges in by_url.values():
        symptom = next((failures[id(asked)] for asked, _ in exchanges if id(asked) in failures), "")
        cases += [_with_symptom(case, symptom) for case in pair(exchanges, origin=origin)]
    return tuple(cases[:MOST_CASES])


def _entries(text: str) -> list[Any]:
    if len(text) > LONGEST_INPUT:
        raise InputError(f"a HAR file larger than {LONGEST_INPUT // 2**20} MiB; leave out bodies")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not a HAR file: {error}; use “Save all as HAR” in DevTools") from error
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise InputError("not a HAR file: no log.entries; use “Save all as HAR” in DevTools")
    return entries[:MOST_ENTRIES]


def _exchange(entry: Any) -> Exchange | None:
    """Request and answer of one entry; None for what has no readable shape or is no HTTP."""
    request = _object(entry, "request")
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        return None
    if not url.lower().startswith(("http://", "https://")):
        return None
    asked = Message(method=method[:40], target=url[:LONGEST_TEXT])
    response = _object(entry, "response")
    status = response.get("status")
    try:
        asked.headers = list(read_headers(request.get("headers")))
        headers = list(read_headers(response.get("headers")))
    except RecordError:
        return None
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        # 0 with headers: the browser got an answer and kept it from the page.
        return asked, Message(status=None, headers=headers) if headers else None
    content = response.get("content")
    body = content.get("text") if isinstance(content, dict) else None
    text = body[:LONGEST_TEXT] if isinstance(body, str) else ""
    return asked, Message(status=status, headers=headers, body=text)


def _object(value: Any, key: str) -> Mapping[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _network_error(entry: Any) -> str:
    error = entry.get("_error") or _object(entry, "response").get("_error")
    return error[:200] if isinstance(error, str) else ""


def _is_cross_origin(exchange: Exchange, origin: str | None) -> bool:
    asked = exchange[0]
    if asked is None:
        return False
    named = origin or asked.get("origin")
    referer = asked.get("referer")
    if named is None and referer:
        named = serialise(referer)
    url = parse_url(asked.target)
    if url is None or named is None or named == url.origin:
        return False
    # Navigations, images and scripts are not fetched in cors mode, and need no CORS.
    mode = asked.get("sec-fetch-mode")
    return mode in {None, "cors"} and (asked.get("origin") is not None or mode == "cors")


def _with_symptom(case: Case, symptom: str) -> Case:
    if not symptom or case.response.status:
        return case
    return Case(case.title, case.request, case.preflight, case.response, symptom, case.notes)
