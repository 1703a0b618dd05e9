"""Express apps as people write them."""

from __future__ import annotations

PATHS = ("/x", "/api/x")
_HEAD = """
const express = require('express');
const cors = require('cors');
const app = express();
const handler = (req, res) => { res.vary('Accept-Encoding'); res.end('fine'); };
"""
# OPTIONS of a path with routes is Express's own answer.
_TAIL = """
const other = (req, res, next) => (req.method === 'OPTIONS' ? next() : handler(req, res));
app.all(['/x', '/api/x'], other);
app.get(['/x', '/api/x'], handler);
module.exports = app;
"""
_BODIES = {
    "nothing": "app.use(cors());",
    "text": "app.use(cors({ origin: 'https://app.example.com' }));",
    "star_credentials": "app.use(cors({ origin: '*', credentials: true }));",
    "reflect": "app.use(cors({ origin: true, credentials: true, maxAge: 600 }));",
    "off": "app.use(cors({ origin: false }));",
    "list": """
const origins = ['https://app.example.com', /\\.vercel\\.app$/];
const methods = ['GET', 'PUT'];
app.use(cors({ origin: [...origins, 'null'], methods, exposedHeaders: 'X-A, X-B' }));
""",
    "star_in_list": "app.use(cors({ origin: ['*', 'https://app.example.com'] }));",
    "regex": "app.use(cors({ origin: /example\\.com$/, allowedHeaders: ['X-Custom', 'X-B'] }));",
    "regex_object": "app.use(cors({ origin: new RegExp('^https://APP', 'i'), maxAge: 0 }));",
    "environment": """
const allowed = (process.env.NOT_SET_HERE || 'https://app.example.com, null').split(',')
  .map((one) => one.trim()).filter(Boolean);
app.use(cors({ origin: allowed, credentials: true }));
""",
    "environment_coalesced": """
const { NOT_SET_HERE } = process.env;
const origin = NOT_SET_HERE ?? 'https://admin.example.com';
app.use(cors({ origin, optionsSuccessStatus: 200 }));
""",
    "production": """
const options = { origin: process.env.NODE_ENV !== 'production' ? '*' : 'https://app.example.com' };
process.env.NODE_ENV = 'production';
app.use(cors({ ...options, credentials: true }));
""".replace("const options", "process.env.NODE_ENV = 'production';\nconst options"),
    "callback": """
const whitelist = ['https://app.example.com', 'http://localhost:3000'];
const corsOptions = {
  origin: function (origin, callback) {
    if (whitelist.indexOf(origin) !== -1 || !origin) {
      callback(null, true);
    } else {
      callback(new Error('Not allowed by CORS'));
    }
  },
  credentials: true,
};
app.use(cors(corsOptions));
""",
    "callback_false": """
const isAllowed = (origin) => origin.endsWith('.vercel.app') || origin.includes('example.com');
app.use(cors({ origin: (origin, cb) => cb(null, Boolean(origin) && isAllowed(origin)) }));
""",
    "callback_some": """
const list = [/^https:\\/\\/.*\\.vercel\\.app$/, /^http:\\/\\/localhost(:\\d+)?$/];
app.use(cors({
  origin(origin, cb) {
    if (!origin) return cb(null, true);
    if (list.some((re) => re.test(origin))) return cb(null, true);
    return cb(null, false);
  },
}));
""",
    "callback_set": """
const set = new Set(['https://app.example.com', 'https://admin.example.com/']);
app.use(cors({ origin: (origin, cb) => { cb(null, set.has(origin) ? origin : false); } }));
""",
    "callback_host": """
app.use(cors({
  origin: (origin, cb) => {
    if (!origin || origin === 'null') return cb(null, false);
    const { hostname } = new URL(origin);
    cb(null, hostname === 'localhost' || hostname.endsWith('.example.com'));
  },
}));
""",
    "callback_loop": """
const ends = ['.vercel.app', 'admin.example.com'];
app.use(cors({
  origin: (origin, cb) => {
    let found = false;
    for (const end of ends) {
      if (origin && origin.endsWith(end)) found = true;
    }
    cb(null, found);
  },
}));
""",
    "delegate": """
const allowlist = ['https://app.example.com', 'https://admin.example.com'];
const delegate = function (req, callback) {
  let corsOptions;
  if (allowlist.indexOf(req.header('Origin')) !== -1) {
    corsOptions = { origin: true };
  } else {
    corsOptions = { origin: false };
  }
  callback(null, corsOptions);
};
app.use(cors(delegate));
""",
    "path": """
app.use('/api', cors({ origin: 'https://app.example.com', preflightContinue: true }));
""",
    "route": """
app.options('/x', cors({ origin: ['https://app.example.com'] }));
app.get('/x', cors({ origin: ['https://app.example.com'] }), handler);
""",
    "options_star": """
app.options('/{*splat}', cors());
app.use(cors({ origin: 'https://app.example.com' }));
""",
    "router": """
const router = express.Router();
router.use(cors({ origin: ['https://admin.example.com'], credentials: true }));
router.get('/x', handler);
app.use('/api', router);
""",
    "two": "app.use(cors());\napp.use(cors({ origin: ['https://app.example.com'] }));",
    "wrapped": """
app.use((req, res, next) => {
  if (req.method === 'GET') return cors({ origin: 'https://app.example.com' })(req, res, next);
  next();
});
""",
    "by_hand": """
app.use((req, res, next) => {
  res.header('Access-Control-Allow-Origin', '*');
  res.header('Access-Control-Allow-Headers', 'Origin, X-Requested-With, Content-Type, Accept');
  next();
});
""",
    "by_hand_reflected": """
app.use(function (req, res, next) {
  const origin = req.headers.origin;
  if (origin) {
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    res.vary('Origin');
  }
  if (req.method === 'OPTIONS') {
    res.setHeader('Access-Control-Allow-Methods', 'GET, PUT');
    const asked = req.headers['access-control-request-headers'];
    res.setHeader('Access-Control-Allow-Headers', asked || '*');
    return res.sendStatus(204);
  }
  next();
});
""",
    "by_hand_list": """
const allowedOrigins = ['https://app.example.com', 'null'];
function allowCors(req, res, next) {
  const { origin } = req.headers;
  if (allowedOrigins.includes(origin)) {
    res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Max-Age': '60' });
  } else if (/^https:\\/\\/x/.test(origin)) {
    res.append('Access-Control-Allow-Origin', `${origin}`);
  }
  if ('OPTIONS' == req.method) {
    res.status(200).end();
  } else {
    next();
  }
}
app.use(allowCors);
""",
    "by_hand_switch": """
app.use((req, res, next) => {
  switch (req.headers.origin) {
    case 'https://app.example.com':
    case 'https://admin.example.com':
      res.set('Access-Control-Allow-Origin', req.headers.origin);
      break;
    default:
      res.set('Access-Control-Allow-Origin', 'https://app.example.com');
  }
  next();
});
""",
    "in_a_function": """
function setup(server, options = {}) {
  server.use(cors({ origin: origins(), ...options }));
}
const origins = () => ['https://app.example.com'].concat(['http://localhost:3000']);
setup(app, { credentials: true });
""",
}
SOURCES = {f"express_{name}": _HEAD + body + _TAIL for name, body in _BODIES.items()}

_ORIGINS = (
    "'https://app.example.com'",
    "['https://app.example.com', 'null']",
    "/example\\.com/",
    "[/^https:\\/\\/app/, 'http://localhost:3000']",
    "true",
    "(o, cb) => cb(null, o === 'https://app.example.com' || /vercel/.test(o))",
    "(o, cb) => cb(null, ['https://admin.example.com'].includes(o) ? o : false)",
)
_OPTIONS = (
    "credentials: true",
    "methods: ['GET', 'DELETE'], maxAge: 0",
    "methods: 'GET,PUT', exposedHeaders: ['X-A', 'X-B'], maxAge: '60'",
    "allowedHeaders: [], credentials: false",
    "allowedHeaders: 'X-Custom,Content-Type', optionsSuccessStatus: 200",
    "preflightContinue: true, credentials: true",
)
# Every kind of origin with every set of options, in turn.
VARIED = {
    f"express_varied_{number}": (f"{_HEAD}app.use(cors({{ origin: {origin}, {options} }}));{_TAIL}")
    for number, (origin, options) in enumerate(
        (origin, _OPTIONS[(first + second) % len(_OPTIONS)])
        for first, origin in enumerate(_ORIGINS)
        for second in range(3)
    )
}
SOURCES |= VARIED
