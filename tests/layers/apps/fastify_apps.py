"""Fastify apps as people write them."""

from __future__ import annotations

PATHS = ("/x", "/crash")
_HEAD = """
const Fastify = require('fastify');
const cors = require('@fastify/cors');
const app = Fastify();
"""
_TAIL = """
app.route({
  method: ['GET', 'POST', 'DELETE'],
  url: '/x',
  handler: (request, reply) => reply.header('vary', 'Accept-Encoding').send('fine'),
});
app.route({
  method: ['GET', 'POST', 'DELETE'],
  url: '/crash',
  handler: () => { throw new Error('on purpose'); },
});
module.exports = app;
"""
_BODIES = {
    "nothing": "app.register(cors);",
    "text": "app.register(cors, { origin: 'https://app.example.com', credentials: true });",
    "reflect": "app.register(cors, { origin: true, credentials: true, maxAge: 60 });",
    "off": "app.register(cors, { origin: false });",
    "list": """
app.register(cors, {
  origin: ['https://app.example.com', /^http:\\/\\/localhost:\\d+$/],
  methods: ['GET', 'PUT', 'DELETE'],
  allowedHeaders: ['X-Custom'],
  exposedHeaders: ['X-A', 'X-B'],
});
""",
    "star_in_list": "app.register(cors, { origin: ['*', 'https://app.example.com'] });",
    "callback": """
app.register(cors, {
  origin: (origin, cb) => {
    if (origin === undefined) return cb(null, false);
    const hostname = new URL(origin === 'null' ? 'http://none' : origin).hostname;
    if (hostname === 'localhost') {
      cb(null, true);
      return;
    }
    cb(new Error('Not allowed'), false);
  },
});
""",
    "promise": """
app.register(cors, {
  origin: async (origin) => origin === 'https://app.example.com' || /vercel/.test(origin),
  strictPreflight: false,
});
""",
    "continue": "app.register(cors, { preflightContinue: true, optionsSuccessStatus: 200 });",
    "no_preflight": "app.register(cors, { origin: 'null', preflight: false });",
}
SOURCES = {f"fastify_{name}": _HEAD + body + _TAIL for name, body in _BODIES.items()}

_ORIGINS = (
    "'https://app.example.com'",
    "['https://app.example.com', /vercel/]",
    "/^https/",
    "async (o) => o === 'https://app.example.com'",
    "(o, cb) => cb(null, ['null'].indexOf(o) >= 0)",
)
_OPTIONS = (
    "credentials: true, methods: 'GET,PUT'",
    "allowedHeaders: 'X-Custom', exposedHeaders: 'X-A'",
    "maxAge: 0, strictPreflight: false",
)
VARIED = {
    f"fastify_varied_{number}": (
        f"{_HEAD}app.register(cors, {{ origin: {origin}, {options} }});{_TAIL}"
    )
    for number, (origin, options) in enumerate(
        (origin, options) for origin in _ORIGINS for options in _OPTIONS
    )
}
SOURCES |= VARIED
