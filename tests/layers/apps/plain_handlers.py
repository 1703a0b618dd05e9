"""Handlers of Node.js' own server, and of platforms that call a function."""

from __future__ import annotations

PATHS = ("/x",)
SOURCES = {
    "handler_wrapped": """
const allowCors = (fn) => async (req, res) => {
  res.setHeader('Access-Control-Allow-Credentials', true);
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin || '*');
  res.setHeader('Access-Control-Allow-Methods', 'GET,OPTIONS,PATCH,DELETE,POST,PUT');
  if (req.method === 'OPTIONS') {
    res.statusCode = 200;
    res.end();
    return;
  }
  return await fn(req, res);
};
const handler = (req, res) => {
  res.end('fine');
};
module.exports = allowCors(handler);
""",
    "handler_write_head": """
const CORS = {
  'Access-Control-Allow-Origin': 'https://app.example.com',
  'Access-Control-Allow-Headers': 'Content-Type',
};
module.exports = (req, res) => {
  if (req.method === 'OPTIONS') {
    res.writeHead(204, { ...CORS, 'Access-Control-Max-Age': '60' });
    res.end();
    return;
  }
  res.writeHead(200, CORS);
  res.end('fine');
};
""",
    "handler_matched": """
const PREVIEW = /^https:\\/\\/[a-z0-9-]+\\.vercel\\.app$/;
function allowed(origin) {
  return origin === 'https://app.example.com' || PREVIEW.test(origin || '');
}
module.exports = function handler(req, res) {
  const origin = req.headers['origin'];
  res.setHeader('Vary', 'Origin');
  if (allowed(origin)) res.setHeader('Access-Control-Allow-Origin', origin);
  res.end('fine');
};
""",
}
