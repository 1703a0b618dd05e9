"""What reporters say of preflights: who rejects them, and for want of what."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, HINT, STRONG

CLAIMS = (
    claim(
        "preflight-auth",
        FAIR,
        on.preflight_forbidden,
        "SCP",
        r"""
        \bauth
        jwt
        token
        bearer
        oauth
        oidc
        saml
        \blogin
        \bbasic\b
        secur(e|ity)
        \biam\b
        rbac
        den(y|ied)
        credential
        api[- _]?key
        permission
        permit
        session
        sigv4
        signature
        keycloak
        cognito
        csrf
        guard
        policy enforcement
        \bopa\b
        protected
        logged
        """,
        "something demands credentials",
    ),
    claim(
        "preflight-auth",
        GOOD,
        on.preflight_forbidden,
        "SC",
        r"""
        (auth\w*|jwt)[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside)
        (auth\w*|jwt)[\w ]{0,30} in front of
        (token|bearer)[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside)
        (token|bearer)[\w ]{0,30} in front of
        login[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside|in front of)
        security[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside|in front of)
        (filter|guard)[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside)
        (filter|guard)[\w ]{0,30} in front of
        interceptor[\w ]{0,30} (before|ahead of|prior to|precedes|runs first|outside)
        interceptor[\w ]{0,30} in front of
        before (any |the )?cors
        no (options )?(permit|exempt\w*|exception)
        (not|n't) (exempt|skip|exclud|bypass|permit)\w*
        does ?n[o']t (exempt|skip|exclude|permit)
        requires? auth\w*
        authenticated\(\)
        for all (methods|requests|paths)
        all methods
        mandatory
        disappears when [\w ]*auth
        (once|when|after) auth\w*
        even with @?cross
        cors\(\) absent
        without cors\(\)
        no http\.cors
        same options with
        """,
        "authentication stands before CORS and does not spare OPTIONS",
    ),
    claim(
        "preflight-auth",
        GOOD + FAIR,
        on.preflight_forbidden,
        "SCP",
        r"""
        mtls
        mutual tls
        client[- ]cert\w*
        ssl certificate
        auth-tls
        verify[-_]client
        challenge
        \bwaf\b
        cloud armor
        cf_clearance
        bot (fight|manag|protect)\w*
        captcha
        identity-aware
        \biap\b
        \binvoker\b
        deployment protection
        easy ?auth
        ip (allow|white|restrict)
        \brbac\b
        authorizationpolicy
        access denied
        """,
        "this guard never lets a preflight through",
    ),
    claim(
        "preflight-auth",
        GOOD,
        on.preflight_forbidden,
        "P",
        r"""
        auth\w*[- ]?(middleware|filter|layer|proxy|service)
        jwt
        \biam\b
        security
        oauth2?[ ]
        ext_?authz
        """,
        "an authentication layer stands on the path of the preflight",
    ),
    claim(
        "preflight-unrouted",
        STRONG,
        on.preflight_refused,
        "SC",
        r"""
        method[- ]?(predicate|match\w*|restrict\w*|filter|condition)s?
        allowed_?methods?
        methods?:? ?\[? ?'?(get|post)
        \bget ?[,/] ?head\b
        (no|without|lacks?|missing|not) (an? )?options\b
        options (is |was )?(not|never|missing|un)
        no (matching )?(route|handler|operation|endpoint|mapping)
        not routed
        unrouted
        (only|just) (allows? )?(get|post|put)
        (get|post)-only
        header[- ](based|predicate|match\w*|version\w*|rout\w*)
        version(ing)? header
        matched? (by|on) (a )?(header|method)
        route[\w ]{0,30}(method|header)s?\b
        cannot options
        bucket (has no )?cors
        corsresponse
        cors is not enabled for this bucket
        rejects? options
        match\w* on method
        options [\w ]{0,20}(route|handler|mapping)
        verbs?\b
        @(get|post|put|delete|patch)mapping
        mapped only
        no (such )?method
        """,
        "the route is restricted to what a preflight is not",
    ),
    claim(
        "redirect",
        GOOD,
        on.nothing_seen,
        "SC",
        r"""
        redirect
        \b30[12378]\b
        ssl-redirect
        force[- ]?(ssl|https)
        https? upgrade
        hsts
        sign_?in
        login page
        append_slash
        canonical
        x-forwarded-proto
        mixed content
        """,
        "a redirect is spoken of",
    ),
    claim(
        "header-not-allowed",
        GOOD,
        on.preflight_answered,
        "SC",
        r"""
        \bbaggage\b
        sentry
        traceparent
        tracestate
        \bx-[a-z][\w-]{0,40} (header|missing|not)
        new header
        custom headers?
        extra header
        (adds?|sends?|sets?|injects?) (an? )?(['`]?[\w-]+['`]? )?(header|cache-control)
        (adds?|sends?|sets?|injects?) (an? )?(['`]?[\w-]+['`]? )?(authorization|x-[\w-]+)
        header (missing|typo|name)
        x-requested-with
        idempotency-key
        \brequest-id
        access-control-request-headers
        polyfill
        missing from allow
        in the header list
        header is not in
        header (breaks|triggers|causes|costs)
        """,
        "a header of the request is the point",
    ),
    claim(
        "header-not-allowed",
        HINT,
        on.preflight_answered,
        "C",
        r"""
        allow-?_?headers
        allowed_?headers
        """,
        "the list of headers is what was looked at",
    ),
    claim(
        "method-not-allowed",
        GOOD,
        on.preflight_ok,
        "SC",
        r"""
        \b(patch|put|delete|query|propfind)\b( method)?( is| was)? (missing|not|fails?|blocked)
        \b(patch|put|delete|query|propfind)\b( method)?( is| was)? (rejected|absent|refused)
        \b(patch|put|delete|query|propfind)\b( method)?( is| was)? unsupported
        lower[- ]?case method
        method (missing|case|not)
        (only|except|but) (patch|put|delete)
        """,
        "a method is the point",
    ),
    claim(
        "method-not-allowed",
        HINT,
        on.preflight_ok,
        "C",
        r"""
        allow-?_?methods
        allowed_?methods
        """,
        "the list of methods is what was looked at",
    ),
    claim(
        "preflight-ratelimit",
        GOOD,
        on.preflight_limited,
        "SC",
        r"""
        rate.?limit
        limit_req
        throttl\w+
        quota
        too many requests
        429
        limiter
        """,
        "OPTIONS is counted",
    ),
    claim(
        "preflight-cache",
        STRONG,
        on.preflight_answered,
        "S",
        r"""
        preflights? (on|for|before) (each|every|all)
        (every|each) (call|request) (\w+ ){0,3}preflight
        preflight[- ](cache|caching)
        cach(ed|es|ing) (the )?preflight
        max-age (ignored|not|in spite)
        in spite of max-age
        despite max-age
        (incognito|private window|new profile|other browser) (works|passes|ok|is fine)
        still (fail\w*|block\w*|see\w*)[^.]{0,40}(after|although|since)
        fix (is )?(deployed|live|rolled)
        until (the )?(browser|cache|restart)
        (options|preflights?)[\w ]{0,20} (before|for|on|with) (each|every)\b
        """,
        "the browser goes by an older answer",
    ),
    claim(
        "preflight-cache",
        FAIR,
        on.preflight_answered,
        "SC",
        r"""
        max[-_]?age
        \b(86400|7200|1728000|3600)\b
        24 ?h\b
        """,
        "preflight answers are kept long",
    ),
)
