"""Ingresses of ingress-nginx: one instance for each host, a site for each path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from corsage.browser.exchange import Response
from corsage.layers.ingress_nginx import annotations as known
from corsage.layers.ingress_nginx.annotations import PREFIX, Cors
from corsage.layers.ingress_nginx.answer import Location
from corsage.layers.ingress_nginx.locations import Place, example, rewritten, route
from corsage.layers.ingress_nginx.slips import slips
from corsage.layers.ingress_nginx.snippets import around
from corsage.layers.ingress_nginx.snippets import read as read_snippets
from corsage.layers.manifests.backends import Path, old_version, paths, tls_hosts
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import ingresses_of
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import (
    ClauseName,
    Grant,
    Instance,
    Match,
    OriginEntry,
    Setting,
    Site,
    Slip,
    Unknown,
)
from corsage.layers.source import Reading
from corsage.layers.target import Hop, Release
from corsage.layers.where import Where
from corsage.patterns import OriginLanguage, anything, ends_with, nothing, regex

PRODUCT = "ingress-nginx"

_CASELESS = re.IGNORECASE | re.ASCII
_IMAGE = re.compile(
    r"(?:.*/)?(?:ingress-nginx/controller|nginx-ingress-controller)[^:]*:v?(\d+(?:\.\d+){1,2})"
)


def read(cluster: Cluster) -> Reading:
    """Every Ingress that this controller takes."""
    release = release_of(cluster)
    places: dict[str, list[tuple[Path, Hop, Grant | None]]] = {}
    found: list[Slip] = []
    for ingress in ingresses_of(cluster, PRODUCT):
        values = values_of(ingress)
        cors = known.parse(values, release) if known.enabled(values) else None
        found += [*old_version(ingress), *slips(ingress, values, release)]
        if known.boolean(values.get("canary")):
            # It only takes a share of another's requests, with that one's annotations.
            continue
        grant = grant_of(ingress, cors, values) if cors is not None else None
        snippets = tuple(read_snippets(ingress))
        for snippet in snippets:
            grant = grant or snippet.grant
            found += snippet.slips
        for path in paths(cluster, ingress):
            location = around(snippets, _location(cluster, path, values, cors))
            places.setdefault(path.host, []).append((path, location, grant))
    instances = tuple(_instance(host, led) for host, led in places.items())
    return Reading(instances=instances, slips=tuple(found))


def release_of(cluster: Cluster) -> Release | None:
    """The controller's release, if what runs it is among the objects."""
    for kind in ("Deployment", "DaemonSet"):
        for each in cluster.of_kind(kind):
            for container in each.value.elements("spec", "template", "spec", "containers"):
                image = _IMAGE.match(container.string("image"))
                if image is not None:
                    return tuple(int(number) for number in image[1].split("."))
    return None


def values_of(ingress: Object) -> dict[str, str]:
    """The controller's annotations, without their prefix."""
    return {
        name.removeprefix(PREFIX): value.text
        for name, value in ingress.annotations.items()
        if name.startswith(PREFIX)
    }


def _instance(host: str, led: list[tuple[Path, Hop, Grant | None]]) -> Instance:
    regexes = any(_is_regex(path) for path, _, _ in led)
    taken: dict[tuple[str, bool], Place] = {}
    for path, location, grant in led:
        site = Site(
            product=PRODUCT,
            name=path.name,
            where=path.ingress.where(path.value.get("path") or path.value),
            match=Match(
                hosts=(host,) if host else (),
                path=path.path,
                kind="regex" if regexes else "exact" if path.exact else "segments",
            ),
            hop=location,
            grant=grant,
            upstream=path.upstream,
            example=example(path.path, regexes),
        )
        # The Ingress that came first keeps a path.
        taken.setdefault((path.path, path.exact), Place(path.path, path.exact, site))
    return Instance(
        product=PRODUCT,
        name=host or "*",
        where=led[0][0].ingress.where(),
        sites=tuple(place.site for place in taken.values()),
        route=route(host, list(taken.values()), regexes),
        reached_at=(host or "_",),
    )


def _is_regex(path: Path) -> bool:
    values = values_of(path.ingress)
    rewrites = values.get("rewrite-target", "")
    return known.boolean(values.get("use-regex")) is True or rewrites not in ("", path.path)


def _location(
    cluster: Cluster, path: Path, values: Mapping[str, str], cors: Cors | None
) -> Location:
    hosts = tls_hosts(path.ingress)
    forced = known.boolean(values.get("force-ssl-redirect")) is True
    asked = known.boolean(values.get("ssl-redirect")) is not False
    target = values.get("rewrite-target", "")
    origins = () if cors is None else cors.origins
    return Location(
        cors=cors if cors is not None and cors.origins else None,
        admits=partial(
            _admits, re.compile(f"(?:{'|'.join(map(_expression, origins))})$", _CASELESS)
        ),
        custom=_custom_headers(cluster, path.ingress, values),
        to_https=forced or (asked and bool(hosts & {path.host, ""})),
        certificate=bool(values.get("auth-tls-secret"))
        and values.get("auth-tls-verify-client", "on") == "on",
        login=_login(values),
        redirect=_redirect(values),
        errors=frozenset(
            int(status)
            for status in values.get("custom-http-errors", "").split(",")
            if status.strip().isdecimal()
        ),
        rewrite=partial(rewritten, path.path, target) if target else lambda request: request,
    )


