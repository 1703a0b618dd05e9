"""Instances built by hand: what a reader would make of a few lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest

from corsage.browser import Response
from corsage.layers.site import Grant, Instance, Match, OriginEntry, Setting, Site
from corsage.layers.where import Where
from corsage.patterns import exactly, regex


@dataclass
class Maker:
    """Makes layers whose behaviour is a few words."""

    numbers: count

    def entry(self, text: str, where: Where, pattern: bool = False) -> OriginEntry:
        language = regex(text, "pcre", "search") if pattern else exactly(text)
        return OriginEntry(text, where, language)

    def layer(
        self,
        product="nginx",
        name="edge",
        *,
        file="nginx.conf",
        origins=(),
        pattern=False,
        credentials=False,
        adds=False,
        answers_preflights=False,
        vary=True,
        methods=("GET", "PUT"),
        upstream="",
        reached_at=(),
        path="/",
    ) -> Instance:
        """A layer that sends its headers to admitted origins: in the place of those that come
        from behind, or beside them (``adds``)."""
        where = Where(file, next(self.numbers), 5, "    add_header ...;")
        entries = tuple(self.entry(origin, where, pattern) for origin in origins)
        grant = Grant(
            entries,
            credentials=credentials,
            methods=methods,
            headers=("X-Request-Id",),
            settings=(Setting("allow_origins", " ".join(origins), where),),
        )

        def hop(request, service):
            origin = dict(request.headers).get("Origin", "")
            admitted = any(origin in entry.language for entry in entries)
            headers = (("Vary", "Origin"),) if vary and entries else ()
            if admitted:
                headers += (("Access-Control-Allow-Origin", origin),)
                if credentials:
                    headers += (("Access-Control-Allow-Credentials", "true"),)
            if admitted and answers_preflights and request.kind == "preflight":
                lists = (
                    ("Access-Control-Allow-Methods", ", ".join(methods)),
                    ("Access-Control-Allow-Headers", "X-Request-Id"),
                )
                return Response(204, headers + lists)
            response = service(request) or Response(502)
            mine = {name.lower() for name, _ in headers}
            kept = tuple(line for line in response.headers if adds or line[0].lower() not in mine)
            return Response(response.status, kept + headers)

        site = Site(
            product,
            f"location {path}",
            where,
            Match(path=path, kind="segments"),
            hop,
            grant if origins else None,
            upstream,
            path,
        )
        return Instance(
            product,
            name,
            Where(file, 1, 1),
            (site,),
            lambda request: site if f"{path}" in request.url else None,
            reached_at,
        )


@pytest.fixture
def make() -> Maker:
    return Maker(count(10))
