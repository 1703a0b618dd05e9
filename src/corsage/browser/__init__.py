"""The browser's side of CORS, pure and from the Fetch standard (https://fetch.spec.whatwg.org/).

CORS is the browser's policy on what scripts may *read*. It is no authentication and keeps no
request from a server: curl, another server or a native app never ask it. The story, in order:

1.  A script on one *origin* (scheme, host, port) calls another: :class:`Request`.
2.  The browser drops what scripts may not set
    (https://fetch.spec.whatwg.org/#forbidden-request-header): :mod:`corsage.browser.request`.
3.  If the request is more than an HTML form could send, the browser asks first: the *preflight*,
    an OPTIONS without credentials (https://fetch.spec.whatwg.org/#cors-preflight-fetch):
    :mod:`corsage.browser.safelist`, :func:`preflight_for`. Answers are remembered for a while:
    :mod:`corsage.browser.cache`.
4.  The answer must name the origin, have an ok status, and allow the method and every header:
    :mod:`corsage.browser.preflight`.
5.  The actual request is sent with ``Origin`` and, if asked for, cookies.
6.  The response must name the origin again, errors and redirects included
    (https://fetch.spec.whatwg.org/#cors-check): :mod:`corsage.browser.check`. A redirect to yet
    another origin makes the request's own origin ``null``
    (https://fetch.spec.whatwg.org/#http-redirect-fetch): :mod:`corsage.browser.redirects`.
7.  The script reads status, body and seven headers; others must be exposed
    (https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list):
    :mod:`corsage.browser.readable`.
8.  Whatever fails, the script gets a ``TypeError`` and the console tells why:
    :mod:`corsage.browser.console`.

:func:`judge` plays it all against a :data:`Server`, anything that can answer a
:class:`WireRequest`, by the rules of the standard and of real browsers (:data:`PROFILES`).

Ten questions people ask
------------------------

A server to ask: it answers every request, preflights too, with the same status and headers.

>>> from corsage.browser import FIREFOX, Request, Response, judge, preflight_for
>>> def always(status, **headers):
...     lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
...     return lambda asked: Response(status, lines)
>>> app, api = "https://app.example", "https://api.example/items"
>>> open_to_all = {"Access_Control_Allow_Origin": "*"}
>>> open_to_app = {"Access_Control_Allow_Origin": app}

**Why does** ``*`` **fail with cookies?** With credentials the server must name the origin, so that
no page reads with a user's cookies just because everybody may read without.

>>> str(judge(Request(api, app), always(200, **open_to_all)).outcome)
'allowed'
>>> verdict = judge(Request(api, app, credentials="include"), always(200, **open_to_all))
>>> print(verdict.sentence)
https://app.example may not read https://api.example/items: Access-Control-Allow-Origin is *, \
which does not count for a request with credentials (*).

**Why is my DELETE preflighted?** Forms cannot send it, so the server is asked whether it expects
it. GET, HEAD and POST cost nothing by themselves.

>>> [preflight_for(Request(api, app, method)) is not None for method in ("POST", "DELETE")]
[False, True]

**Why is my POST preflighted?** Forms cannot send JSON either.

>>> asked = preflight_for(Request(api, app, "POST", (("Content-Type", "application/json"),)))
>>> dict(asked.headers)["Access-Control-Request-Headers"]
'content-type'

**Why is a 502 shown as a CORS error?** The proxy made the 502, and it sent no CORS headers. The
browser cannot let the page see even the status of such a response.

>>> judge(Request(api, app), always(502), profile=FIREFOX).console[0].partition("Reason: ")[2]
'CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 502.'

**Why does** ``patch`` **fail where** ``PATCH`` **works?** Methods are case-sensitive, and of the
usual ones browsers put all but PATCH in upper case.

>>> server = always(200, **open_to_app, Access_Control_Allow_Methods="PUT, PATCH")
>>> [judge(Request(api, app, method), server).allowed for method in ("PATCH", "patch", "put")]
[True, False, True]

**Why can't I read ETag?** Only seven response headers are readable unless others are exposed.

>>> server = always(200, **open_to_app, ETag='"1"', Content_Type="text/plain")
>>> judge(Request(api, app), server).readable
(('content-type', 'text/plain'),)
>>> server = always(200, **open_to_app, ETag='"1"', Access_Control_Expose_Headers="ETag")
>>> judge(Request(api, app), server).readable
(('etag', '"1"'),)

**Does** ``Access-Control-Allow-Headers: *`` **allow Authorization?** Not in the standard; today's
browsers still let it, and warn.

>>> request = Request(api, app, headers=(("Authorization", "Bearer x"),))
>>> verdict = judge(request, always(200, **open_to_all, Access_Control_Allow_Headers="*"))
>>> {name: each.outcome for name, each in verdict.disagreement.items()}
{'standard': 'blocked', 'chromium': 'allowed', 'firefox': 'allowed'}

**Why does it fail when two layers set the header?** Two values are none.

>>> twice = (("Access-Control-Allow-Origin", app), ("Access-Control-Allow-Origin", app))
>>> str(judge(Request(api, app), lambda asked: Response(200, twice)).reason)
'multiple-allow-origin'

**Why does my preflight get a 401?** It has no cookies and no Authorization, by design. What
demands them must let OPTIONS pass.

>>> request = Request(api, app, headers=(("Authorization", "Bearer x"),))
>>> verdict = judge(request, always(401, **open_to_app))
>>> str(verdict.reason), verdict.value, [name for name, _ in verdict.preflights[0].headers]
('preflight-status', '401', ['Accept', 'Access-Control-Request-Method', \
'Access-Control-Request-Headers', 'Origin'])

**Is** ``no-cors`` **a way around it?** No: the request is sent and its response stays unreadable.

>>> verdict = judge(Request(api, app, mode="no-cors"), always(200, **open_to_all))
>>> verdict.outcome, verdict.readable
('opaque', ())
"""

