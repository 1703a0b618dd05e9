"""Recorded failures as JSON Lines: one observation in, one answer out, a line each.

The form is that of incident collections: ``observed`` with ``preflight`` and ``response`` (either
may be null or incomplete), and optionally ``id``, ``request``, ``layer_stack``,
``config_excerpt`` and ``symptom``. Every other key is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from corsage.browser import CredentialsMode, Headers, Request, Verdict
from corsage.diagnosis.diagnosis import Diagnosis, diagnose
from corsage.diagnosis.observation import (
    LONGEST_TEXT,
    LONGEST_VALUE,
    MOST_HEADERS,
    Answer,
    Asked,
    Observation,
)
from corsage.diagnosis.verdicts import first_refusal, seen_response, verdicts_of

LONGEST_LINE = 4 * 1024 * 1024
"""Characters of one line; a longer one is answered with an error."""

_ABBREVIATED = 60


class RecordError(ValueError):
    """A line that is no observation; the message says what to write instead."""


def explain_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not blank; a broken line is answered with an error.

    Errors have ``line`` (counted from 1) and ``error``; the lines after them are still answered.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield to_json(diagnose(read_record(line)))
        except RecordError as error:
            yield {"line": number, "error": str(error)}


def read_record(line: str) -> Observation:
    """The observation in one line of JSON. Raises RecordError, never anything else."""
    if len(line) > LONGEST_LINE:
        raise RecordError(f"longer than {LONGEST_LINE // 2**20} MiB; leave out bodies")
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(f"not JSON: {error}; write one object a line") from error
    except RecursionError as error:
        raise RecordError("nested too deeply; write one flat object a line") from error
    if not isinstance(record, dict):
        raise RecordError(f"{_kind(record)} instead of an object with an `observed` key")
    return from_json(record)


def from_json(record: Mapping[str, Any]) -> Observation:
    """The observation in one object. Raises RecordError."""
    observed = record.get("observed")
    if observed is None:
        observed = {}
    if not isinstance(observed, dict):
        raise RecordError(f"`observed` is {_kind(observed)}; write an object, or null")
    if not any(key in record for key in ("observed", "symptom", "layer_stack", "config_excerpt")):
        raise RecordError("nothing to go by; write `observed`: {preflight: ..., response: ...}")
    preflight = _answer(observed.get("preflight"), "observed.preflight")
    response = _answer(observed.get("response"), "observed.response")
    asked = _asked(record.get("request"))
    refusal = _refusal(asked, preflight, response)
    return Observation(
        id=_text(record.get("id"), "id"),
        preflight=preflight,
        response=seen_response(refusal, response),
        asked=replace(asked, reason=refusal.reason) if refusal else asked,
        stack=_text(record.get("layer_stack"), "layer_stack"),
        config=_text(record.get("config_excerpt"), "config_excerpt"),
        symptom=_text(record.get("symptom"), "symptom"),
    )


def to_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The answer as it stands in JSON."""
    return {
        "id": diagnosis.id,
        "class": diagnosis.cause,
        "hop": diagnosis.hop,
        "product": diagnosis.product or None,
        "sentence": diagnosis.sentence,
        "evidence": list(diagnosis.evidence),
        "fix": diagnosis.fix,
        "confidence": diagnosis.confidence,
        "alternatives": [
            {"class": other.cause, "hop": other.hop, "because": other.because, "ask": other.ask}
            for other in diagnosis.alternatives
        ],
        "ask": diagnosis.ask,
        "cors": diagnosis.cors,
    }


def _answer(value: Any, where: str) -> Answer:
    if value is None:
        return Answer()
    if not isinstance(value, dict):
        raise RecordError(f"`{where}` is {_kind(value)}; write {{status, headers}}, or null")
    body = value.get("body")
    return Answer(
        status=_status(value.get("status"), f"{where}.status"),
        headers=read_headers(value.get("headers"), f"{where}.headers"),
        body=body[:LONGEST_TEXT] if isinstance(body, str) else "",
    )


def _status(value: Any, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:6])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 999:
        raise RecordError(f"`{where}` is {_show(value)}; write a number from 100 to 599, or null")
    return value


def read_headers(value: Any, where: str = "headers") -> Headers:
    """Header lines from a dict (values text or lists of text) or a list of pairs, names lowered.

    Raises RecordError.
    """
    if value is None:
        return ()
    if isinstance(value, dict):
        pairs: Iterable[Any] = value.items()
    elif isinstance(value, list):
        pairs = value
    else:
        raise RecordError(f"`{where}` is {_kind(value)}; write an object or a list of pairs")
    lines: list[tuple[str, str]] = []
    for pair in pairs:
        name, values = _pair(pair, where)
        for text in values if isinstance(values, list) else [values]:
            if len(lines) >= MOST_HEADERS:
                return tuple(lines)
            if text is None:
                continue
            if isinstance(text, (dict, list)):
                raise RecordError(f"`{where}.{name[:_ABBREVIATED]}` is {_kind(text)}; write text")
            line = text if isinstance(text, str) else json.dumps(text)
            lines.append((name.strip().lower()[:LONGEST_VALUE], line[:LONGEST_VALUE]))
    return tuple(lines)


def _pair(pair: Any, where: str) -> tuple[str, Any]:
    if isinstance(pair, dict):  # as in a HAR
        pair = (pair.get("name"), pair.get("value"))
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[0], str):
        raise RecordError(f"`{where}` has {_show(pair)}; write [name, value]")
    return pair[0], pair[1]


def _asked(value: Any) -> Asked:
    if value is None:
        return Asked()
    if not isinstance(value, dict):
        raise RecordError(f"`request` is {_kind(value)}; write an object, or null")
    headers = read_headers(value.get("headers"), "request.headers")
    named = dict(reversed(headers))
    origin = value.get("origin") or named.get("origin")
    method = value.get("method")
    if isinstance(method, str) and method.upper() == "OPTIONS":
        method = named.get("access-control-request-method")
    return Asked(
        method=_text(method, "request.method") or None,
        url=_text(value.get("url"), "request.url") or None,
        origin=_text(origin, "request.origin") or None,
        headers=tuple(line for line in headers if line[0] != "origin"),
        credentials=_credentials(value.get("credentials")),
    )


def _refusal(asked: Asked, preflight: Answer, response: Answer) -> Verdict | None:
    """Why browsers refuse, where URL and origin are on record and they do."""
    if not asked.url or not asked.origin:
        return None
    request = Request(
        asked.url,
        asked.origin,
        asked.method or "GET",
        tuple(line for line in asked.headers if not line[0].startswith("access-control-")),
        credentials=asked.credentials or "same-origin",
    )
    refusal = first_refusal(verdicts_of(request, preflight, response)[0])
    return refusal if refusal and refusal.sent else None


def _credentials(value: Any) -> CredentialsMode | None:
    if isinstance(value, bool):
        return "include" if value else "omit"
    return cast("CredentialsMode", value) if value in ("omit", "same-origin", "include") else None


def _text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        value = " -> ".join(str(part) for part in value[:32] if isinstance(part, (str, int)))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RecordError(f"`{where}` is {_kind(value)}; write text")
    return value[:LONGEST_TEXT]


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, (int, float)) else "null")


def _show(value: Any) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= _ABBREVIATED else shown[:_ABBREVIATED] + "..."
