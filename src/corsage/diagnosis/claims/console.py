"""What browsers print, quoted in part: every wording names one failing check."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, STRONG

CLAIMS = (
    claim(
        "preflight-auth",
        FAIR,
        on.nothing_seen,
        "S",
        r"""
        does not have HTTP ok status
        preflight response (is not successful|did not succeed)
        preflight[\w' ]+: No 'Access-Control-Allow-Origin'
        """,
        "credentials are what most preflights are refused for",
    ),
    claim(
        "preflight-unrouted",
        FAIR,
        on.nothing_seen,
        "S",
        r"""
        does not have HTTP ok status
        preflight response (is not successful|did not succeed)
        """,
        "no route for OPTIONS is the second commonest refusal",
    ),
    claim(
        "origin-mismatch",
        FAIR,
        on.nothing_seen,
        "S",
        r"""
        No 'Access-Control-Allow-Origin' header
        ‘Access-Control-Allow-Origin’ missing
        is not allowed by Access-Control-Allow-Origin
        """,
        "an origin that is not listed gets no header",
    ),
    claim(
        "error-no-cors",
        FAIR,
        on.nothing_seen,
        "S",
        r"""
        policy: No 'Access-Control-Allow-Origin' header
        """,
        "an error that carries no header looks the same from the page",
    ),
    claim(
        "multi-writer",
        STRONG,
        on.always,
        "S",
        r"""
        multiple values
        multiple CORS header
        more than one (value|origin)
        only one is allowed
        'true, ?true'
        \*, ?\*
        """,
        "browsers print this for two lines",
    ),
    claim(
        "redirect",
        STRONG,
        on.redirected,
        "S",
        r"""
        redirect is not allowed for a preflight
        redirected from
        external redirect not allowed
        not allowed to follow a cross-origin
        """,
        "browsers print this for redirects",
    ),
    claim(
        "method-not-allowed",
        STRONG,
        on.preflight_answered,
        "S",
        r"""
        method '?\w+'? is not allowed
        did not find method
        not allowed by access-control-allow-methods
        """,
        "browsers print this for a method that is not listed",
    ),
    claim(
        "header-not-allowed",
        STRONG,
        on.preflight_answered,
        "S",
        r"""
        request header( field)? \S+ is not allowed
        not allowed by access-control-allow-headers
        not allowed according to header
        not in (access-control-)?allow(ed)?[-_ ]?headers
        header\W{1,4}[\w-]{1,40}\W{1,4}(is |was |are )?not allowed
        \b[\w-]{1,40} (header )?not allowed even
        \bx-[\w-]{1,40} (is |was |header )?(not allowed|not permitted|refused|missing from|rejected)
        \bbaggage (is |was |header )?(not allowed|not permitted|refused|missing from|rejected)
        \bsentry-trace (is |was |header )?(not allowed|not permitted|refused|missing from)
        \bsentry-trace (is |was |header )?rejected
        \btraceparent (is |was |header )?(not allowed|not permitted|refused|missing from)
        \btraceparent (is |was |header )?rejected
        \bauthorization (is |was |header )?(not allowed|not permitted|refused|missing from)
        \bauthorization (is |was |header )?rejected
        \bcontent-type (is |was |header )?(not allowed|not permitted|refused|missing from)
        \bcontent-type (is |was |header )?rejected
        \bcache-control (is |was |header )?(not allowed|not permitted|refused|missing from)
        \bcache-control (is |was |header )?rejected
        """,
        "browsers print this for a header that is not listed",
    ),
    claim(
        "header-not-allowed",
        STRONG,
        on.preflight_answered,
        "S",
        r"""
        (authorization|header\w*)[\w '\"-]{0,30} not covered by
        not covered by '?\*
        """,
        "browsers warn that the wildcard leaves out Authorization",
    ),
    claim(
        "wildcard-credentials",
        STRONG,
        on.wildcard,
        "S",
        r"""
        must not be the wildcard
        credential is not supported
        cannot use wildcard
        does not match.{0,4}\*
        credentials flag is true
        """,
        "browsers print this for the wildcard beside credentials",
    ),
    claim(
        "not-cors-transport",
        GOOD,
        on.nothing_seen,
        "S",
        r"""
        did not succeed
        \(null\)
        ERR_[A-Z_]+
        net::
        NS_ERROR
        """,
        "browsers print this when no HTTP answer came",
    ),
)
