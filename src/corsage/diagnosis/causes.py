"""The closed taxonomy: the classes of cause, what each means, and the question that settles it.

The names are stable: they stand in reports, in recorded incidents and in scripts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One class of cause.

    ``sentence`` says what happened, with ``{hop}`` for who is to blame. ``ask`` is the cheapest
    question or probe that tells this class from its look-alikes. ``cors`` is False where no change
    to a CORS policy will help, and None where that depends.
    """

    name: str
    sentence: str
    meaning: str
    ask: str
    cors: bool | None = True


_TABLE = (
    Cause(
        "error-no-cors",
        "This is not a CORS refusal: {hop} answered with an error{status}, and that answer carries "
        "no Access-Control-Allow-Origin, so the browser hides it.",
        "An error made before, outside or after whoever writes the CORS headers.",
        "What is the status of the actual response, which hop made it, and does a 2xx answer of "
        "the same route carry Access-Control-Allow-Origin?",
        cors=False,
    ),
    Cause(
        "origin-mismatch",
        "The page's origin is not in the list as {hop} has it: no entry equals it byte for byte.",
        "An entry differs by a slash, a scheme, a port or a host, or is missing, or the answer "
        "names a fixed other origin.",
        "Send the same preflight with an Origin that is known to be good: does it pass, and how "
        "does this Origin differ from the nearest entry?",
    ),
    Cause(
        "multi-writer",
        "Two writers: more than one value of a header that may have one arrives at the browser, "
        "and {hop} is where the second one should stop.",
        "Two hops, or two parts of one hop, both write CORS headers.",
        "Ask each hop directly: at which one does the second header line first appear?",
    ),
    Cause(
        "preflight-auth",
        "{hop} demands credentials from the preflight, which by the standard never carries any.",
        "Authentication, authorisation, a client certificate or a challenge stands before CORS.",
        "Send the same OPTIONS with and without credentials: does only the latter fail?",
    ),
    Cause(
        "preflight-unrouted",
        "{hop} has no route for OPTIONS, so the preflight finds nobody to answer it.",
        "Routes are restricted by method or header, and a preflight is neither.",
        "Send OPTIONS to this path and to a path that does not exist: is it the same answer, and "
        "does the route list OPTIONS?",
    ),
    Cause(
        "policy-inert",
        "A CORS policy is written down but takes no effect at {hop}.",
        "A wrong directive, level, order, version or path: the policy never reaches the answer.",
        "Does the rendered configuration of the running version contain the policy, on this path?",
    ),
    Cause(
        "redirect",
        "{hop} answers with a redirect where the browser needs the final answer.",
        "A preflight may not be redirected, and a redirect to another origin needs CORS there too.",
        "What is in Location: another slash, scheme or host, or a login page?",
    ),
    Cause(
        "preflight-wrong-responder",
        "The preflight is answered by another hop than the one that owns CORS: look at {hop}.",
        "A gateway forwards a preflight that it should answer, or answers what it should forward.",
        "Which hop's log shows the OPTIONS, and do the CORS counters of the owner move?",
    ),
    Cause(
        "header-not-allowed",
        "The request carries a header that Access-Control-Allow-Headers does not name: {hop}.",
        "A header is missing from the list, misspelt, or was added by a library.",
        "Send the same preflight without Access-Control-Request-Headers: does it pass?",
    ),
    Cause(
        "over-permissive",
        "Nothing is blocked, but {hop} lets origins read that it should not.",
        "An unanchored pattern, reflection, or a wildcard that leaks from further inside.",
        "Send an Origin that must not be allowed: is it granted?",
    ),
    Cause(
        "cache-vary",
        "A cache hands out an answer made for another origin: {hop} does not tell them apart.",
        "The answer depends on Origin, but Vary or the cache key does not say so.",
        "Ask the same URL without Origin, with one origin and with another: does "
        "Access-Control-Allow-Origin differ, with Age or X-Cache: Hit?",
    ),
    Cause(
        "wildcard-credentials",
        "The request carries credentials, and {hop} does not grant them: the wildcard counts for "
        "nothing then, and Access-Control-Allow-Credentials must be true.",
        "`*` is only for requests without credentials, which need a grant of their own.",
        "Does the calling code use credentials: 'include' or withCredentials, and does it need to?",
    ),
    Cause(
        "expose-missing",
        "The answer arrives, but JavaScript may not read the header, because {hop} does not expose "
        "it.",
        "Access-Control-Expose-Headers must stand on the actual response.",
        "Does Access-Control-Expose-Headers of the actual response name the header?",
    ),
    Cause(
        "not-cors-transport",
        "This is not CORS: no HTTP answer arrived; look at {hop}.",
        "Refused, unknown host, TLS, mixed content, an extension, a wrong address.",
        "Does the Network panel show any HTTP status, and what does curl to the same URL say?",
        cors=False,
    ),
    Cause(
        "method-not-allowed",
        "The method is not in Access-Control-Allow-Methods as {hop} spells it.",
        "The method is missing from the list, or differs in case: only six are normalised.",
        "Send the same preflight with Access-Control-Request-Method: GET: does it pass?",
    ),
    Cause(
        "cookie",
        "CORS is in order; the cookie did not travel ({hop}).",
        "SameSite, Secure, or a browser that blocks third-party cookies.",
        "Did the request carry a Cookie header, and are page and API the same site?",
        cors=False,
    ),
    Cause(
        "instance-drift",
        "Not every instance answers alike: one behind {hop} has another policy.",
        "Replicas with different configuration, image or state.",
        "Send the same request twenty times: how many fail, and which instance answered those?",
    ),
    Cause(
        "preflight-ratelimit",
        "{hop} counts preflights against the rate limit and refuses them.",
        "OPTIONS is limited like any other request.",
        "Is OPTIONS exempt from the limit, and is Access-Control-Max-Age set?",
    ),
    Cause(
        "control-plane-incompat",
        "The policy never reaches the data path: {hop} refuses or overwrites the object.",
        "Schema, version or ownership: another controller has its own mind about the object.",
        "Which controllers watch this object, and which schema version do they parse?",
    ),
    Cause(
        "preflight-cache",
        "{hop} goes by a preflight answer that it cached, not by what the server says now.",
        "Access-Control-Max-Age outlives a change; the cache is per origin and URL.",
        "Does a private window pass, and which Access-Control-Max-Age was served before?",
    ),
    Cause(
        "private-network",
        "A public page asks a private address, which the browser guards by itself: {hop}.",
        "Local Network Access needs a permission; older browsers asked for a header.",
        "Is the target loopback or private while the page is public, and which browser version?",
        cors=None,
    ),
    Cause(
        "streaming-bypass",
        "The stream leaves {hop} without the CORS headers that other answers get.",
        "Headers of a stream are sent before, or past, whoever adds CORS.",
        "Do the headers of a plain answer and of the stream of the same service differ?",
    ),
)

CAUSES: dict[str, Cause] = {cause.name: cause for cause in _TABLE}
