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
