"""Legacy: the order book from before there were front ends. Nobody dares to touch it.

Something in front of it once added ``Access-Control-Allow-Origin: *`` to everything, so every
page on the internet can read it; it has never heard of OPTIONS.
"""

from __future__ import annotations

from examples.shop.services.http import Answer, Asked, as_json

_ORDERS = [{"order": "A-17", "flowers": 40}, {"order": "A-18", "flowers": 12}]
_CUSTOMERS = [{"name": "Clarissa D.", "since": 1925}]


def answer(asked: Asked) -> Answer:
    if asked.method not in {"GET", "POST"}:
        return Answer(501, (("Content-Type", "text/html"),), b"<h1>501 Not Implemented</h1>\n")
    if asked.method == "POST":
        stored = as_json({"stored": len(asked.body)}, status=201)
        return stored.with_headers(("Access-Control-Allow-Origin", "*"))
    if asked.path == "/legacy/customers":
        return as_json(_CUSTOMERS, ("Access-Control-Allow-Origin", "*"))
    return as_json(_ORDERS, ("X-Total-Count", "2"), ("Access-Control-Allow-Origin", "*"))