# ruff: noqa: TC004 -- what is exported is imported when it is first asked for
from corsage.lazy import export

TYPE_CHECKING = False  # as type checkers know it; importing typing would double the time
if TYPE_CHECKING:
    from corsage.browser.cache import CacheEntry, CacheKey, PreflightCache, max_age
    from corsage.browser.exchange import (
        AddressSpace,
        CredentialsMode,
        Headers,
        Initiator,
        RedirectMode,
        Request,
        RequestMode,
        Response,
        Server,
        WireRequest,
    )
    from corsage.browser.http_cache import Reuse, reuse
    from corsage.browser.isolation import corp_allows, orb_blocks, timing_allowed
    from corsage.browser.judge import judge
    from corsage.browser.origin import is_origin, parse_url, serialise
    from corsage.browser.preflight import preflight_for
    from corsage.browser.profiles import CHROMIUM, FIREFOX, PROFILES, SAFARI, STANDARD, Profile
    from corsage.browser.verdict import Outcome, Reason, ResponseType, Verdict

__all__ = [
    "CHROMIUM",
    "FIREFOX",
    "PROFILES",
    "SAFARI",
    "STANDARD",
    "AddressSpace",
    "CacheEntry",
    "CacheKey",
    "CredentialsMode",
    "Headers",
    "Initiator",
    "Outcome",
    "PreflightCache",
    "Profile",
    "Reason",
    "RedirectMode",
    "Request",
    "RequestMode",
    "Response",
    "ResponseType",
    "Reuse",
    "Server",
    "Verdict",
    "WireRequest",
    "corp_allows",
    "is_origin",
    "judge",
    "max_age",
    "orb_blocks",
    "parse_url",
    "preflight_for",
    "reuse",
    "serialise",
    "timing_allowed",
]

export(
    __name__,
    {
        "cache": ("CacheEntry", "CacheKey", "PreflightCache", "max_age"),
        "exchange": (
            "AddressSpace",
            "CredentialsMode",
            "Headers",
            "Initiator",
            "RedirectMode",
            "Request",
            "RequestMode",
            "Response",
            "Server",
            "WireRequest",
        ),
        "http_cache": ("Reuse", "reuse"),
        "isolation": ("corp_allows", "orb_blocks", "timing_allowed"),
        "judge": ("judge",),
        "origin": ("is_origin", "parse_url", "serialise"),
        "preflight": ("preflight_for",),
        "profiles": ("CHROMIUM", "FIREFOX", "PROFILES", "SAFARI", "STANDARD", "Profile"),
        "verdict": ("Outcome", "Reason", "ResponseType", "Verdict"),
    },
)
