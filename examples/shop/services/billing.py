"""Billing: invoices.

The team handles CORS for the one front end it knew in its first week, for the two methods it
had then, and only where everything goes well: its errors are written by another layer.
"""

from __future__ import annotations

import json

from examples.shop.services.auth import user_of
from examples.shop.services.http import Answer, Asked, Service, as_json

INVOICES = {
    "1": {"id": "1", "for": "40 white peonies", "total": "120.00"},
    "2": {"id": "2", "for": "a wedding's worth of roses", "total": "890.00"},
}


def _body(asked: Asked) -> dict[str, object]:
    return dict(json.loads(asked.body or b"{}"))


def _invoice(asked: Asked, name: str) -> Answer:
    known = INVOICES.get(name)
    if known is None:
        return as_json({"error": f"there is no invoice {name}"}, status=404)
    match asked.method:
        case "GET":
            return as_json(known, ("ETag", f'"invoice-{name}"'))
        case "PUT" | "PATCH":
            return as_json({**known, **_body(asked)}, ("ETag", f'"invoice-{name}-changed"'))
        case "DELETE":
            return Answer(204)
    return as_json({"error": f"{asked.method} is not possible here"}, status=405)


def _route(asked: Asked) -> Answer:
    match asked.method, asked.path.removeprefix("/billing"):
        case "GET", "/invoices":
            return as_json(list(INVOICES.values()), ("ETag", '"invoices-1"'))
        case "POST", "/invoices":
            created = {"id": "3", **_body(asked)}
            return as_json(created, ("Location", "/billing/invoices/3"), status=201)
        case "GET", "/latest":
            return Answer(302, (("Location", "/billing/invoices/2"),))
        case "GET", "/overdue":
            return as_json({"error": "this account is overdue"}, status=402)
        case "GET", "/broken":
            return as_json({"error": "the ledger is out of balance"}, status=500)
        case _, path if path.startswith("/invoices/"):
            return _invoice(asked, path.removeprefix("/invoices/"))
    return as_json({"error": "no such page"}, status=404)


def _signed_in(asked: Asked) -> Answer:
    if user_of(asked) is None:
        return as_json({"error": "not signed in"}, status=401)
    try:
        return _route(asked)
    except (ValueError, TypeError):
        return as_json({"error": "the body is not a JSON object"}, status=400)


def service(app: str) -> Service:
    """Billing, for the front end at the origin ``app``."""
    cors = (
        ("Access-Control-Allow-Origin", app),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET, POST"),
        ("Access-Control-Allow-Headers", "Content-Type"),
    )

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/internal/"):
            return as_json({"ledger": "for other services only"})
        if asked.method == "OPTIONS":
            return Answer(204, cors)
        answered = _signed_in(asked)
        return answered.with_headers(*cors) if answered.status < 400 else answered

    return answer
