"""What applications in public repositories look like, written anew: each with the rules that it
breaks, and with nothing else to be said about it but notes.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """Files of one application, and the rules that it breaks."""

    files: tuple[tuple[str, str], ...]
    rules: tuple[str, ...] = ()


ELSEWHERE = ("CORS115", "CORS130")
"""What running the prediction shows of most apps: proved where the checks are."""


def _py(text: str, *rules: str) -> Shape:
    head = """
import os
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
"""
    return Shape((("app/main.py", head + text),), rules)


def _flask(text: str, *rules: str) -> Shape:
    head = """
from flask import Flask, request
from flask_cors import CORS, cross_origin
app = Flask(__name__)
"""
    return Shape((("app.py", head + text),), rules)


def _js(text: str, *rules: str, path: str = "server.js") -> Shape:
    head = """
const express = require('express');
const cors = require('cors');
const app = express();
"""
    return Shape(((path, head + text),), rules)


def _ts(text: str, *rules: str) -> Shape:
    head = "import express from 'express';\nimport cors from 'cors';\n"
    return Shape((("src/server.ts", head + text),), rules)


def _java(text: str, *rules: str) -> Shape:
    return Shape((("src/main/java/Config.java", text),), rules)


SHAPES: dict[str, Shape] = {
    "any port of this machine": _py(r"""
app = FastAPI(title="Tasks")
app.add_middleware(
    CORSMiddleware,
    allow_origin_regex=r"http://(localhost|127\.0\.0\.1):\d+",
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
"""),
    "previews of everybody": _py(
        r"""
app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://shop.example.com"],
    allow_origin_regex=r"https://.*\.vercel\.app",
    allow_credentials=True,
)
""",
        "CORS103",
    ),
    "functions with defaults": _py("""
def _origins() -> list[str]:
    default = "http://localhost:3000,http://127.0.0.1:3000"
    raw = os.getenv("ORIGINS", default)
    found = [item.strip() for item in raw.split(",") if item.strip()]
    return found or ["http://localhost:3000"]

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=_origins(), allow_credentials=True)
"""),
    "a loop that adds": _py("""
allowed = ["http://localhost:3000", "https://shop.example.com"]
more = os.environ.get("ALLOWED_ORIGINS", "").strip()
if more:
    if more == "*":
        allowed = ["*"]
    else:
        for origin in more.split(","):
            clean = origin.strip()
            if clean and clean not in allowed:
                allowed.append(clean)

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=allowed, allow_credentials=True)
"""),
    "settings of another file": Shape(
        (
            (
                "app/config.py",
                """
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    cors_origins: list[str] = ["https://shop.example.com", "https://shop.example.com/"]

settings = Settings()
""",
            ),
            (
                "app/main.py",
                """
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from app.config import settings

def create_app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins)
    return app
""",
            ),
        ),
        ("CORS110",),
    ),
    "a base of settings": Shape(
        (
            (
                "shop/settings/base.py",
                """
CORS_ALLOWED_ORIGINS = ["https://shop.example.com", "https://admin.example.com/x"]
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware"]
""",
            ),
            (
                "shop/settings/production.py",
                """
from .base import *

CORS_ALLOWED_ORIGINS += ["shop.example.org"]
SESSION_COOKIE_SECURE = True
""",
            ),
        ),
        ("CORS110",),
    ),
    "only while developing": _py(
        """
from app.settings import get_settings
settings = get_settings()
app = FastAPI()
if not settings.PRODUCTION:
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
"""
    ),
    "everybody unless told": _py(
        """
from app.core import settings
app = FastAPI()
origins = settings.ORIGINS if isinstance(settings.ORIGINS, list) else ["*"]
app.add_middleware(CORSMiddleware, allow_origins=origins, allow_credentials=True)
""",
    ),
    "a guard added last": _py(
        """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.com"])

@app.middleware("http")
async def require_key(request, call_next):
    if request.headers.get("authorization") != os.environ["KEY"]:
        return JSONResponse({"detail": "no key"}, status_code=401)
    return await call_next(request)
""",
        "CORS126",
    ),
    "timing added last": _py(
        """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.com"])

@app.middleware("http")
async def timing(request, call_next):
    response = await call_next(request)
    response.headers["X-Time"] = "1"
    return response
