"""What reporters say where the list of origins is what is wrong."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, HINT, STRONG

CLAIMS = (
    claim(
        "origin-mismatch",
        STRONG,
        on.wildcard,
        "SC",
        r"""
        (falls?|fell|falling) back to \W?\*
        (yields|becomes|gives|turn(s|ed) into|replaced (by|with)) \W?\*
        """,
        "the entry was not understood, and the wildcard took its place",
    ),
    claim(
        "origin-mismatch",
        STRONG,
        on.refused_or_silent,
        "SC",
        r"""
        origin[\w '\"/:.]{0,40}(is |was )?(not allowed|disallowed|rejected|refused|denied)
        origin[\w '\"/:.]{0,40}(is |was )?(not in (the )?(list|allow)|unknown|not listed)
        origin[\w '\"/:.]{0,40}(is |was )?(not recogni[sz]ed|not permitted|missing)
        (disallowed|unlisted|unknown|unexpected|unregistered|new) origin
        not in (the )?(allow|white)-?list
        invalid cors request
        origin mismatch
        """,
        "the owner does not know the origin",
    ),
    claim(
        "origin-mismatch",
        GOOD + HINT,
        on.refused_or_silent,
        "SC",
        r"""
        trailing (slash|/)
        (ends|ending|end) (in|with) (a )?(slash|/)
        slash at the end
        with a path\b
        """,
        "an Origin never carries a path, so such an entry never equals one",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "C",
        r"""
        ['\"= ]https?://[\w.-]+(:\d+)?/(?=['\",\s]|$)
        """,
        "an entry with a slash at the end never equals an Origin",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "SCP",
        r"""
        \bpreviews?\b( (deploy\w*|host|branch|url|env\w*|app|spa))?
        branch deploy
        per[- ](branch|pr)
        dynamic (host|sub ?domain|origin)s?
        pull request env
        ephemeral env
        review app
        """,
        "hosts made for each branch are in no fixed list",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        \bport[- ]?forward
        without (the |a )?port
        (default|different|other|new|wrong|non-default|random|custom|explicit) port
        port (changed|differs|number|mismatch|missing|moved|\d+)
        :\d{2,5} (vs\.?|instead|not|->|and not|but)
        \b5173\b
        port \d+ (to|->|→)
        """,
        "another port is another origin",
    ),
    claim(
        "origin-mismatch",
        GOOD + HINT,
        on.refused_or_silent,
        "SCP",
        r"""
        localhost.{0,60}(127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0)
        (127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0).{0,60}localhost
        only localhost
        lan (ip|address)
        """,
        "two names of one machine are two origins",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        \bwww\.
        \bapex\b
        without www
        \bwww\b
        bare domain
        http(:// | )?(vs|instead of|and not)\W{0,3}https
        https (vs|instead of|and not) http\b
        scheme (differs|mismatch|missing)
        (no|without( a| the)?|missing|lacks( the)?) scheme
        scheme-?less
        upper ?case
        host(name)? only
        bare host
        """,
        "an origin is scheme, host and port, byte for byte",
    ),
    claim(
        "origin-mismatch",
        GOOD + HINT,
        on.origin_withheld,
        "SCP",
        r"""
        \b(capacitor|ionic|tauri|app|file|chrome-extension|moz-extension|vscode-webview)://
        \b(electron|safari-web-extension)://
        custom scheme
        origin:? ['\"`]?null\b
        null origin
        opaque origin
        sandboxed iframe
        web ?view
        not a number: //
        """,
        "an origin that is not http or https needs an entry of its own",
    ),
    claim(
        "origin-mismatch",
        FAIR,
        on.refused_or_silent,
        "C",
        r"""
        (allow|allowed|cors|trusted)_?(origin|url|host|domain|whitelist)
        (allow|allowed|cors|trusted)_[a-z]{2,12}_(origin|url|host|domain|whitelist)
        (white_?list|local|client)_?(origin|url|host|domain|whitelist)
        (white_?list|local|client)_[a-z]{2,12}_(origin|url|host|domain|whitelist)
        (frontend|web|app|public|ui)_?(origin|url|host|domain|whitelist)
        (frontend|web|app|public|ui)_[a-z]{2,12}_(origin|url|host|domain|whitelist)
        cors\.origins?
        web ?origins?
        allow(ed)?[-_ ]?origins?
        origins? list
        \borigins?\s*[:=\[(]
        corsorigins?
        whitelist
        """,
        "the list of origins is what was looked at",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?unset
        (setting|param\w*)\w* (is |was |are |left |still )?unset
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?not set
        (setting|param\w*)\w* (is |was |are |left |still )?not set
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?empty
        (setting|param\w*)\w* (is |was |are |left |still )?empty
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?undefined
        (setting|param\w*)\w* (is |was |are |left |still )?undefined
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?missing
        (setting|param\w*)\w* (is |was |are |left |still )?missing
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?blank
        (setting|param\w*)\w* (is |was |are |left |still )?blank
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?hard-?coded
        (setting|param\w*)\w* (is |was |are |left |still )?hard-?coded
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?outdated
        (setting|param\w*)\w* (is |was |are |left |still )?outdated
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?stale
        (setting|param\w*)\w* (is |was |are |left |still )?stale
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?default
        (setting|param\w*)\w* (is |was |are |left |still )?default
        (origin|url|env|variable|value|list|config)\w* (is |was |are |left |still )?wrong
        (setting|param\w*)\w* (is |was |are |left |still )?wrong
        unset in
        not set in
        only (the )?(prod\w*|staging|dev\w*|first|localhost) ?\w*
        hard-?coded (origin|list|localhost)
        \b\d{1,4} literals?
        static list
        one literal
        only (https?://|first|one|lists)
        (without|no) (cors\.)?origins? ?(set|configured|given|$)
        without cors\.origin
        """,
        "the list is not what this environment needs",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        (wildcards?|patterns?|regex\w*|glob)[^.]{0,60}(never|not|no longer|doesn.t|don.t|isn.t)
        (wildcards?|patterns?|regex\w*|glob)[^.]{0,60}(literal|unsupported|fails?)
        never match
        (does ?n[o']t|not) match
        silently never
        exact (list|match|compare|string)
        compared? (as|to|with)
        semicolon
        space[- ]separated
        comma[- ]separated
        quoted twice
        whitespace
        second origin
        """,
        "the entry does not mean what was meant",
    ),
    claim(
        "origin-mismatch",
        FAIR,
        on.refused_or_silent,
        "SCP",
        r"""
        \bstaging\b
        \bproduction\b
        \bprod\b
        new (domain|host|front-?end|tenant)
        custom domain
        renamed?
        moved to
        migrat\w+
        sub-?domains?
        tenants?\b
        white-?label
        helm
        docker-compose
        another (host|domain|environment)
        different (host|domain)
        """,
        "the page moved and the list did not",
    ),
    claim(
        "origin-mismatch",
        GOOD,
        on.one_fixed_origin,
        "SC",
        r"""
        not equal to the supplied
        does not match
        only (the )?first
        first (element|entry|one|item)
        static
        hard-?coded
        always (the )?same
        fixed
        constant
        single value
        """,
        "one fixed origin is sent to every page",
    ),
)
