"""The Express middleware that keeps a policy: the ``cors`` package writes the headers.

``cors`` alone, given a list of origins, answers every OPTIONS as a preflight, hands credentials
and exposed headers to strangers, and writes its headers before the handlers can overwrite them.
So it is called per policy, when it is known that the origin is admitted; for what the handlers
answer, at the moment the headers leave (``on-headers``, as Express' own `compression` does it).
"""

from __future__ import annotations

from corsage.layers.application import Duties, duties
from corsage.layers.express.paths import check
from corsage.layers.javascript import array, find, member, policy_entries, route_table
from corsage.layers.target import File
from corsage.policy.model import Policy

_HEAD = """\
// CORS for the routes that this service answers itself. Written by `corsage render express`:
// change the policy and render again, not this file.
//
//   npm install cors@2 on-headers@1
//
//   import { corsPolicy } from './cors.js';
//   app.use(corsPolicy); // before everything else: preflights carry no credentials to check
import cors from 'cors';
import onHeaders from 'on-headers';

const policies = {
"""

_ROUTES = """\
};

// The most specific first. `prefix` ends with a slash: /billing/ takes /billing and /billing/x,
// not /billings.
"""

_UNROUTED = """\

// A path without a route (a 404, as a rule) is readable for whoever may read something here.
const unrouted = """

_MIDDLEWARE = """\
;

export function corsPolicy(req, res, next) {
  const { origin } = req.headers;
  const route = routeOf(req);
  const candidates = route ? route.policies : unrouted;
  const granted = candidates.find((candidate) => candidate.admits(origin));

  if (isPreflight(req) && !route?.gateway) {
    res.vary('Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
    if (granted) granted.preflight(req, res, next);
    else res.status(403).end();
    return;
  }
  // When the headers leave, whoever wrote them: handlers, error handlers, other middleware.
  onHeaders(res, () => {
    for (const name of res.getHeaderNames()) {
      if (name.startsWith('access-control-') || name === 'timing-allow-origin') {
        res.removeHeader(name);
      }
    }
    if (candidates.some((candidate) => !candidate.any)) res.vary('Origin');
    granted?.actual(req, res, () => {});
  });
  next();
}

// Any other OPTIONS is an ordinary request.
function isPreflight({ method, headers }) {
  return method === 'OPTIONS' && headers.origin && headers['access-control-request-method'];
}

"""

_DECODED = """\

function decoded(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

"""

_POLICY = """\
function policy({ origins, patterns = [], ...lists }) {
  const any = origins === '*';
  const exact = new Set(any ? [] : origins);
  const options = { ...lists, origin: any ? '*' : true }; // true: echo it, it has been admitted
  return {
    any,
    admits: (origin) => any || exact.has(origin) || patterns.some((one) => one.test(origin)),
    preflight: cors({ ...options, exposedHeaders: [] }),
    // `cors` takes every OPTIONS for a preflight: one that is none gets empty lists.
    actual: cors({
      ...options,
      methods: [],
      allowedHeaders: [],
      maxAge: undefined,
      preflightContinue: true,
    }),
  };
}
"""

_POLICY_WITH_TIMING = """\
function policy({ origins, patterns = [], timing = false, ...lists }) {
  const any = origins === '*';
  const exact = new Set(any ? [] : origins);
  const options = { ...lists, origin: any ? '*' : true }; // true: echo it, it has been admitted
  const withTiming = (write) => (req, res, next) => {
    if (timing) res.set('Timing-Allow-Origin', any ? '*' : req.headers.origin);
    write(req, res, next);
  };
  return {
    any,
    admits: (origin) => any || exact.has(origin) || patterns.some((one) => one.test(origin)),
    preflight: withTiming(cors({ ...options, exposedHeaders: [] })),
    // `cors` takes every OPTIONS for a preflight: one that is none gets empty lists.
    actual: withTiming(
      cors({
        ...options,
        methods: [],
        allowedHeaders: [],
        maxAge: undefined,
        preflightContinue: true,
      }),
    ),
  };
}
"""


def files(policy: Policy) -> tuple[File, ...]:
    """``cors.js``, an ES module with one middleware."""
    check(policy)
    return (File("cors.js", _module(policy, duties(policy))),)


def _module(policy: Policy, todo: Duties) -> str:
    timing = any(rules.allow_timing for rules in todo.policies)
    unrouted = [member(rules.name) for rules in todo.unrouted]
    return "".join(
        [
            _HEAD,
            policy_entries(todo.policies, "policy"),
            "\n" if todo.policies else "",
            _ROUTES,
            route_table(todo.routes),
            _UNROUTED,
            array(unrouted, 0, len("const unrouted = ")),
            _MIDDLEWARE,
            _route_of(policy),
            _DECODED,
            _POLICY_WITH_TIMING if timing else _POLICY,
        ]
    )


def _route_of(policy: Policy) -> str:
    """The function that finds a request's route, with no more in it than the routes need."""
    mixed_case = any(route.path != route.path.lower() for route in policy.routes)
    exact = any(route.match == "exact" for route in policy.routes)
    table = "(caseCounts ? routes : foldedRoutes)" if mixed_case else "routes"
    return "".join(
        [
            _FOLDED_ROUTES if mixed_case else "",
            _ROUTE_OF,
            _BARE if exact else "",
            find(table, policy, "req.hostname", "path === exact || bare === exact"),
            "}\n",
        ]
    )


_ROUTE_OF = """\
// Express takes /Billing for /billing, and /billing/ too, unless the app says no.
function routeOf(req) {
  const asked = decoded(req.baseUrl + req.path);
  const caseCounts = req.app.enabled('case sensitive routing');
  const path = caseCounts ? asked : asked.toLowerCase();
  const below = `${path}/`;
"""

_FOLDED_ROUTES = """\
const foldedRoutes = routes.map((route) => ({
  ...route,
  exact: route.exact?.toLowerCase(),
  prefix: route.prefix?.toLowerCase(),
}));

"""

_BARE = """\
  const bare = req.app.enabled('strict routing') ? path : path.replace(/\\/$/, '');
"""
