"""What reporters say of policies that are written down and do not act, or act elsewhere."""

from __future__ import annotations

from corsage.diagnosis import situations as on
from corsage.diagnosis.claims.claim import claim
from corsage.diagnosis.clues import FAIR, GOOD, HINT, STRONG

CLAIMS = (
    claim(
        "policy-inert",
        FAIR,
        on.nobody_speaks_of_origins,
        "SC",
        r"""
        .+
        """,
        "a list of origins is spoken of nowhere, so it is the policy itself that is absent",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        \b(under|in|at|on|to) (the )?[\w./-]+( \w+)? instead of
        middleware (is )?(missing|absent|not (added|listed|registered))
        (installed|created|defined|declared|listed)[\w ,]{0,20} (only|but)\b
        called after listen
        """,
        "the policy is written in the wrong place",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        (no|without( any)?) effect
        \bignor(ed|es|ing)
        not (being )?(applied|rendered|picked up|emitted|taken|honou?red|evaluated|propagated)
        not (being )?(attached|referenced|loaded|included|working)
        (is|are|stays?|remains?) inert
        \binert\b
        does nothing
        silently (dropped|ignored|off)
        never (emitted|applied|rendered|reached|added)
        doesn't (apply|work|do anything)
        no cors headers? (at all|despite|in spite|although|even)
        despite
        defeats
        in spite of
        although
        still no\b
        no (cors )?headers? (\w+ )?after
        after (defin|add|configur|sett|enabl)\w+
        headers? (are |is )?(still )?(gone|absent|missing|lost|disappear\w*|not there|vanish\w*)
        """,
        "a policy is written, and nothing comes of it",
    ),
    claim(
        "policy-inert",
        STRONG,
        on.refused_or_silent,
        "SC",
        r"""
        enable[- ]?cors (is |was )?(missing|unset|absent|false|not)
        (missing|without|no|lacks) enable
        cors[.-_]enabled?:? ?false
        not enabled
        forgot\w* to (enable|attach|reference)
        not (attached|referenced|bound|linked)[ ]
        attached to (the )?(wrong|other|another)
        not associated
        """,
        "the switch that puts the policy in force is missing",
    ),
    claim(
        "policy-inert",
        FAIR,
        on.policy_without_origins,
        "C",
        r"""
        cors
        access-?control
        corspolicy
        annotations?
        middleware
        filter\b
        bean
        add_header
        plugin
        headers? policy
        add-header
        """,
        "the excerpt shows a policy, and no answer shows its effect",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        (is |was |are )?never (used|called|run|executed|invoked|consulted|registered)
        not running
        stopped (working|being)
        (applied|applies|set|added|works|attached) (only )?(to|for|in|on) (the )?(other|one)
        (applied|applies|set|added|works|attached) (only )?(to|for|in|on) (the )?(http|api)
        (applied|applies|set|added|works|attached) (only )?(to|for|in|on) (the )?(wrong|root)
        (applied|applies|set|added|works|attached) (only )?(to|for|in|on) (the )?(get|part)
        (applied|applies|set|added|works|attached) (only )?(to|for|in|on) (the )?(group|first)
        part only
        lost (as soon|when|once|after|since)
        (as soon as|once|when) (an?|another) (add_header|header|location|filter)
        only (acao|the|some|two)[\w ]{0,20} (come|are|is)[ ]
        not rendered
        allowoverride
        wrong (pod|container|manifest|server)
        not (active|enabled|included|loaded|imported|on the classpath)
        inactive
        no include
        missing from the (classpath|image|build)
        """,
        "the policy is there, and does not reach this answer",
    ),
    claim(
        "policy-inert",
        STRONG,
        on.refused_or_silent,
        "SC",
        r"""
        policy fragment
        include-fragment
        (accepted|programmed)[\w ,]{0,20} but
        not enforced
        request headers? instead
        proxy_set_header access-control
        """,
        "the product takes the policy in this form and does nothing with it",
    ),
    claim(
        "policy-inert",
        GOOD + HINT,
        on.refused_or_silent,
        "SC",
        r"""
        inside [`'\"]?if\b
        \bif\b (block|context)
        \bif \(\$(?!request_method = \W?options)
        another add_header
        add_header in (the )?(location|server|http)
        nested location
        inherit\w*
        overrid\w+
        overwrit\w+
        cancel\w*
        shadow\w*
        more specific (location|route|vhost)
        two [\w ]{0,20}middlewares
        (second|other|both) [\w ]{0,20}middleware
        (only )?the last (one )?(wins|applies)
        """,
        "another block replaces the one with the policy",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        deprecat\w+
        renamed
        removed in
        no longer (supported|read)
        old (field|syntax|api|key|name)
        v1(alpha|beta)\d
        unknown (field|key)
        since (the )?(upgrade|update|\d)
        after (the |an )?(upgrade|updat\w+|migrat\w+)( to)?
        wrong (directive|key|section|level|place|namespace|name|indent\w*|port|gateway|block)
        wrong (annotation|prefix|file|class)
        typo
        misspel\w*
        as a? ?(request header|string)
        unsupported (field|option)
        """,
        "the running version does not read the policy where it stands",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SC",
        r"""
        (middleware|plugin|filter|handler|policy)[\w ]{0,20} (order|low|last|late|after|below)
        low in
        (placed|registered|added|called|listed|comes) (after|below|last|too late|behind)
        (declared|mounted) (after|below|last|too late|behind)
        after (the )?(routes?|usemvc|useendpoints|maproutes|mapcontrollers|static)
        order of (the )?(middleware|plugin|filter)
        before userouting
        useendpoints
        """,
        "what comes after the answer was made cannot stamp it",
    ),
    claim(
        "policy-inert",
        GOOD,
        on.refused_or_silent,
        "SCP",
        r"""
        static files?
        /static
        (served|answered) (directly )?by (nginx|the proxy|the cdn)
        (path|route|prefix|location|resource)s? (is |are )?(not|un)[- ]?covered
        not covered
        only (under|for|on) /
        (does not|doesn't) cover
        outside (of )?(the )?(path|prefix|router)
        bypass(es)? (the )?app
        path (pattern|glob|prefix)
        (in|by) (django|express|the app) only
        """,
        "the policy does not cover this path",
    ),
    claim(
        "preflight-wrong-responder",
        STRONG + FAIR + HINT,
        on.two_servers,
        "SC",
        r"""
        preflight_?continue
        unmatched_?preflights?
        (preflights?|options)( \w+){0,3} (goe?s?|passe?s?) through
        not[- ]matching[- ]preflights?
        no_op
        (preflights?|options)( \w+){0,6} (forwarded|passed|delegated|proxied|routed|sent|leaked)
        (preflights?|options)( \w+){0,5} (goe?s?|hits?|arrives?) (to|at|on|the|my|our|app)
        (preflights?|options)( \w+){0,5} (reach|reache[sd]|hits?) (the|my|our|backend|upstream)
        (preflights?|options)( \w+){0,5} (reach|reache[sd]|hits?) (app|service)
        forward\w* (the |all |every |unmatched )?(preflights?|options)
        (receive|see|get|start\w* to see|log)(s|d|ing)? (an? |the )?(options|preflights?)\b
        delegat\w+ to
        options in (\w+ )?(access )?logs?
        backend (answers|responds to|handles) (the )?(options|preflight)
        (preflights?|options)[\w' ]{0,30} (show up|appear|are seen|is seen|are logged) (in|at|on)
        answered( \w+){0,2} by (it|the (app|service|backend|upstream))
        """,
        "the preflight went past the hop that should answer it",
    ),
    claim(
        "preflight-wrong-responder",
        STRONG + HINT,
        on.two_servers,
        "SC",
        r"""
        (app|service) (never|doesn't|does not|cannot) (\w+ )?(sees?|gets?|receives?|reach\w*)
        (app|service) (never|doesn't|does not|cannot) (\w+ )?answer\w*
        backend (never|doesn't|does not|cannot) (\w+ )?(sees?|gets?|receives?|reach\w*)
        backend (never|doesn't|does not|cannot) (\w+ )?answer\w*
        upstream (never|doesn't|does not|cannot) (\w+ )?(sees?|gets?|receives?|reach\w*)
        upstream (never|doesn't|does not|cannot) (\w+ )?answer\w*
        application (never|doesn't|does not|cannot) (\w+ )?(sees?|gets?|receives?|reach\w*)
        application (never|doesn't|does not|cannot) (\w+ )?answer\w*
        (it|my \w+) (never|doesn't|does not|cannot) (\w+ )?(sees?|gets?|receives?|reach\w*)
        (it|my \w+) (never|doesn't|does not|cannot) (\w+ )?answer\w*
        never reach(es|ed)? (the |my |our )?(app|service|backend|upstream|server|application)
        intercept\w*
        hijack\w*
        swallow\w*
        answer(s|ed)? (it |them |options |preflights? |the preflight )?(by )?itself
        instead of (the |my )?(app|service|backend)
        (gateway|ingress|proxy|nginx|kong|traefik) (answers|handles|responds|short-circuits)
        (policy|cors|headers|config\w*) (is |are )?never (consulted|used|asked|reached)
        with (its|their) (own )?(defaults?|lists?|policy)
        its own (defaults?|lists?|policy|cors)
        (returns?|answers?|says|gives|sends) (20[04] )?(to|for|on)? ?(every|all|any|each) options
        """,
        "a hop in front answers what the service should",
    ),
    claim(
        "preflight-wrong-responder",
        FAIR,
        on.two_servers,
        "SC",
        r"""
        unmatched
        counters?
        stale (config|controller)
        old config
        still live
        origin_(in)?valid
        another hop
        other hop
        whose policy
        backend's (policy|headers|cors)
        """,
        "two hops could answer, and it is not the owner who does",
    ),
    claim(
        "instance-drift",
        STRONG,
        on.always,
        "SCP",
        r"""
        random\w*
        intermittent\w*
        sometimes
        sporadic\w*
        occasional\w*
        every (second|other|third|few|nth)
        \b\d{1,2} ?%
        \b\d{1,4} (of|out of|in) \d{1,4}[ ]
        roughly (half|a third)
        half (of )?the
        retr(y|ies)
        flak(y|iness)
        non-?determinis\w*
        inconsisten\w*
        one in \w+
        half the time
        not always
        now and then
        comes and goes
        (a|one|about a|roughly a) (third|half|quarter|fifth)
        (some|most) (calls|requests|times)
        """,
        "the same request fails and passes",
    ),
    claim(
        "instance-drift",
        GOOD,
        on.always,
        "SCP",
        r"""
        replicas?
        (more than|>) ?1 instance
        (one|some|other|several|multiple|two|n) (of the )?(instances?|pods?|nodes?|servers?)
        (one|some|other|several|multiple|two|n) (of the )?(replicas?|members?|workers?|dynos?)
        canary
        rolling
        blue[-/ ]green
        old (image|version|pod|build|replica)
        one (task|node|backend|region)
        autoscal\w+
        scale[- ]?out
        scaled (up|out|to)
        mixed versions
        partial (deploy\w*|rollout|update)
        (revisions?|versions?|configs?|images?) (differ|are different|is different)
        \b\d{1,4} (tasks|pods|replicas|instances|nodes|workers)
        (new|old|remaining|fresh) (of the )?(instances?|pods?|nodes?|replicas?|tasks?)
        \bhpa\b
        scal(es|ing)\b
        """,
        "several instances answer",
    ),
    claim(
        "control-plane-incompat",
        STRONG,
        on.nothing_seen,
        "SC",
        r"""
        webhook
        admission
        unknown (variant|field)
        deserializ\w+
        \bcrds?\b
        list/watch
        watch fails
        owner ?references?
        reconcil\w+
        (overwritten|overridden|reverted|reset)( \w+){0,5} by
        (controller|operator|argo\w*|flux|helm) (overwrites|resets|reverts|removes)
        (object|resource|manifest|route|ingress) (is |was )?(rejected|denied|refused|invalid)
        virtualservice (is |was )?(rejected|denied|refused|invalid)
        fails? validation
        schema
        apply (fails|is refused)
        kubectl
        not accepted
        accepted ?[:=] ?false
        """,
        "the object never becomes configuration",
    ),
    claim(
        "control-plane-incompat",
        GOOD,
        on.origin_withheld,
        "SC",
        r"""
        owner ?references?
        (overwrit|overrid|revert)\w* (by|to) (the )?(\w+ )?(controller|operator|module|default)
        (reset|reconcil)\w* (by|to) (the )?(\w+ )?(controller|operator|module|default)
        admission webhook
        unknown variant
        """,
        "another controller has its own mind about the object",
    ),
)