def _login(values: Mapping[str, str]) -> Response | None:
    if values.get("auth-url"):
        signin = values.get("auth-signin")
        return Response(302, (("Location", signin),)) if signin else Response(401)
    return Response(401) if values.get("auth-type") in ("basic", "digest") else None


def _redirect(values: Mapping[str, str]) -> Response | None:
    for name, status in (("permanent-redirect", 301), ("temporal-redirect", 302)):
        if target := values.get(name):
            return Response(status, (("Location", target),))
    return None


def _custom_headers(cluster: Cluster, ingress: Object, values: Mapping[str, str]) -> dict[str, str]:
    namespace, _, name = values.get("custom-headers", "").partition("/")
    found = cluster.find("ConfigMap", namespace, name, near=ingress)
    return {} if found is None else {key: value.text for key, value in found.value.items("data")}


def grant_of(ingress: Object, cors: Cors, values: Mapping[str, str]) -> Grant:
    """Whom the annotations let read."""
    given = cors.outcomes[known.ORIGIN] == "given"
    written = ingress.annotations.get(PREFIX + known.ORIGIN)
    place = ingress.where(written) if written is not None else _enabled_at(ingress)
    if cors.any_origin:
        entries: tuple[OriginEntry, ...] = (OriginEntry("*", place, anything()),)
        if written is not None and given:
            entries = tuple(
                OriginEntry(
                    text,
                    ingress.where_text(written, text),
                    anything()
                    if text == "*"
                    else language(text)
                    if known.takes(text)
                    else nothing(),
                )
                for text in known.entries_of(written.text)
            )
    else:
        entries = tuple(
            OriginEntry(
                text,
                ingress.where_text(written, text) if written is not None else place,
                language(text),
            )
            for text in cors.origins
        )
    unknown = tuple(
        Unknown(clause, ingress.where(ingress.annotations[PREFIX + name]), "it is still a template")
        for name, clause in _CLAUSES.items()
        if templated(values.get(name, ""))
    )
    return Grant(
        entries=entries,
        credentials=cors.credentials,
        methods=tuple(_names(cors.methods)),
        headers=tuple(_names(cors.headers)),
        exposed=tuple(_names(cors.exposed)),
        max_age=cors.max_age,
        settings=tuple(_settings(ingress, cors, values)),
        unknown=unknown,
        by_default=cors.any_origin and not given,
    )


_CLAUSES: Mapping[str, ClauseName] = {
    known.ORIGIN: "allow_origins",
    known.CREDENTIALS: "allow_credentials",
    known.METHODS: "allow_methods",
    known.HEADERS: "allow_headers",
    known.EXPOSED: "expose_headers",
    known.MAX_AGE: "max_age",
}


def _settings(ingress: Object, cors: Cors, values: Mapping[str, str]) -> Iterator[Setting]:
    effective = {
        known.ORIGIN: ", ".join(cors.origins),
        known.CREDENTIALS: "true" if cors.credentials else "false",
        known.METHODS: cors.methods,
        known.HEADERS: cors.headers,
        known.EXPOSED: cors.exposed,
        known.MAX_AGE: str(cors.max_age),
    }
    for name, clause in _CLAUSES.items():
        given = cors.outcomes[name] == "given"
        if name == known.EXPOSED and not given:
            continue
        written = ingress.annotations.get(PREFIX + name)
        place = ingress.where(written) if written is not None else _enabled_at(ingress)
        value = values[name] if given else effective[name]
        unsaid = cors.outcomes[name] in ("missing", "blank")
        yield Setting(clause, value, place, default=unsaid)


def _enabled_at(ingress: Object) -> Where:
    return ingress.where_annotation(PREFIX + known.ENABLE)


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


@lru_cache(4096)
def language(entry: str) -> OriginLanguage:
    """The origins that the controller's nginx finds for an entry: by a regex that ignores case
    and is tied to the end alone, with one label for a wildcard."""
    if "*" not in entry:
        return ends_with(entry, ignore_case=True)
    return regex(f"{_expression(entry)}$", "pcre", "search", ignore_case=True)


def _expression(entry: str) -> str:
    return re.sub(r"[.+*]", r"\\\g<0>", entry).replace(r"\*", r"[A-Za-z0-9\-]+", 1)


def _admits(expression: re.Pattern[str], origin: str) -> bool:
    return expression.search(origin) is not None
