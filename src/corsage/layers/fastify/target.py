"""Fastify: a plugin with two hooks.

@fastify/cors cannot keep a policy: it answers every OPTIONS (400 to one that is no preflight),
hands credentials and exposed headers to strangers, and writes before the handlers, which can
overwrite what it wrote (11.4).
"""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers import application
from corsage.layers.clauses import table
from corsage.layers.javascript import (
    array,
    decode_uri,
    find,
    member,
    method_rows,
    policy_entries,
    route_table,
)
from corsage.layers.target import Clause, Fate, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_HEAD = """\
// CORS for the routes that this service answers itself. Written by `corsage render fastify`:
// change the policy and render again, not this file.
//
//   npm install fastify-plugin@5
//
//   import { corsPolicy } from './cors.js';
//   await fastify.register(corsPolicy); // before everything else: preflights carry no credentials
import fp from 'fastify-plugin';

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

_PLUGIN = """\
;

export const corsPolicy = fp(async (fastify) => {
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes } = {
    ...fastify.initialConfig,
    ...fastify.initialConfig.routerOptions,
  };
  if (caseSensitive === false || ignoreTrailingSlash || ignoreDuplicateSlashes) {
    throw new Error('cors.js takes paths literally: leave the router options at their defaults');
  }

  fastify.addHook('onRequest', async (request, reply) => {
    const { preflight, granted } = decide(request);
    if (preflight) {
      return reply.code(granted ? 204 : 403).send();
    }
  });

  // When the headers leave, whoever wrote them: handlers, error handlers, other hooks.
  fastify.addHook('onSend', async (request, reply) => {
    const { preflight, candidates, granted } = decide(request);
    for (const name of Object.keys(reply.getHeaders())) {
      if (name.startsWith('access-control-') || name === 'timing-allow-origin') {
        reply.removeHeader(name);
        reply.raw.removeHeader(name);
      }
    }
    if (preflight) {
      reply.header('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
    } else if (candidates.some((candidate) => !candidate.any)) {
      varyByOrigin(reply);
    }
    if (granted) {
      const { origin } = request.headers;
      reply.headers(preflight ? granted.preflight(origin) : granted.actual(origin));
    }
  });
});

// Whether to answer a preflight, who may grant the request, and who does.
function decide(request) {
  const { origin } = request.headers;
  const route = routeOf(request);
  const candidates = route ? route.policies : unrouted;
  const granted = candidates.find((candidate) => candidate.admits(origin));
  return { preflight: isPreflight(request) && !route?.gateway, candidates, granted };
}

// Any other OPTIONS is an ordinary request.
function isPreflight({ method, headers }) {
  return method === 'OPTIONS' && headers.origin && headers['access-control-request-method'];
}

function varyByOrigin(reply) {
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ');
  if (!/(^|,)\\s*(origin|\\*)\\s*(,|$)/i.test(vary)) {
    reply.header('vary', vary ? `${vary}, Origin` : 'Origin');
  }
}

"""

_ROUTE_OF = """\
function routeOf(request) {
  const path = decoded(request.url.split('?', 1)[0]);
  const below = `${path}/`;
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
  const { methods, allowedHeaders, exposedHeaders, credentials, maxAge, timing } = lists;
  const any = origins === '*';
  const exact = new Set(any ? [] : origins);
  const headers = (origin, others) => {
    const allowed = any ? '*' : origin;
    return present({
      'Access-Control-Allow-Origin': allowed,
      'Access-Control-Allow-Credentials': credentials && 'true',
      'Timing-Allow-Origin': timing && allowed,
      ...others,
    });
  };
  return {
    any,
    admits: (origin) => any || exact.has(origin) || patterns.some((one) => one.test(origin)),
    preflight: (origin) =>
      headers(origin, {
        'Access-Control-Allow-Methods': methods.join(', '),
        'Access-Control-Allow-Headers': allowedHeaders.join(', '),
        'Access-Control-Max-Age': maxAge?.toString(),
      }),
    actual: (origin) =>
      headers(origin, { 'Access-Control-Expose-Headers': exposedHeaders.join(', ') }),
  };
}

function present(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value));
}
"""

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "looked up in a Set"),
    "origin patterns": ("idiom", "anchored regexes, tried after the Set"),
    "any origin": ("idiom", "the constant *"),
    "credentials": ("idiom", "for admitted origins alone"),
    "allowed methods": ("idiom", "the list as written; the browser compares"),
    "allowed headers": ("idiom", "the list as written; the browser compares"),
    "exposed headers": ("idiom", "on responses to admitted origins"),
    "max age": ("idiom", "as written"),
    "timing": ("idiom", "Timing-Allow-Origin beside Access-Control-Allow-Origin"),
    "routes": ("idiom", "a table, the most specific first; other router options are refused"),
    "hosts": ("idiom", "compared with request.hostname (trustProxy decides what that is)"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "answered by the first onRequest hook"),
    "other OPTIONS": ("idiom", "the app's, as any other request"),
    "other origins": ("idiom", "no header but Vary; a preflight gets 403"),
    "the service's own CORS headers": ("idiom", "removed when the headers leave (onSend)"),
    "Vary": ("idiom", "merged when the headers leave"),
    "errors": (
        "weaker",
        "404, 500 and redirects carry the headers; a 400 of Node.js or a hijacked reply does not",
    ),
    "unrouted paths": ("idiom", "the first policy that admits the origin"),
    "the other owner's routes": ("idiom", "nothing is set, and what handlers set is removed"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``cors.js``, an ES module with one plugin."""
    todo = application.duties(policy)
    unrouted = [member(rules.name) for rules in todo.unrouted]
    text = "".join(
        [
            _HEAD,
            policy_entries(todo.policies, "policy"),
            "\n" if todo.policies else "",
            _ROUTES,
            route_table(todo.routes),
            _UNROUTED,
            array(unrouted, 0, len("const unrouted = ")),
            _PLUGIN,
            _ROUTE_OF,
            find("routes", policy, "request.hostname", "path === exact"),
            "}\n",
            _DECODED,
            _POLICY,
        ]
    )
    return (File("cors.js", text),)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of Fastify for ``policy``."""
    return (*table(policy, _ROWS), *method_rows(policy))


def behave(policy: Policy) -> Hop:
    """The plugin as a hop: exactly the reference."""
    return application.behave(policy, path_of=decode_uri)


TARGET = Target(
    name="fastify",
    title="Fastify",
    family="application",
    proven="Fastify 5.12.8 with fastify-plugin 5.1.0, Node.js 20",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Fastify",
        proven="5.12.8",
        rows=(Version("5.0", "fastify-plugin 5"),),
    ),
)
