"""The front ends: one small page each, at its own origin, with its calls and the predictions."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from corsage.browser import CHROMIUM, FIREFOX, SAFARI, STANDARD, judge
from corsage.policy.decide import serve
from corsage.policy.model import Policy
from examples.shop.calls import CALLS
from examples.shop.predict import as_json, bases, meant_by, origins_asked, shop_client
from examples.shop.services import http
from examples.shop.services.http import Answer, Asked, Service

_STATIC = Path(__file__).with_name("static")
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/corsage.svg": ("corsage.svg", "image/svg+xml"),
}
_PROFILES = {"chromium": CHROMIUM, "firefox": FIREFOX, "safari": SAFARI, "standard": STANDARD}


def origins(policy: Policy) -> dict[str, str]:
    """The front ends' origins by name."""
    return {name: policy.origins[name].exact[0] for name in CALLS}


def page(policy: Policy, name: str) -> Service:
    """The front end ``name``: its page, ``/calls`` and ``/predict``."""
    made = {call.id: call for call in CALLS[name]}
    origin = origins(policy)[name]
    others = " ".join(origins_asked(policy))
    headers = (
        # Not `default-src *`: the page may call the shop's origins and load nothing else.
        ("Content-Security-Policy", f"default-src 'self'; connect-src 'self' {others}"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    )

    def calls() -> Answer:
        rows = [{**call.as_json(), "at": bases(policy, call)} for call in made.values()]
        return http.as_json({"page": name, "pages": origins(policy), "calls": rows})

    def predict(asked: Asked) -> Answer:
        query = {key: values[0] for key, values in parse_qs(asked.query).items()}
        call, via = made.get(query.get("call", "")), query.get("via")
        profile = _PROFILES.get(query.get("browser", ""), STANDARD)
        if call is None or via not in {"direct", "gateway"}:
            return http.as_json({"error": "no such call"}, status=404)
        # Cookies know no ports: the session at http://localhost comes here as well, and the
        # prediction is made with just the cookies that the browser would send.
        client = shop_client(policy, asked.headers.get("cookie"))
        request = call.request(bases(policy, call)[via], origin)
        meant = judge(
            call.request(policy.gateway.public_origin, origin), serve(meant_by(policy), client)
        )
        predicted = as_json(judge(request, client, profile=profile))
        return http.as_json({**predicted, "meant": meant.allowed})

    def answer(asked: Asked) -> Answer:
        if asked.method not in {"GET", "HEAD"}:
            return Answer(405, (("Allow", "GET, HEAD"),))
        if asked.path == "/calls":
            return calls().with_headers(*headers)
        if asked.path == "/predict":
            return predict(asked).with_headers(*headers)
        if asked.path not in _FILES:
            return http.as_json({"error": "no such page"}, status=404)
        file, media_type = _FILES[asked.path]
        body = (_STATIC / file).read_bytes()
        return Answer(200, (("Content-Type", media_type), *headers), body)

    return answer
