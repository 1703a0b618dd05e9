"""Uploads: photographs of bouquets.

The one team that answers for itself, and does it right: pages send their files straight to it,
so it cannot rely on anything in front. Its route in the policy says ``owner: service``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from examples.shop.services.http import Answer, Asked, Service, as_json

_METHODS = "GET, PUT"
_HEADERS = "Content-Type"


def _is_preflight(asked: Asked) -> bool:
    return asked.method == "OPTIONS" and "access-control-request-method" in asked.headers


def _store(asked: Asked) -> Answer:
    if asked.method != "PUT":
        return as_json({"error": "PUT a photograph here"}, status=405)
    tag = f'"{hashlib.sha256(asked.body).hexdigest()[:16]}"'
    return as_json({"stored": asked.path, "bytes": len(asked.body)}, ("ETag", tag), status=201)


def service(origins: Collection[str]) -> Service:
    """Uploads, for the front ends at ``origins``."""

    def answer(asked: Asked) -> Answer:
        known = asked.origin in origins
        grant = (("Access-Control-Allow-Origin", asked.origin or ""),) if known else ()
        if _is_preflight(asked):
            lists = (
                ("Access-Control-Allow-Methods", _METHODS),
                ("Access-Control-Allow-Headers", _HEADERS),
            )
            vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            return Answer(
                204 if known else 403, (("Vary", vary), *grant, *(lists if known else ()))
            )
        exposed = (("Access-Control-Expose-Headers", "ETag"),) if known else ()
        return _store(asked).with_headers(("Vary", "Origin"), *grant, *exposed)

    return answer
