"""What reporters say of answers: errors, doubled headers, caches, streams, who may read what."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, HINT, STRONG

CLAIMS = (
    claim(
        "error-no-cors",
        STRONG,
        on.error_seen,
        "S",
        r"""
        (real|actual|true|underlying|original) (answer|status|error|response|cause)( code)?
        (shown|reported|appears?|surfaces?|disguised|masked|seen) as (a )?CORS
        hid(es|den|ing)
        instead of (the )?(real|actual|4\d\d|5\d\d)
        masks?\b
        \b(4(0[0-9]|13|15|22|29)|5\d\d)s?( \w+)? (lacks?|without|has no) (CORS|ACAO|header)
        \b(4(0[0-9]|13|15|22|29)|5\d\d)s?( \w+)? (have no|misses|missing|no) (CORS|ACAO|header)
        on (errors?|[45]xx|failures?)\b
        only (errors|when it fails|on error)
        unhandled exception
        error responses?
        errors? (via|from|without|lack)
        not on errors?
        """,
        "an error stands behind the CORS message",
    ),
    claim(
        "error-no-cors",
        FAIR,
        on.error_seen,
        "SC",
        r"""
        without ['`]?always
        no ['`]?always
        \(no always\)
        gateway ?responses
        default_[45]xx
        error_page
        errorhandler
        exception ?handler
        error ?middleware
        servererrormiddleware
        custom-http-errors
        default backend
        next\(err
        panic
        recover
        integration response
        client_max_body
        body size
        too large
        upload
        timeout
        throttl
        rate.?limit
        limiter
        retry-after
        """,
        "this writes answers that the CORS code never sees",
    ),
    claim(
        "error-no-cors",
        GOOD + FAIR,
        on.upstream_lost,
        "SCP",
        r"""
        unreachable
        cannot reach
        could ?n[o']t reach
        connection refused
        \bis down\b
        went down
        (not|never) (started|running|up|listening|deployed|ready)
        no healthy upstream
        bad gateway
        scaled to (0|zero)
        cold start
        crash
        \boom\b
        out of memory
        no endpoints
        upstream (prematurely|timed|unavailable|down|error)
        dead (upstream|service|backend)
        wrong upstream
        dns of (the )?upstream
        service unavailable
        host not found in upstream
        """,
        "the hop in front could not get an answer",
    ),
    claim(
        "error-no-cors",
        STRONG + HINT,
        on.response_redirects,
        "S",
        r"""
        (30[1278]|redirect)[^.]{0,60} without CORS
        without CORS headers?
        """,
        "the redirect answer itself is the one without CORS headers",
    ),
    claim(
        "multi-writer",
        GOOD,
        on.success_seen,
        "SC",
        r"""
        duplicat\w+
        \btwice\b
        (both|two|2) [\w ]{0,30}(add|set|send|write|emit|return)\w*
        (also|too) (adds?|sets?|emits?|sends?)
        repeated
        doubled
        (adds?|sets?) (it|them|its own|headers) (too|again|as well)
        appends?
        double (header|cors)
        appears? (2|two) times
        """,
        "two hops write the same header",
    ),
    claim(
        "over-permissive",
        STRONG,
        on.granted,
        "SCP",
        r"""
        attacker
        \bevil\b
        malicious
        \bany (origin|site|website|domain|page)
        every origin
        look-?alike
        security (issue|hole|review|audit|scan|finding)
        pentest
        vulnerab\w+
        bypass
        too (wide|broad|permissive|open)
        overly permissive
        should (not|be (blocked|refused|denied|rejected))
        (non|not|dis|un)-?allowed (origin|domain)
        foreign origin
        unlisted
        origins? not (being )?blocked
        not blocked
        still allowed
        arbitrary
        """,
        "an origin is let in that should not be",
    ),
    claim(
        "over-permissive",
        GOOD,
        on.granted,
        "SC",
        r"""
        un-?anchored
        unescaped
        substring
        suffix
        prefix match
        startswith
        endswith
        contains\(
        reflect
        echo(es|ed)? (any|every|back|the)
        leaks?\b
        leaking
        matches? (evil|any|everything)
        regexp?\b
        \.\*
        replace\(
        indexof
        origin: ?true
        passes for
        only overrides? on match
        upstream ACAO
        """,
        "the way origins are compared admits strangers",
    ),
    claim(
        "cache-vary",
        STRONG,
        on.response_cacheable,
        "SC",
        r"""
        \bvary\b
        cache key
        cached? (\w+ ){0,4}(origin|acao|header|response|answer|version|variant|without|copy)
        hard[- ](refresh|reload)
        x-cache
        (first|previous|last) (origin|site|visitor|pull|request|page|tenant|app)
        (other|another) (origin|site|tenant|app)'s
        comes first
        poison\w*
        disable cache
        cache (is )?(disabled|off)
        proxy_cache
        cache_key
        purg(e|ing)
        invalidat\w+
        clear(ing)? (the )?(browser )?cache
        after (a )?(reload|refresh)
        from (disk )?cache
        (forward|whitelist)\w* headers?( \w+){0,4} origin
        without origin
        no-?origin
        """,
        "an answer made for another origin is handed out",
    ),
    claim(
        "cache-vary",
        HINT + 1,
        on.success_seen,
        "P",
        r"""
        cloudfront
        fastly
        varnish
        akamai
        \bcdn\b
        cache\b
        """,
        "a cache stands on the path",
    ),
    claim(
        "wildcard-credentials",
        GOOD + FAIR,
        on.wildcard,
        "SCP",
        r"""
        credential
        withcredentials
        \binclude\b
        cookies?\b
        session
        """,
        "the request carries credentials",
    ),
    claim(
        "expose-missing",
        STRONG + HINT,
        on.readable,
        "SC",
        r"""
        expos(e|ed|ing)
        aceh\b
        (is |returns? |reads? |gets? )?(null|undefined|empty) in (js|javascript)
        (is |returns? |reads? |gets? )?(null|undefined|empty) in (the (app|client|browser)|code)
        getresponseheader
        headers\.get
        (not|n't|un)[- ]?(be )?(readable|accessible|visible to)
        cannot (read|access|see)
        can't (read|access|see)
        (visible|shown|present|there) in (dev ?tools|the network|postman|curl)
        etag ?missing
        (read|access)\w* (the )?(etag|location|link|content-disposition|x-\S+) header
        refused to get unsafe header
        (null|undefined) (header|though|although)
        """,
        "the header arrives, and JavaScript may not read it",
    ),
    claim(
        "streaming-bypass",
        STRONG,
        on.success_seen,
        "SCP",
        r"""
        \bsse\b
        server-sent
        event-?stream
        (only|just) (the )?stream\w*
        stream\w* (fails?|has no|lacks|without|ignores?|bypass\w*|blocked|endpoint|response)
        reply\.raw
        res\.write\w*
        writehead
        raw (response|stream|socket)
        streamingresponse
        chunked
        flush\w*
        hijack(er|ed connection)
        """,
        "a stream is sent past the code that adds CORS",
    ),
)
