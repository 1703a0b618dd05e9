"""How ``corsage explain URL`` prints for programs: one JSON object."""

from __future__ import annotations

import json
from typing import Any

from corsage.cli._explain_live_words import LONGEST_TOLD, Mask, notes, printed, sentence, shown
from corsage.diagnosis import trace
from corsage.diagnosis.observation import Answer, AtHop
from corsage.diagnosis.records import to_json
from corsage.diagnosis.redact import redact_value
from corsage.live.asking import Sent
from corsage.live.explain import Findings


def show(findings: Findings, mask: Mask) -> None:
    """Print the answer for programs, one object."""
    request, diagnosis = findings.request, findings.diagnosis
    told: dict[str, Any] = {
        "allowed": findings.allowed,
        "sentence": sentence(findings),
        "request": {"method": request.method, "url": request.url, "origin": request.origin},
        "predicted": findings.predicted,
        "diagnosis": to_json(diagnosis) if diagnosis else None,
        "reasons": {name: verdict.reason for name, verdict in findings.verdicts.items()},
        "console": printed(findings, mask),
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
        "headers": [[name, shown(name, value, mask)] for name, value in sent.wire.headers],
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
    lines = [[name, redact_value(name, value[:LONGEST_TOLD])] for name, value in answer.headers]
    return {"status": answer.status, "headers": lines}


def _masked(value: Any, mask: Mask) -> Any:
    """The same with every text masked."""
    if isinstance(value, dict):
        return {key: _masked(each, mask) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    return mask(value) if isinstance(value, str) else value
