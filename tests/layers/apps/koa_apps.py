"""Koa apps as people write them."""

from __future__ import annotations

PATHS = ("/x", "/crash")
_HEAD = """
const Koa = require('koa');
const cors = require('@koa/cors');
const app = new Koa();
"""
_TAIL = """
app.use((ctx) => {
  if (ctx.path === '/crash' && ctx.method !== 'OPTIONS') throw new Error('on purpose');
  if (ctx.method !== 'OPTIONS') ctx.vary('Accept-Encoding');
  ctx.body = 'fine';
});
module.exports = app;
"""
_BODIES = {
    "nothing": "app.use(cors());",
    "credentials": "app.use(cors({ credentials: true, maxAge: 60 }));",
    "text": "app.use(cors({ origin: 'https://app.example.com', allowMethods: ['GET', 'PUT'] }));",
    "function": """
const list = ['https://app.example.com', 'null'];
app.use(cors({
  origin: (ctx) => {
    const origin = ctx.get('Origin');
    if (list.includes(origin)) return origin;
    return false;
  },
  allowHeaders: 'X-Custom',
  exposeHeaders: ['X-A', 'X-B'],
  credentials: true,
}));
""",
    "first": """
function verify(ctx) {
  const origin = ctx.request.header.origin;
  return origin && origin.endsWith('example.com') ? origin : 'https://app.example.com';
}
app.use(cors({ origin: verify }));
""",
    "by_hand": """
app.use(async (ctx, next) => {
  ctx.set('Access-Control-Allow-Origin', ctx.headers.origin || '*');
  ctx.set('Access-Control-Allow-Credentials', 'true');
  if (ctx.method === 'OPTIONS') {
    ctx.set('Access-Control-Allow-Methods', 'GET');
    ctx.status = 204;
    return;
  }
  await next();
});
""",
}
SOURCES = {f"koa_{name}": _HEAD + body + _TAIL for name, body in _BODIES.items()}
