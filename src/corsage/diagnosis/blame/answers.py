"""Who made an error or a redirect that does not say so itself: by its status and its target."""

from __future__ import annotations

import re

from corsage.browser import Reason
from corsage.diagnosis.blame.choices import service
from corsage.diagnosis.blame.evidence import written_in_front
from corsage.diagnosis.blame.found import FRONT, Blame, at, failing, innermost, outermost, said
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.products import Hop


def error_by_status(facts: Facts) -> Blame | None:
    """413 and 502 to 504 come from a proxy, 500 from the service, 429 from the limiter."""
    answer = failing(facts)
    between: tuple[Hop, ...] = ("load balancer", *FRONT)
    if answer.status in {413, 414, 431, 494, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526}:
        station = innermost(facts, *between)
        if station:
            return at(station, f"a {answer.status} is made by the hop in front of the service")
    if answer.status in {401, 403, 302, 303, 307}:
        station = outermost(facts, "auth proxy", "API Gateway")
        if station:
            return at(station, f"{station.text} answers {answer.status} by itself")
        filtered = said(facts, r"waf|armor|\bbot\b|\brules?\b|restrict|\bip\b|blocked by", "SCP")
        edge = outermost(facts, "edge", "CDN", "platform")
        if filtered and edge:
            return at(edge, f"“{filtered}”: {edge.text} filters requests")
        guard = next(
            (s for s in facts.servers if re.search(r"auth|jwt|cognito", s.text, re.IGNORECASE)),
            None,
        )
        if guard:
            return at(guard, f"authentication stands here: {guard.text}")
    if answer.status == 429:
        limiter = next(
            (s for s in facts.servers if re.search(r"limit|throttl", s.text, re.IGNORECASE)), None
        )
        if limiter:
            return at(limiter, f"the limiter stands here: {limiter.text}")
    if answer.status in {500, 501, 400, 409, 422}:
        inside = service(f"a {answer.status} is the service's own answer")
        return written_in_front(facts) or inside(facts)
    return None


def where_redirect_is_made(facts: Facts) -> Blame | None:
    """A login page belongs to whoever guards, https to the front, slash and scheme to the app."""
    where = (failing(facts).get("location") or "").lower()
    login = re.search(
        r"login|sign_?in|oauth|authorize|/auth|sso|saml|cdn-cgi/access|\bidp\b", where
    )
    if login or said(facts, r"login (page|redirect)|\bidp\b|sign_in|session expir", "SC"):
        guard = outermost(facts, "auth proxy", "edge", "platform") or innermost(facts, "ingress")
        if guard:
            return at(guard, "it sends to a login page")
    if said(
        facts,
        r"ssl-?redirect|force[- ]?(ssl|https)|https? upgrade|hsts|redirect[- ]?scheme"
        r"|redirectscheme|https[- ]only|always use https|redirect-to-https",
        "SCP",
    ):
        found = written_in_front(facts)
        if found:
            return found
        station = outermost(facts, *FRONT)
        if station:
            return at(station, "the redirect to https is made at the front")
    guard = outermost(facts, "auth proxy")
    return at(guard, "it answers before the service does") if guard else None


def wrong_address(facts: Facts) -> Blame | None:
    """A name that does not resolve and http from an https page: the page has a wrong address."""
    if facts.observation.asked.reason is Reason.MIXED_CONTENT:
        return Blame("config", "", "an https page is told an http address", sure=True)
    if not facts.observation.resolves:
        return Blame("config", "", "no such name: the address, or DNS, is wrong")
    return None
