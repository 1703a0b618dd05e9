"""What is wrong with one layer's CORS by itself, whatever stands behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.browser import Request, Response, Server, WireRequest
from corsage.chain.compose import lines, silent
from corsage.chain.topology import url_of
from corsage.check.asking import STRANGER, an_origin_of, ask, get, preflighted_by, varies
from corsage.check.entries import admits_everybody, check_entries
from corsage.check.finding import Finding, Where
from corsage.check.report import finding
from corsage.layers import rules
from corsage.layers.site import ClauseName, Grant, Instance, Site
from corsage.layers.urls import split_url

LONGEST_CACHE = 86_400
"""Seconds. Firefox caches a preflight for a day at most, Chromium for two hours."""

_INTERNAL = re.compile(
    r".*\.(?:internal|intranet|corp|lan|local)|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|"
    r"172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+"
)


def check_site(instance: Instance, site: Site) -> Iterator[Finding]:
    """Findings of one site."""
    grant = site.grant
    if grant is None:
        return
    url = url_of(instance, site)
    yield from check_entries(site, grant)
    everybody = list(_everybody(site, grant, url))
    yield from everybody
    said = {one.rule for one in everybody}
    yield from _defaults(site, grant, credentials=rules.WILDCARD_BEFORE_COOKIES.id not in said)
    yield from _unknown(grant)
    yield from _max_age(grant)
    origin = an_origin_of(grant.entries)
    yield from _several_in_one(site, grant, url, origin or STRANGER)
    if any(unknown.clause == "allow_origins" for unknown in grant.unknown):
        return
    if origin is None:
        yield from _nobody(site, grant)
    else:
        if rules.EVERYBODY_WITH_CREDENTIALS.id not in said:
            yield from _vary(site, grant, url, origin)
        yield from _errors(site, grant, url, origin)
        yield from _wildcard_names(site, grant, url, origin)


def _nobody(site: Site, grant: Grant) -> Iterator[Finding]:
    """An application that allows methods or credentials, and no origin at all. (A proxy may leave
    the origins to what stands behind it.)"""
    written = [setting for setting in grant.settings if not setting.default]
    if written and not grant.entries and not grant.unknown and not site.upstream:
        yield finding(
            rules.INERT,
            "CORS is configured here, and no origin is allowed",
            written[0].where,
            severity="warning",
            why=f"{site.product} sends nothing to any page until a list of origins has one.",
        )


def place(site: Site, grant: Grant, clause: ClauseName) -> Where:
    """Where a clause stands, or else what comes nearest."""
    setting = grant.setting(clause)
    if setting is not None:
        return setting.where
    return grant.entries[0].where if grant.entries else site.where


def alone(site: Site, service: Server = silent) -> Server:
    """A site as a server, in front of a service."""

    def answer(request: WireRequest) -> Response | None:
        return site.hop(request, service)

    return answer


def _everybody(site: Site, grant: Grant, url: str) -> Iterator[Finding]:
    with_cookies = ask(alone(site), Request(url, STRANGER, credentials="include"))
    entries = [entry for entry in grant.entries if admits_everybody(entry)]
    where = entries[0].where if entries else place(site, grant, "allow_origins")
    if with_cookies.verdict.allowed:
        yield finding(
            rules.EVERYBODY_WITH_CREDENTIALS,
            "every website may read with your users' cookies",
            where,
            why=f"{site.product} sends the asking origin back, and allows credentials.",
            evidence=with_cookies.verdict.sentence,
            witness=STRANGER,
        )
        return
    response = site.hop(get(url, STRANGER), silent)
    if lines(response, "Access-Control-Allow-Origin") != ("*",):
        return
    if lines(response, "Access-Control-Allow-Credentials") == ("true",):
        yield finding(
            rules.WILDCARD_BEFORE_COOKIES,
            "Access-Control-Allow-Credentials is sent beside the origin *",
            place(site, grant, "allow_credentials"),
            why="Browsers refuse * for a request with cookies: the pages that need them are "
            "blocked, and everybody else may read what is there without.",
            evidence=with_cookies.verdict.sentence,
            fix="name the origins, or leave the credentials out",
        )
    host = split_url(url).hostname or ""
    if _INTERNAL.fullmatch(host):
        yield finding(
            rules.INTERNAL_FOR_EVERYBODY,
            f"every website may read {host}",
            where,
            why="A page that an employee opens can read it from inside the network.",
            witness=STRANGER,
        )


def _defaults(site: Site, grant: Grant, *, credentials: bool) -> Iterator[Finding]:
    setting = grant.setting("allow_credentials")
    if credentials and grant.credentials and setting is not None and setting.default:
        yield finding(
            rules.CREDENTIALS_BY_DEFAULT,
            f"{site.product} allows credentials, since nothing says otherwise",
            setting.where,
            why="Another controller that reads the same file may mean no.",
        )
    if grant.by_default and grant.entries:
        yield finding(
            rules.EVERYBODY_BY_DEFAULT,
            f"{site.product} allows every origin, since none is named",
            place(site, grant, "allow_origins"),
        )


def _unknown(grant: Grant) -> Iterator[Finding]:
    for unknown in grant.unknown:
        yield finding(
            rules.NOT_KNOWN, f"{unknown.clause} cannot be known: {unknown.why}", unknown.where
        )


def _max_age(grant: Grant) -> Iterator[Finding]:
    setting = grant.setting("max_age")
    if setting is None or setting.default:
        return
    if grant.max_age is not None and grant.max_age > LONGEST_CACHE:
        yield finding(
            rules.MAX_AGE_OVER_CAP,
            f"{grant.max_age} seconds are cut to {LONGEST_CACHE} by Firefox, to 7200 by Chromium",
            setting.where,
        )
    elif grant.max_age is not None and grant.max_age <= 0:
        yield finding(
            rules.MAX_AGE_MISSING,
            f"max age {grant.max_age} makes every request ask first",
            setting.where,
            fix="600",
        )


def _several_in_one(site: Site, grant: Grant, url: str, asking: str) -> Iterator[Finding]:
    for value in lines(site.hop(get(url, asking), silent), "Access-Control-Allow-Origin"):
        if "," in value or " " in value.strip():
            yield finding(
                rules.SEVERAL_IN_ONE,
                f"{site.product} sends `{value}`, which is no origin",
                place(site, grant, "allow_origins"),
                why="The header is one origin or *. Browsers compare all of it with the page's.",
                witness=f"GET {url} from {asking}",
                fix="send the asking origin back where a list has it",
            )
            return


def _vary(site: Site, grant: Grant, url: str, origin: str) -> Iterator[Finding]:
    answers = {asking: site.hop(get(url, asking), silent) for asking in (origin, STRANGER, None)}
    told = {lines(answer, "Access-Control-Allow-Origin") for answer in answers.values()}
    if len(told) < 2:
        return
    # What is refused with an error is seldom kept by a cache.
    missing = [
        asking
        for asking, answer in answers.items()
        if not varies(answer) and (answer is None or answer.status < 400)
    ]
    if missing:
        asking = missing[0]
        constant = told == {(), ("*",)}
        who = {origin: f"{origin} asks", STRANGER: "another origin asks"}
        yield finding(
            rules.MISSING_VARY,
            "the answer depends on the origin, and Vary does not say so",
            place(site, grant, "vary" if grant.setting("vary") else "allow_origins"),
            severity="note" if constant else None,
            why="A cache gives one site's answer to another, whose browser then refuses it.",
            evidence=f"when {who.get(asking or '', 'nobody in particular asks')}, the response "
            "has no Vary: Origin",
            witness=asking,
        )


def _errors(site: Site, grant: Grant, url: str, origin: str) -> Iterator[Finding]:
    request = get(url, origin)
    fine = site.hop(request, silent)
    if not lines(fine, "Access-Control-Allow-Origin"):
        return
    for status in (404, 500):
        failing = site.hop(request, _answering(status))
        if failing is not None and not lines(failing, "Access-Control-Allow-Origin"):
            yield finding(
                rules.NOT_ON_ERRORS,
                f"a {failing.status} goes out without Access-Control-Allow-Origin",
                place(site, grant, "allow_origins"),
                severity="note" if status == 500 else None,
                why="The page sees a CORS error instead of the status that would explain it.",
                witness=f"GET {url} from {origin}, answered with {status}",
            )
            return


def _answering(status: int) -> Server:
    return lambda _request: Response(status)


def _wildcard_names(site: Site, grant: Grant, url: str, origin: str) -> Iterator[Finding]:
    listed = grant.methods, grant.headers
    if all(names and "*" not in names for names in listed):
        return
    request = preflighted_by(origin, url, grant)
    if request is None or not grant.credentials:
        return
    asked = ask(alone(site), request)
    first = asked.verdict.sent[0][1] if asked.verdict.sent else None
    clauses: tuple[tuple[ClauseName, str], ...] = (
        ("allow_methods", "Access-Control-Allow-Methods"),
        ("allow_headers", "Access-Control-Allow-Headers"),
    )
    for clause, name in clauses:
        values = [part.strip() for line in lines(first, name) for part in line.split(",")]
        if "*" in values:
            yield finding(
                rules.WILDCARD_IS_A_NAME,
                f"{name}: * means nothing where credentials are allowed",
                place(site, grant, clause),
                why="With credentials browsers take * for a name, which no request has.",
                fix=f"list the {clause.removeprefix('allow_')}",
            )
