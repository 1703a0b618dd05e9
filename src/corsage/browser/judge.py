"""The driver: one request, from JavaScript's call to what it may read.

Follows https://fetch.spec.whatwg.org/#fetching through redirects and preflights, and asks a
:data:`~corsage.browser.exchange.Server` for every request that a browser would put on the wire.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from corsage.browser import console
from corsage.browser.check import Failure, cors_check
from corsage.browser.exchange import Headers, Request, Response, Server, WireRequest
from corsage.browser.fields import get, is_header_value, is_token, lines, tokens
from corsage.browser.origin import OPAQUE, is_same_origin
from corsage.browser.preflight import REDIRECT_STATUSES, preflight_check, preflight_request
from corsage.browser.profiles import PROVEN, Profile
from corsage.browser.safelist import (
    FORBIDDEN_METHODS,
    FORBIDDEN_RESPONSE_HEADERS,
    REQUEST_BODY_HEADERS,
    SAFELISTED_METHODS,
    SAFELISTED_RESPONSE_HEADERS,
    combine,
    is_safelisted_request_header,
    normalise_method,
    page_headers,
    unsafe_request_header_names,
)
from corsage.browser.sentences import sentence
from corsage.browser.url import Url, parse
from corsage.browser.verdict import Outcome, Reason, ResponseType, Verdict

MAX_REDIRECTS = 20
"""https://fetch.spec.whatwg.org/#http-redirect-fetch"""

_BODY_TYPE = ("Content-Type", "text/plain;charset=UTF-8")


def judge(request: Request, server: Server, *, profile: Profile | None = None) -> Verdict:
    """What the browser makes of ``request`` when ``server`` answers.

    Without a profile, every proven one is asked and the strictest verdict is returned: the
    request is allowed only where all allow it, and ``disagreement`` holds their verdicts if the
    outcomes differ. Never raises for anything that a page or a server may say; what ``server``
    raises passes through.
    """
    if profile is not None:
        return _Fetch(request, server, profile).run()
    verdicts = [_Fetch(request, server, each).run() for each in PROVEN]
    strictest = next((v for v in verdicts if v.reason is not None), verdicts[0])
    if len({verdict.outcome for verdict in verdicts}) == 1:
        return strictest
    by_name = MappingProxyType({verdict.profile: verdict for verdict in verdicts})
    return replace(strictest, disagreement=by_name)


