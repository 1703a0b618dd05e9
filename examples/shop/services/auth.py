"""Auth: sign in, and who am I.

The team copied ``*`` from a blog post. It worked until the session moved into a cookie: a
browser does not let a page read a response with cookies under ``*``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from examples.shop.services.http import Answer, Asked, as_json

_KEY = secrets.token_bytes(32)
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Headers", "*"),
)


def sign(user: str) -> str:
    """A session: the user's name and this process's signature."""
    return f"{user}.{hmac.new(_KEY, user.encode(), hashlib.sha256).hexdigest()[:32]}"


def user_of(asked: Asked) -> str | None:
    """Who is signed in, by the ``session`` cookie."""
    session = asked.cookie("session") or ""
    user = session.rpartition(".")[0]
    return user if user and hmac.compare_digest(session, sign(user)) else None


def _session_cookie(asked: Asked, value: str, *attributes: str) -> tuple[str, str]:
    # Over TLS the cookie may travel to other sites too; over plain http browsers refuse
    # SameSite=None, so only pages of the same site (http://localhost, any port) send it.
    secure = asked.headers.get("x-forwarded-proto") == "https"
    site = ("SameSite=None", "Secure") if secure else ("SameSite=Lax",)
    return "Set-Cookie", "; ".join((f"session={value}", "Path=/", "HttpOnly", *site, *attributes))


def _route(asked: Asked) -> Answer:
    match asked.method, asked.path:
        case "POST", "/auth/login":
            try:
                user = str(json.loads(asked.body)["user"])
            except (ValueError, KeyError, TypeError):
                return as_json({"error": 'send {"user": "..."}'}, status=400)
            if not user.isalnum() or len(user) > 32:
                return as_json({"error": "a user is up to 32 letters and digits"}, status=400)
            return as_json({"user": user}, _session_cookie(asked, sign(user)))
        case "POST", "/auth/logout":
            return Answer(204, (_session_cookie(asked, "", "Max-Age=0"),))
        case "GET", "/auth/me":
            known = user_of(asked)
            if known is None:
                return as_json({"error": "not signed in"}, status=401)
            return as_json({"user": known, "plan": "florist"}, ("ETag", f'"{known}-1"'))
    return as_json({"error": "no such page"}, status=404)


def answer(asked: Asked) -> Answer:
    if asked.method == "OPTIONS":
        return Answer(204, _CORS)
    return _route(asked).with_headers(*_CORS)
