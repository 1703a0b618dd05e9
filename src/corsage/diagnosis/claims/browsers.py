"""What reporters say where the browser, a cookie or the network stands in the way."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, STRONG

CLAIMS = (
    claim(
        "not-cors-transport",
        STRONG,
        on.nothing_seen,
        "SCP",
        r"""
        refused
        \bdns\b
        name (not|resolution)
        resolve
        \btls\b
        \bssl\b
        certificate
        self-signed
        handshake
        browser extension
        \bextension\b
        ad[- ]?block\w*
        blocked_by_client
        noscript
        ublock
        privacy badger
        brave
        mixed content
        servers?\b( url|\[\]|:)
        (wrong|inner|internal|typo in|bad) (host|port|url|base|address|scheme)
        \bvpn\b
        firewall
        not listening
        \bhttp:// from https
        csp\b
        content security
        connection (reset|closed)
        timed? ?out
        no (http )?(status|answer|response at all)
        unreachable
        service worker
        protocol error
        offline
        """,
        "nothing that HTTP could answer was reached",
    ),
    claim(
        "not-cors-transport",
        FAIR,
        on.nothing_seen,
        "S",
        r"""
        failed to fetch
        networkerror
        network error
        load failed
        \(failed\)
        no response
        """,
        "JavaScript is told this when no answer came, among others",
    ),
    claim(
        "cookie",
        STRONG + FAIR,
        on.denied_actual,
        "SC",
        r"""
        same-?site
        third[- ]party cookies?
        cookies? (\w+ ){0,3}(not|never|isn't|aren't|blocked|dropped|missing|rejected|absent)
        (no|without( a| the)?) cookies?
        partitioned
        \bchips\b
        \bitp\b
        cross-site cookie
        secure (flag|attribute)
        """,
        "the cookie did not travel",
    ),
    claim(
        "cookie",
        GOOD,
        on.denied_actual,
        "S",
        r"""
        (credentials|include|withcredentials)\W[\w' :]{0,20}(no|without) effect
        logged in but
        """,
        "credentials are asked for, and none arrive",
    ),
    claim(
        "cookie",
        STRONG,
        on.denied_actual,
        "S",
        r"""
        incognito
        private (window|mode|browsing)
        \bsafari\b
        \bbrave\b
        after chrome \d+
        """,
        "browsers differ in third-party cookies, not in CORS",
    ),
    claim(
        "cookie",
        FAIR,
        on.denied_actual,
        "SC",
        r"""
        cookies?\b
        """,
        "a cookie is spoken of",
    ),
    claim(
        "private-network",
        STRONG + FAIR,
        on.always,
        "SCP",
        r"""
        private[- ]network
        local[- ]network
        \bpna\b
        \blna\b
        address space
        more-private
        acapn\b
        acrpn\b
        public (page|site|web\w*|app|origin)[\w ,-]{0,40}(local|private|intranet|127|192\.168)
        public (page|site|web\w*|app|origin)[\w ,-]{0,40}loopback
        (\(public\)|public)[^>]{0,20}->[^>]{0,40}(local|127\.|192\.168|10\.\d|private|router)
        (\(public\)|public)[^>]{0,20}->[^>]{0,40}(printer|intranet)
        permission prompt
        loopback (address|network)
        """,
        "a public page asks a private address",
    ),
    claim(
        "private-network",
        FAIR,
        on.success_seen,
        "S",
        r"""
        chrome (\d{2,3}|users|only|update)
        some chrome
        since chrome
        gradual rollout
        edge (\d{2,3})
        """,
        "Chromium alone guards private addresses, and rolled that out by degrees",
    ),
)