class _Refused(Exception):
    """Ends a fetch with a reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class _Fetch:
    """The state of one fetch while it runs; thrown away afterwards."""

    def __init__(self, request: Request, server: Server, profile: Profile) -> None:
        self.request = request
        self.server = server
        self.profile = profile
        self.include = request.credentials == "include"
        self.method = request.method
        self.headers: Headers = ()
        self.body = request.body
        self.url = Url("about")
        self.first_url = self.last_url = request.url
        self.origin = request.origin
        self.tainting: ResponseType = "basic"
        self.sent: list[tuple[WireRequest, Response | None]] = []
        self.response: Response | None = None
        # Firefox keeps both beside the request: the unsafe names that it began with, and the
        # names that its next preflight asks for once there was a reason for one.
        self.first_unsafe: tuple[str, ...] = ()
        self.sticky: tuple[str, ...] | None = None

    def run(self) -> Verdict:
        try:
            self._construct()
            return self._fetch()
        except _Refused as refused:
            return self._blocked(refused.failure)

    # https://fetch.spec.whatwg.org/#dom-request
    def _construct(self) -> None:
        request = self.request
        url = parse(request.url)
        if url is None:
            raise _Refused(Failure(Reason.INVALID_URL, request.url))
        self.url = url
        self.first_url = self.last_url = url.without_fragment().href
        if url.has_credentials and request.initiator == "fetch":
            raise _Refused(Failure(Reason.URL_CONTAINS_CREDENTIALS, request.url))
        if not is_token(request.method):
            raise _Refused(Failure(Reason.INVALID_METHOD, request.method))
        if request.method.upper() in FORBIDDEN_METHODS:
            raise _Refused(Failure(Reason.FORBIDDEN_METHOD, request.method))
        self.method = normalise_method(request.method)
        if request.mode == "no-cors" and self.method not in SAFELISTED_METHODS:
            raise _Refused(Failure(Reason.NO_CORS_METHOD, request.method))
        for name, value in request.headers:
            if not is_token(name) or not is_header_value(value.strip("\t\n\r ")):
                raise _Refused(Failure(Reason.INVALID_HEADER, name))
        self.headers = page_headers(request.headers, request.mode, self.profile)
        if request.initiator == "xmlhttprequest":
            self.headers = combine(self.headers)
        if self.method in {"GET", "HEAD"} and request.body is not None:
            if request.initiator == "fetch":
                raise _Refused(Failure(Reason.BODY_NOT_ALLOWED, self.method))
            self.body = None
        if self.body is not None and not self._has("content-type"):
            self.headers = (*self.headers, _BODY_TYPE)
        if self.profile.joins_request_headers:
            self.headers = combine(self.headers)

    def _has(self, name: str) -> bool:
        return any(key.lower() == name for key, _ in self.headers)

    # https://fetch.spec.whatwg.org/#main-fetch, once per hop
    def _fetch(self) -> Verdict:
        redirects = 0
        self.first_unsafe = unsafe_request_header_names(self.headers, self.profile)
        while True:
            if self.url.scheme == "data" and not redirects:
                self.response = Response(200)
                return self._read()
            self._taint()
            cors = self.tainting == "cors"
            if cors:
                self._preflight()
            response = self._send()
            if cors:
                failure = cors_check(response.headers, self.origin, self.include, self.profile)
                if failure is not None:
                    raise _Refused(failure)
            location = self._location(response)
            if location is None:
                return self._read()
            if self.request.redirect == "error":
                raise _Refused(Failure(Reason.REDIRECT_MODE_ERROR, str(response.status)))
            if self.request.redirect == "manual":
                self.tainting = "opaqueredirect"
                return self._read()
            redirects += 1
            self._redirect(location, response.status, redirects)

    def _taint(self) -> None:
        mode = self.request.mode
        if self.tainting == "basic" and is_same_origin(self.request.origin, self.url):
            return
        if mode == "same-origin":
            raise _Refused(Failure(Reason.SAME_ORIGIN_MODE, self.url.origin))
        if mode == "no-cors":
            if self.request.redirect != "follow":
                raise _Refused(Failure(Reason.NO_CORS_REDIRECT_MODE, self.request.redirect))
            self.tainting = "opaque"
        if not self.url.is_http:
            raise _Refused(Failure(Reason.SCHEME_NOT_CORS, self.url.scheme))
        if mode == "cors":
            self.tainting = "cors"

    def _preflight(self) -> None:
        unsafe = unsafe_request_header_names(self.headers, self.profile)
        needed = (
            bool(unsafe) or self.method not in SAFELISTED_METHODS or self.request.upload_listeners
        )
        origin: str | None = self.origin
        if self.profile.preflight_sticks:
            if needed_names := self._firefox_names():
                self.sticky = needed_names[0]
            if self.sticky is None:
                return
            unsafe = self.sticky
            if is_same_origin(self.request.origin, self.url):
                origin = None
            elif self.profile.preflight_keeps_origin:
                origin = self.request.origin
        elif not needed:
            return
        asked = preflight_request(self.last_url, self.method, unsafe, origin)
        answer = self.server(asked)
        self.sent.append((asked, answer))
        self.response = answer
        if answer is None:
            raise _Refused(Failure(Reason.PREFLIGHT_NETWORK_FAILURE))
        failure = preflight_check(answer, self.method, unsafe, origin, self.include, self.profile)
        if failure is not None:
            raise _Refused(failure)

    def _firefox_names(self) -> tuple[tuple[str, ...]] | None:
        """What Firefox asks for at this hop, in a tuple; None where the hop asks for nothing."""
        names = self.first_unsafe
        needed = (
            bool(names) or self.method not in SAFELISTED_METHODS or self.request.upload_listeners
        )
        content_type = get(self.headers, "content-type")
        if (
            content_type is not None
            and "content-type" not in names
            and not is_safelisted_request_header("content-type", content_type, self.profile)
        ):
            names = tuple(sorted((*names, "content-type")))
            needed = True
        return (names,) if needed else None

    # https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
    def _send(self) -> Response:
        headers = self.headers
        cors = self.tainting == "cors"
        if cors or self.method not in {"GET", "HEAD"}:
            headers = (*headers, ("Origin", self.origin))
        credentials = self.include or (
            self.request.credentials == "same-origin" and self.tainting == "basic"
        )
        wire = WireRequest("actual", self.method, self.last_url, headers, credentials, self.body)
        self.response = response = self.server(wire)
        self.sent.append((wire, response))
        if response is None:
            raise _Refused(Failure(Reason.NETWORK_FAILURE))
        if response.status == 407 and not self.profile.reads_407:
            raise _Refused(Failure(Reason.PROXY_AUTHENTICATION))
        return response

    # https://fetch.spec.whatwg.org/#concept-response-location-url
    def _location(self, response: Response) -> str | None:
        if response.status not in REDIRECT_STATUSES:
            return None
        values = lines(response.headers, "location")
        if not values or (self.profile.empty_location_stays and not values[0]):
            return None
        if len(set(values)) > 1:
            raise _Refused(Failure(Reason.INVALID_REDIRECT, ", ".join(values)))
        return values[0]

    # https://fetch.spec.whatwg.org/#http-redirect-fetch
    def _redirect(self, location: str, status: int, count: int) -> None:
        # The bytes of Location are percent-encoded one by one, not as characters.
        encoded = "".join(c if ord(c) < 0x80 else f"%{ord(c):02X}" for c in location)
        url = parse(encoded, self.url)
        if url is None:
            raise _Refused(Failure(Reason.INVALID_REDIRECT, location))
        if not url.is_http:
            raise _Refused(Failure(Reason.UNSAFE_REDIRECT, location))
        if count > MAX_REDIRECTS:
            raise _Refused(Failure(Reason.TOO_MANY_REDIRECTS))
        crosses = url.origin != self.url.origin
        if url.has_credentials and (
            self.tainting == "cors"
            or self.profile.same_origin_userinfo_blocked
            or (self.request.mode == "cors" and not is_same_origin(self.request.origin, url))
        ):
            raise _Refused(Failure(Reason.REDIRECT_CONTAINS_CREDENTIALS, location))
        if url.fragment is None and self.url.fragment is not None:
            url = replace(url, fragment=self.url.fragment)
        dropped: set[str] = set()
        if (status in {301, 302} and self.method == "POST") or (
            status == 303 and self.method not in {"GET", "HEAD"}
        ):
            self.method, self.body = "GET", None
            dropped |= REQUEST_BODY_HEADERS
        if crosses:
            dropped.add("authorization")
            if not is_same_origin(self.request.origin, self.url):
                self.origin = OPAQUE
        if dropped:
            self.headers = tuple(h for h in self.headers if h[0].lower() not in dropped)
        self.url, self.last_url = url, url.without_fragment().href

    def _read(self) -> Verdict:
        response = self.response or Response(200)
        kind: ResponseType = self.tainting
        opaque = kind in {"opaque", "opaqueredirect"}
        readable = () if opaque else self._readable(response)
        outcome: Outcome = "opaque" if opaque else "allowed"
        return Verdict(
            outcome=outcome,
            profile=self.profile.name,
            url=self.last_url,
            type=kind,
            readable=readable,
            response=response,
            sent=tuple(self.sent),
            sentence=sentence(None, self.request, self.last_url, kind),
        )

    # https://fetch.spec.whatwg.org/#concept-filtered-response-cors
    def _readable(self, response: Response) -> Headers:
        shown = sorted(combine((n.lower(), v.strip("\t\n\r ")) for n, v in response.headers))
        hidden = FORBIDDEN_RESPONSE_HEADERS | self.profile.hidden_response_headers
        shown = [line for line in shown if line[0] not in hidden]
        if self.tainting != "cors":
            return tuple(shown)
        exposed = tokens(response.headers, "access-control-expose-headers")
        names = set() if exposed.invalid else {name.lower() for name in exposed.tokens}
        if "*" in names and not self.include:
            return tuple(shown)
        names |= SAFELISTED_RESPONSE_HEADERS
        return tuple(line for line in shown if line[0] in names)

    def _blocked(self, failure: Failure) -> Verdict:
        reason = failure.reason
        chromium = self.profile.name == "chromium"
        cors_error = console.CORS_ERRORS.get(reason) if chromium else None
        return Verdict(
            outcome="blocked" if reason.is_cors else "network-error",
            profile=self.profile.name,
            url=self.last_url,
            reason=reason,
            value=failure.value,
            candidates=failure.candidates,
            response=self.response,
            sent=tuple(self.sent),
            console=self._console(failure),
            sentence=sentence(failure, self.request, self.last_url, "error"),
            cors_error=cors_error,
            failed_parameter=console.failed_parameter(failure) if cors_error else None,
        )

    def _console(self, failure: Failure) -> tuple[str, ...]:
        scene = console.Scene(
            initiator=self.request.initiator,
            origin=self.request.origin,
            first_url=self.first_url,
            url=self.last_url,
            status=self.response.status if self.response is not None else None,
            cors=self.tainting == "cors",
        )
        if self.profile.name == "chromium":
            return console.chromium(failure, scene)
        if self.profile.name == "firefox":
            headers = self.response.headers if self.response is not None else ()
            repeated = len(lines(headers, "access-control-allow-origin")) > 1
            return console.firefox(failure, scene, repeated)
        return ()