""",
    ),
    "only in a test": Shape(
        (
            (
                "tests/test_cors.py",
                """
def test_it(client):
    response = client.get('/', headers={'Origin': 'https://a.example'})
    assert response.headers['Access-Control-Allow-Origin'] == '*'
""",
            ),
        )
    ),
    "flask, everything": _flask("CORS(app)\n", "CORS108"),
    "flask, everything with cookies": _flask(
        "CORS(app, supports_credentials=True)\n", "CORS100", "CORS108"
    ),
    "flask, a glob": _flask(
        "CORS(app, resources={r'/api/*': {'origins': ['https://*.example.com']}})\n",
        "CORS102",
    ),
    "flask, a list": _flask(
        "CORS(app, origins=['https://shop.example.com', 'http://localhost:3000'])\n"
    ),
    "flask, by hand": _flask(
        """
@app.after_request
def add_headers(response):
    response.headers['Access-Control-Allow-Origin'] = request.headers.get('Origin', '*')
    response.headers['Access-Control-Allow-Credentials'] = 'true'
    return response
""",
        "CORS100",
    ),
    "flask, the origin as a guard": Shape(
        (
            (
                "app.py",
                """
from flask import Flask, abort, request
from flask_cors import CORS
app = Flask(__name__)
ALLOWED = ["https://shop.example.com"]
CORS(app, origins=ALLOWED[0])

@app.before_request
def only_ours():
    if request.headers.get("Origin") not in ALLOWED:
        abort(403)
""",
            ),
        ),
        ("CORS107",),
    ),
    "fastapi, the origin as a guard": _py(
        """
from fastapi.responses import JSONResponse
ALLOWED = {"https://shop.example.com"}
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=list(ALLOWED))

@app.middleware("http")
async def only_ours(request, call_next):
    if request.headers.get("origin") not in ALLOWED:
        return JSONResponse({"detail": "no"}, status_code=403)
    return await call_next(request)
""",
        "CORS107",
    ),
    "django while developing": Shape(
        (
            (
                "shop/settings.py",
                """
import os
DEBUG = os.getenv("DEBUG", "False") == "True"
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
if DEBUG:
    CORS_ALLOW_ALL_ORIGINS = True
else:
    CORS_ALLOWED_ORIGINS = os.getenv("ORIGINS", "https://shop.example.com").split(",")
CORS_ALLOW_CREDENTIALS = True
""",
            ),
        )
    ),
    "django, the usual slips": Shape(
        (
            (
                "shop/settings.py",
                r"""
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "corsheaders.middleware.CorsMiddleware",
]
CORS_ORIGIN_ALLOW_ALL = True
CORS_ORIGIN_WHITELIST = ("localhost:3000", "https://shop.example.com")
CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://.*\.vercel\.app$"]
""",
            ),
        ),
        ("CORS110", "CORS111", "CORS113", "CORS126"),
    ),
    "a class": _ts("""
export class Server {
  private app: express.Application;
  constructor() {
    this.app = express();
    this.configure();
  }
  public configure(): void {
    if ((process.env.NODE_ENV as string) !== 'production') {
      this.app.use(morgan('dev'));
    }
    this.app.use(cors({ origin: '*', methods: ['GET', 'POST'] }));
  }
}
"""),
    "a list that grows": _js(
        """
const ALLOWED = ['http://localhost:3000', 'https://shop.example.com'];
if (process.env.CLIENT_URL) ALLOWED.push(process.env.CLIENT_URL);
app.use(cors({
  origin: (origin, cb) => {
    if (!origin) return cb(null, true);
    if (ALLOWED.includes(origin)) return cb(null, true);
    console.warn(`blocked: ${origin}`);
    cb(new Error(`Origin ${origin} not allowed`));
  },
  credentials: true,
}));
app.use(helmet());
app.use('/api/', apiRateLimiter);
app.use('/api/v1/orders', orderRoutes);
app.get('/health', async (req, res) => { res.json({ ok: true }); });
""",
    ),
    "a middleware of another file": Shape(
        (
            (
                "middleware/cors.js",
                """
const origins = require('../config');

module.exports = function allow(req, res, next) {
  res.header('Access-Control-Allow-Origin', req.headers.origin);
  res.header('Access-Control-Allow-Credentials', 'true');
  res.vary('Origin');
  if (req.method === 'OPTIONS') return res.sendStatus(204);
  next();
};
""",
            ),
            (
                "app.js",
                """
