"""Search: the public catalogue.

The team sends ``*``, and for a public GET that is right. But it never heard of preflights, and
of the headers it sends (``ETag``, ``Link``) a page can read none: nothing exposes them.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from examples.shop.services.http import Answer, Asked, as_json

FLOWERS = ("anemone", "dahlia", "gerbera", "peony", "ranunculus", "rose", "tulip")
_PAGE = 3


def answer(asked: Asked) -> Answer:
    if asked.method not in {"GET", "HEAD"}:
        return Answer(405, (("Allow", "GET, HEAD"),))
    wanted = parse_qs(asked.query).get("q", [""])[0]
    found = [flower for flower in FLOWERS if wanted in flower]
    tag = f'"{len(found)}-of-{len(FLOWERS)}"'
    if asked.headers.get("if-none-match") == tag:
        return Answer(304, (("ETag", tag), ("Access-Control-Allow-Origin", "*")))
    return as_json(
        {"found": len(found), "flowers": found[:_PAGE]},
        ("ETag", tag),
        ("Link", '</search?page=2>; rel="next"'),
        ("Cache-Control", "no-cache"),
        ("Access-Control-Allow-Origin", "*"),
    )
