"""Notifications: a list, "mark as read", and a stream of server-sent events.

Two mistakes: the login check runs before CORS, so a preflight, which never carries cookies, is
told 401; and the stream is written by other code than the JSON, which nobody told about CORS.
"""

from __future__ import annotations

from collections.abc import Iterator

from examples.shop.services.auth import user_of
from examples.shop.services.http import Answer, Asked, as_json

_NEWS = ("Your peonies have been cut.", "Your peonies are on their way.", "Your peonies are here.")


def _events() -> Iterator[bytes]:
    for number, text in enumerate(_NEWS, 1):
        yield f"id: {number}\nevent: delivery\ndata: {text}\n\n".encode()


def _with_cors(asked: Asked, answer: Answer) -> Answer:
    return answer.with_headers(
        ("Access-Control-Allow-Origin", asked.origin or "*"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Headers", "Content-Type"),
    )


def answer(asked: Asked) -> Answer:
    if user_of(asked) is None:
        return as_json({"error": "not signed in"}, status=401)
    match asked.method, asked.path:
        case "GET", "/notifications/stream":
            headers = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
            return Answer(200, headers, _events())
        case "GET", "/notifications":
            return _with_cors(asked, as_json({"unread": len(_NEWS)}))
        case "POST", "/notifications/read":
            return _with_cors(asked, as_json({"unread": 0}))
        case "OPTIONS", _:
            return _with_cors(asked, Answer(204))
    return as_json({"error": "no such page"}, status=404)
