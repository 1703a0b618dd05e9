"""The driver: one request, from JavaScript's call to what it may read.

Follows https://fetch.spec.whatwg.org/#main-fetch through preflights and redirects, and asks a
:data:`~corsage.browser.exchange.Server` for every request that a browser would put on the wire.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from corsage.browser import console, network
from corsage.browser.cache import NOTHING_CACHED, CacheKey, PreflightCache, bypasses
from corsage.browser.check import Failure, cors_check
from corsage.browser.exchange import Headers, Request, Response, Server, WireRequest
from corsage.browser.fields import HTTP_WHITESPACE
from corsage.browser.origin import is_same_origin
from corsage.browser.preflight import names_to_ask, preflight_check, preflight_request
from corsage.browser.profiles import PROVEN, Profile
from corsage.browser.readable import readable_headers
from corsage.browser.redirects import follow, is_redirect, location_of, target_of
from corsage.browser.request import Hop, construct
from corsage.browser.sentences import sentence
from corsage.browser.verdict import Reason, ResponseType, Verdict

_PROXY_AUTHENTICATION_REQUIRED = 407
_MISDIRECTED = 421
_CONDITIONS = frozenset(
    {"if-modified-since", "if-none-match", "if-unmodified-since", "if-match", "if-range"}
)

_TOLD_BEFORE_MODE_ERROR = frozenset({Reason.REDIRECT_CONTAINS_CREDENTIALS, Reason.INVALID_REDIRECT})


def judge(
    request: Request,
    server: Server,
    *,
    profile: Profile | None = None,
    cache: PreflightCache = NOTHING_CACHED,
    now: float = 0.0,
) -> Verdict:
    """What the browser makes of ``request`` when ``server`` answers.

    Without a profile every proven one is asked, and the strictest verdict is returned: the
    request is allowed only where all allow it, and ``disagreement`` holds their verdicts if their
    outcomes differ. ``cache`` holds the preflights remembered so far and ``now`` is the time, in
    seconds; what is remembered afterwards is the verdict's ``cache``. Nothing that a page or a
    server may say raises; what ``server`` itself raises passes through.
    """
    if profile is not None:
        return _Fetch(request, server, profile, cache, now).run()
    verdicts = [_Fetch(request, server, each, cache, now).run() for each in PROVEN]
    strictest = next((verdict for verdict in verdicts if verdict.reason), verdicts[0])
    if len({verdict.outcome for verdict in verdicts}) == 1:
        return strictest
    by_name = MappingProxyType({verdict.profile: verdict for verdict in verdicts})
    return replace(strictest, disagreement=by_name)


class _Fetch:
    """One fetch while it runs; thrown away afterwards."""

    def __init__(
        self, request: Request, server: Server, profile: Profile, cache: PreflightCache, now: float
    ) -> None:
        self.request = request
        self.server = server
        self.profile = profile
        self.cache = cache
        self.now = now
        self.include = request.credentials == "include"
        self.type: ResponseType = "basic"
        self.sent: list[tuple[WireRequest, Response | None]] = []
        self.answer: Response | None = None
        # The names of the last preflight, where a profile asks again without a reason of its own.
        self.asked: tuple[str, ...] | None = None

    def run(self) -> Verdict:
        """The verdict, hop by hop."""
        first = construct(self.request, self.profile)
        if isinstance(first, Failure):
            return self._blocked(first, None, None)
        hop = first
        while True:
            after = self._hop(hop)
            if isinstance(after, Failure):
                return self._blocked(after, first, hop)
            if after is hop:
                return self._readable(hop)
            hop = after

    def _hop(self, hop: Hop) -> Hop | Failure:
        """One turn: the next hop, the same one if its response is to be kept, or a failure."""
        own_blob = hop.url.scheme == "blob" and is_same_origin(self.request.origin, hop.url)
        if own_blob or hop.url.scheme == "data":
            self.answer = Response(200)  # from the page itself, with nobody to ask
            return hop
        failure = self._taint(hop) or (self._preflight(hop) if self.type == "cors" else None)
        if failure is not None:
            return failure
        response = self._send(hop)
        if isinstance(response, Failure):
            return response
        location = location_of(response, self.profile)
        if self.profile.location_parsed_first:
            failure = self._location_check(hop, location)
        if failure is None and self.type == "cors":
            failure = cors_check(response.headers, hop.origin, self.include, self.profile)
        if failure is not None:
            return failure
        return self._redirect(hop, response, location) if is_redirect(response) else hop

    def _location_check(self, hop: Hop, location: str | None) -> Failure | None:
        follows = self.request.redirect == "follow" or (
            self.request.redirect == "manual" and self.profile.redirect_mode_manual_needs_url
        )
        if location is None or not follows or target_of(location, hop) is not None:
            return None
        return Failure(Reason.INVALID_REDIRECT, location)

    def _redirect(self, hop: Hop, response: Response, location: str | None) -> Hop | Failure:
        mode, cors = self.request.redirect, self.type == "cors"
        lets_pass = location is None and self.profile.redirect_mode_error_needs_location
        if mode == "error" and not lets_pass:
            if location is not None and self.profile.userinfo_checked_first:
                after = follow(hop, location, response.status, cors, self.request, self.profile)
                if isinstance(after, Failure) and after.reason in _TOLD_BEFORE_MODE_ERROR:
                    return after
            return Failure(Reason.REDIRECT_MODE_ERROR, str(response.status))
        if mode == "manual":
            self.type = "opaqueredirect"
            return hop
        if location is None:
            return hop
        return follow(hop, location, response.status, cors, self.request, self.profile)

    def _taint(self, hop: Hop) -> Failure | None:
        """Decides how the response will be filtered. Tainting is never taken back, not even by a
        redirect to the page's own origin: https://fetch.spec.whatwg.org/#main-fetch."""
        mode, url = self.request.mode, hop.url
        if self.type == "basic" and is_same_origin(self.request.origin, url):
            return None
        if mode == "same-origin":
            return Failure(Reason.SAME_ORIGIN_MODE, url.origin)
        if mode == "no-cors" and self.request.redirect != "follow":
            return Failure(Reason.NO_CORS_REDIRECT_MODE, self.request.redirect)
        self.type = "opaque" if mode == "no-cors" else "cors"
        if not url.is_http:
            return Failure(Reason.SCHEME_NOT_CORS, url.scheme)
        return network.check(self.request, url, self.profile)

    def _preflight(self, hop: Hop) -> Failure | None:
        names = names_to_ask(hop, self.profile)
        if names is None and self.profile.preflight_sticks:
            names = self.asked
        if names is None:
            return None
        self.asked = names
        key = CacheKey(self.request.origin, hop.url.href)
        remembers = self.profile.caches_tainted or not hop.tainted
        looks = remembers and not self._is_conditional(hop)
        remembered = self.cache if looks else NOTHING_CACHED
        if remembered.entries and remembered.covers(
            key, hop.method, names, include=self.include, now=self.now, profile=self.profile
        ):
            return None
        keeps_origin = self.profile.preflight_keeps_origin
        origin = self.request.origin if keeps_origin else hop.origin
        answer = self._ask(preflight_request(hop, names, origin))
        if isinstance(answer, Failure):
            return answer
        # Firefox lets the page's own origin answer a preflight without naming it.
        own = keeps_origin and is_same_origin(self.request.origin, hop.url)
        checked = None if own else origin
        failure = preflight_check(answer, names, hop, self.request, self.profile, origin=checked)
        if failure is None and remembers:
            self.cache = self.cache.remember(
                key, answer, hop.method, include=self.include, now=self.now, profile=self.profile
            )
        return failure

    def _is_conditional(self, hop: Hop) -> bool:
        """A page's own condition makes the cache mode ``no-store``, step 12 of
        https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch."""
        return bypasses("no-store", self.profile) and not _CONDITIONS.isdisjoint(
            name.lower() for name, _ in hop.headers
        )

    def _send(self, hop: Hop) -> Response | Failure:
        headers = hop.headers
        if self.type == "cors" or hop.method not in {"GET", "HEAD"}:
            headers = (*headers, ("Origin", hop.origin))
        credentials = self.include or (
            self.request.credentials == "same-origin" and self.type == "basic"
        )
        return self._ask(
            WireRequest("actual", hop.method, hop.href, headers, credentials, hop.body)
        )

    def _ask(self, wire: WireRequest) -> Response | Failure:
        """https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch"""
        answer = self._answer(wire)
        if answer is not None and answer.status == _MISDIRECTED and self.profile.retries_421:
            answer = self._answer(wire)
        if answer is None:
            preflight = wire.kind == "preflight"
            reason = Reason.PREFLIGHT_NETWORK_FAILURE if preflight else Reason.NETWORK_FAILURE
            return Failure(reason)
        if answer.status == _PROXY_AUTHENTICATION_REQUIRED and not self.profile.reads_407:
            return Failure(Reason.PROXY_AUTHENTICATION)
        if self._is_corrupt(answer):
            return Failure(Reason.CORRUPT_RESPONSE)
        return answer

    def _is_corrupt(self, answer: Response) -> bool:
        first: dict[str, str] = {}
        for name, value in answer.headers:
            if "\0" in value:
                return True
            lowered = name.lower()
            if lowered in self.profile.singular_response_headers:
                stripped = value.strip(HTTP_WHITESPACE)
                if first.setdefault(lowered, stripped) != stripped:
                    return True
        return False

    def _answer(self, wire: WireRequest) -> Response | None:
        self.answer = answer = self.server(wire)
        self.sent.append((wire, answer))
        return answer

    def _readable(self, hop: Hop) -> Verdict:
        opaque = self.type in {"opaque", "opaqueredirect"}
        response = self.answer
        headers: Headers = ()
        if response is not None and not opaque:
            cors = self.type == "cors"
            headers = readable_headers(response.headers, cors, self.include, self.profile)
        return Verdict(
            outcome="opaque" if opaque else "allowed",
            profile=self.profile.name,
            url=hop.href,
            type=self.type,
            readable=headers,
            response=response,
            sent=tuple(self.sent),
            cache=self.cache,
            sentence=sentence(self.request.origin, hop.href, self.type),
        )

    def _blocked(self, failure: Failure, first: Hop | None, hop: Hop | None) -> Verdict:
        reason = failure.reason
        url = self.request.url if hop is None else hop.href
        scene = console.Scene(
            request=self.request,
            first_url=url if first is None else first.url.href,
            url=url if hop is None else hop.url.href,
            sent=bool(self.sent),
            answer=self.answer,
            cors=self.type == "cors",
        )
        cors_error = console.cors_error(failure, scene) if self.profile.devtools else None
        return Verdict(
            outcome="blocked" if reason.is_cors else "network-error",
            profile=self.profile.name,
            url=url,
            reason=reason,
            value=failure.value,
            candidates=failure.candidates,
            response=self.answer,
            sent=tuple(self.sent),
            cache=self._cache_after(failure, hop),
            console=console.lines(self.profile.name, failure, scene),
            sentence=sentence(self.request.origin, url, "error", failure),
            cors_error=cors_error,
            failed_parameter=console.failed_parameter(failure) if cors_error else None,
        )

    def _cache_after(self, failure: Failure, hop: Hop | None) -> PreflightCache:
        """A failed request makes its URL's preflights forgotten."""
        if hop is None or not self.cache.entries:
            return self.cache
        of_preflight = bool(self.sent) and self.sent[-1][0].kind == "preflight"
        if of_preflight or (failure.reason.is_cors and self.profile.failed_actual_clears):
            return self.cache.forget(CacheKey(self.request.origin, hop.url.href))
        return self.cache