const express = require('express');
const allow = require('./middleware/cors');
const app = express();
app.use(allow);
""",
            ),
        ),
        ("CORS100",),
    ),
    "a webhook before": _js(
        """
app.use('/webhooks/stripe', express.raw({ type: '*/*' }), stripeRouter);
app.use(cors({ origin: ['https://shop.example.com'] }));
app.use('/api', apiRouter);
"""
    ),
    "routes before": _js(
        """
app.use('/api', apiRouter);
app.use(cors({ origin: ['https://shop.example.com'] }));
""",
        "CORS126",
    ),
    "a token asked for first": _js(
        """
const { verifyToken } = require('./auth');
app.use(verifyToken);
app.use(cors({ origin: ['https://shop.example.com'] }));
""",
        "CORS126",
    ),
    "what is required where it is used": Shape(
        (
            (
                "server.js",
                """
const app = require("express")();
app.use(require("cors")({ origin: /shop.example.com$/, credentials: true }));
""",
            ),
        ),
        ("CORS102",),
    ),
    "a list and a comment": _js("""
// app.use(cors({ origin: '*', credentials: true }));
app.use(cors({
  origin: ['http://localhost:5173', 'https://shop.example.com'],
  allowedHeaders: ['Content-Type', 'Authorization'],
  credentials: true,
}));
app.use('/api/auth', authRoutes);
"""),
    "yes to everybody in the end": _js(
        """
const allowed = [process.env.CLIENT_URL, 'http://localhost:5173'].filter(Boolean);
const check = (origin, callback) => {
  if (!origin) return callback(null, true);
  if (allowed.includes(origin)) return callback(null, true);
  callback(null, true); // all of them, for now
};
app.use(cors({ origin: check, credentials: true }));
""",
        "CORS100",
    ),
    "reflected, then overwritten": _js(
        """
app.use(cors({ origin: true, credentials: true }));
app.use(function (req, res, next) {
  res.setHeader('Access-Control-Allow-Origin', '*');
  next();
});
""",
        "CORS101",
    ),
    "an end": _js(
        """
app.use(cors({
  origin(origin, callback) {
    if (!origin || origin.endsWith('shop-example.com')) callback(null, true);
    else callback(null, false);
  },
  credentials: true,
}));
""",
        "CORS102",
    ),
    "a host that is parsed": _js(
        """
app.use(cors({
  origin: (origin, callback) => {
    if (!origin) return callback(null, true);
    const host = new URL(origin).hostname;
    callback(null, origin.startsWith('https://') && host.endsWith('.shop.example.com'));
  },
}));
""",
    ),
    "a guard first": _js(
        """
app.use(passport.initialize());
app.use(requireAuth);
app.use(cors({ origin: ['https://shop.example.com'], credentials: true }));
function requireAuth(req, res, next) {
  if (!req.headers.authorization) return res.status(401).json({ error: 'no token' });
  next();
}
""",
        "CORS126",
    ),
    "a guard after preflights": _js(
        """
app.options('*', cors());
app.use(passport.initialize());
app.use(cors());
app.use('/api', requireAuth, routes);
""",
        "CORS108",
    ),
    "the origin as a guard": _js(
        """
const allowed = ['https://shop.example.com'];
app.use((req, res, next) => {
  if (!allowed.includes(req.headers.origin)) {
    return res.status(403).send('Forbidden');
  }
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
  res.vary('Origin');
  next();
});
""",
        "CORS107",
    ),
    "a session that stays at home": _js(
        """
const session = require('express-session');
app.use(cors({ origin: ['https://shop.example.org'], credentials: true }));
app.use(session({ secret: 'x', cookie: { sameSite: 'lax', secure: true } }));
""",
        "CORS153",
    ),
    "a nest": Shape(
        (
            (
                "src/main.ts",
                """
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.enableCors({ origin: process.env.ORIGIN?.split(',') ?? ['https://shop.example.com'] });
  await app.listen(3000);
}
bootstrap();
""",
            ),
        )
    ),
    "one way in production, another before": Shape(
        (
            (
                "src/main.ts",
                """
import { NestFactory } from '@nestjs/core';
async function bootstrap() {
  const app = await NestFactory.create<NestExpressApplication>(AppModule);
  const config = app.get(ConfigService);
  const isProduction = config.get('PRODUCTION') === 'true';
  if (isProduction) {
    app.enableCors({ origin: config.get('ORIGINS').split(','), credentials: true });
  } else {
    app.enableCors({ origin: true, credentials: true });
  }
}
bootstrap();
""",
            ),
        )
    ),
    "sockets without, but while developing": Shape(
        (
            (
                "server/io.js",
                """
const { Server } = require('socket.io');
const { isDev } = require('./util');
let cors = undefined;
if (isDev) {
  cors = { origin: '*' };
}
const io = new Server(httpServer, { cors });
""",
            ),
        )
    ),
    "java, everybody with cookies": _java(
        """
@Configuration
class Config {
  @Bean
  public SecurityFilterChain chain(HttpSecurity http) throws Exception {
    http.cors(c -> c.configurationSource(source()))
        .authorizeHttpRequests(
            a -> a.requestMatchers("/auth/**").permitAll().anyRequest().authenticated());
    return http.build();
  }
  @Bean
  public CorsConfigurationSource source() {
    CorsConfiguration config = new CorsConfiguration();
    config.setAllowedOriginPatterns(List.of("*"));
    config.setAllowedMethods(List.of("GET", "POST", "PUT"));
    config.setAllowedHeaders(List.of("*"));
    config.setAllowCredentials(true);
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/**", config);
    return source;
  }
}
""",
        "CORS100",
    ),
    "java, this machine": _java("""
@Configuration
class Config {
  @Bean
  public CorsConfigurationSource corsConfigurationSource() {
    var config = new org.springframework.web.cors.CorsConfiguration();
    config.setAllowedOriginPatterns(List.of("http://localhost:*", "https://shop.example.com"));
    config.setAllowedMethods(List.of("GET", "POST"));
    config.setAllowCredentials(true);
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/**", config);
    return source;
  }
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    return http.cors(Customizer.withDefaults())
        .authorizeHttpRequests(a -> a.anyRequest().authenticated())
        .build();
  }
}
"""),
    "java, a source for every request": _java(
        """
@Configuration
class Config {
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    return http.cors(withDefaults()).build();
  }
  @Bean
  public CorsConfigurationSource corsConfigurationSource() {
    return request -> {
      CorsConfiguration config = new CorsConfiguration();
      config.setAllowedMethods(Collections.singletonList("*"));
      config.setAllowedOriginPatterns(Collections.singletonList("*"));
      config.setAllowCredentials(true);
      return config;
    };
  }
}
""",
        "CORS100",
    ),
    "java, by setting": _java("""
@Configuration
class Config {
  @Value("${front.url}") private String frontUrl;
  @Bean
  public CorsConfigurationSource corsConfigurationSource() {
    CorsConfiguration config = new CorsConfiguration();
    if (frontUrl == null || frontUrl.isBlank()) {
      config.setAllowedOriginPatterns(List.of("*"));
      config.setAllowCredentials(false);
    } else {
      List<String> origins = Arrays.stream(frontUrl.split(",")).map(String::trim).toList();
      config.setAllowedOrigins(origins);
      config.setAllowCredentials(true);
    }
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/**", config);
    return source;
  }
}
"""),
    "java, forgotten in security": _java(
        """
@Configuration
class Config implements WebMvcConfigurer {
  @Override
  public void addCorsMappings(CorsRegistry registry) {
    registry.addMapping("/**").allowedOrigins("https://shop.example.com").allowedMethods("*");
  }
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(a -> a.anyRequest().authenticated())
        .httpBasic(withDefaults())
        .build();
  }
}
""",
        "CORS121",
    ),
    "java, an annotation": _java("""
@RestController
@RequestMapping("/api")
@CrossOrigin(origins = "http://localhost:4200")
class Api {
  @GetMapping("/items") public List<Item> items() { return null; }
  @PostMapping("/items") public Item add() { return null; }
}
"""),
    "java, sockets only": _java("""
@Configuration
class Sockets implements WebSocketMessageBrokerConfigurer {
  @Override
  public void registerStompEndpoints(StompEndpointRegistry registry) {
    registry.addEndpoint("/ws").setAllowedOriginPatterns("*").withSockJS();
  }
}
"""),
}
