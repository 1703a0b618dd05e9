"""What is predicted of Python source is what the running app answers, header for header."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.python_apps import READER
from tests.layers.apps.asked import only, read, requests, told
from tests.layers.apps.python_apps import asgi, django_app, loaded, wsgi

_FASTAPI = """
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]

def answer(request):
    if request.url.path == "/crash":
        raise RuntimeError("on purpose")
    return PlainTextResponse("fine", headers={"Vary": "Accept-Encoding"})

routes = [Route("/{path:path}", answer, methods=METHODS)]
"""
_STARLETTE_APPS = {
    "a list": """
app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])
""",
    "everybody with cookies": """
app = Starlette(routes=routes)
app.add_middleware(
    CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"],
    allow_headers=["*"], expose_headers=["X-Total"], max_age=3600,
)
""",
    "everybody": """
app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "PUT"])
""",
    "a regex": """
app = Starlette(routes=routes)
app.add_middleware(
    CORSMiddleware, allow_origin_regex=r"https://.*example\\.com", allow_credentials=True,
    allow_methods=("GET", "PUT"), allow_headers=["X-Custom"],
)
""",
    "a text for a list": """
app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins="https://app.example.com")
""",
    "constants and sums": """
BASE = ["https://app.example.com"]
ORIGINS = BASE + ["http://localhost:3000"]
ORIGINS += ["https://" + "admin.example.com"]
ORIGINS.append("null")
app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_headers=["authorization"])
""",
    "an environment default": """
import os
ORIGINS = [o.strip() for o in os.getenv("NOT_SET_HERE", "https://app.example.com, null").split(",")]
app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
""",
    "in the constructor": """
app = Starlette(
    routes=routes,
    middleware=[Middleware(CORSMiddleware, allow_origins=["https://app.example.com"])],
)
""",
    "around the app": """
app = CORSMiddleware(
    Starlette(routes=routes), allow_origins=["https://app.example.com"], allow_methods=["*"]
)
""",
    "in a function": """
def create_app():
    app = Starlette(routes=routes)
    app.add_middleware(CORSMiddleware, allow_origins=origins(), allow_credentials=not False)
    return app

def origins():
    return ["https://app.example.com", *MORE]

MORE = ("https://admin.example.com",)
app = create_app()
""",
    "a guard inside": """
class Guard(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        if request.headers.get("authorization") is None and request.method == "OPTIONS":
            return JSONResponse({}, status_code=401)
        return await call_next(request)

app = Starlette(routes=routes)
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])
""",
    "by hand: reflected": """
class Cors(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "*")
        response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

app = Starlette(routes=routes)
app.add_middleware(Cors)
""",
    "by hand: a list": """
ALLOWED = {"https://app.example.com", "null"}

class Cors(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        origin = request.headers.get("origin")
        if request.method == "OPTIONS":
            response = Response(status_code=204)
        else:
            response = await call_next(request)
        if origin in ALLOWED:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers.append("Vary", "Origin")
        return response

app = Starlette(routes=routes)
app.add_middleware(Cors)
""",
    "by hand: ends and begins": """
class Cors(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        origin = request.headers.get("Origin") or ""
        response = await call_next(request)
        if origin.endswith(".vercel.app") or origin.startswith(("https://app.", "http://localhost")):
            response.headers["Access-Control-Allow-Origin"] = origin
        elif "evil" not in origin and origin:
            response.headers["Access-Control-Allow-Origin"] = "https://app.example.com"
        return response

app = Starlette(routes=routes)
app.add_middleware(Cors)
""",
    "by hand: a regex, early return": """
import re
PATTERN = re.compile(r"https://([a-z]+\\.)?example\\.com")

def allowed(origin):
    if not origin:
        return False
    return PATTERN.match(origin) is not None

class Cors(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        origin = request.headers.get("Origin")
        if request.method == "OPTIONS" and allowed(origin):
            return Response(
                status_code=200,
                headers={"Access-Control-Allow-Origin": origin, "Access-Control-Max-Age": "60"},
            )
        response = await call_next(request)
        if allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

app = Starlette(routes=routes)
app.add_middleware(Cors)
""",
}


def _starlette_service(request: WireRequest) -> Response:
    status = 500 if request.url.endswith("/crash") else 200
    return Response(status, (("Vary", "Accept-Encoding"),) if status == 200 else ())


def _compare_asgi(source: str) -> None:
    instance = only(read(READER, ("app.py", source)))
    app = loaded(source).app
    for request in requests(["/x", "/crash"]):
        predicted = told(instance.hop(request, _starlette_service))
        assert predicted == told(asgi(app, request)), request


@pytest.mark.parametrize("name", _STARLETTE_APPS)
def test_starlette(name: str) -> None:
    _compare_asgi(_FASTAPI + _STARLETTE_APPS[name])


_FLASK = """
import re
from datetime import timedelta
from flask import Flask, request, make_response
from flask_cors import CORS, cross_origin

app = Flask(__name__)
METHODS = ["GET", "POST", "PUT", "DELETE"]

@app.route("/x", methods=METHODS)
@app.route("/api/v1/x", methods=METHODS)
@app.route("/apiary", methods=METHODS)
def view():
    return "fine", 200, {"Vary": "Accept-Encoding"}
"""
_FLASK_APPS = {
    "nothing said": "CORS(app)",
    "credentials": "CORS(app, supports_credentials=True)",
    "one text": "CORS(app, origins='https://app.example.com')",
    "a list": "CORS(app, origins=['https://app.example.com', 'http://localhost:3000'], max_age=60)",
    "another case": "CORS(app, origins=['https://APP.example.com', 'null'])",
    "a glob": "CORS(app, origins=['https://*.example.com'], supports_credentials=True)",
    "a regex": r"CORS(app, origins=[r'https://.*\.example\.com$', re.compile('http://.*')])",
    "a resource": "CORS(app, resources={r'/api/*': {'origins': 'https://app.example.com'}})",
    "resources in order": """
CORS(app, resources={
    '/api/.*': {'origins': '*'},
    '/api/v1/.*': {'origins': ['https://app.example.com'], 'methods': ['GET', 'put']},
    '/x': {'origins': 'https://admin.example.com', 'allow_headers': ['X-Custom', 'content-.*']},
})
""",
    "a list of resources": "CORS(app, resources=[r'/api/*', '/x'], origins='null')",
    "a wildcard sent": "CORS(app, send_wildcard=True, expose_headers=['X-B', 'X-A'])",
    "no Vary": "CORS(app, origins=['https://app.example.com', 'null'], vary_header=False)",
    "not always": "CORS(app, origins=['https://app.example.com', 'null'], always_send=False)",
    "by init_app": """
cors = CORS(origins=["null"])
cors.init_app(app, max_age=timedelta(minutes=1))
""",
    "by configuration": """
app.config['CORS_ORIGINS'] = ['https://app.example.com']
app.config['CORS_SUPPORTS_CREDENTIALS'] = True
CORS(app)
""",
    "a hook": """
@app.after_request
def hook(response):
    response.headers.add('Access-Control-Allow-Origin', '*')
    response.headers.add('Access-Control-Allow-Headers', 'Content-Type,Authorization')
    response.headers['Access-Control-Allow-Methods'] = 'GET,PUT'
    return response
""",
    "a hook with a list": """
ALLOWED = ('https://app.example.com', 'https://admin.example.com')

@app.after_request
def hook(response):
    origin = request.headers.get('Origin')
    if origin and (origin in ALLOWED or re.fullmatch(r'https://[a-z-]+\\.vercel\\.app', origin)):
        response.headers['Access-Control-Allow-Origin'] = origin
        response.headers.setdefault('Vary', 'Origin')
    return response
""",
    "a view": """
@app.route("/one", methods=METHODS)
@cross_origin(origins=['https://app.example.com', 'null'], supports_credentials=True)
def one():
    return "fine"
""",
    "a view beside an app": """
CORS(app, origins='https://admin.example.com')

@app.route("/one", methods=METHODS)
@cross_origin()
def one():
    return "fine"
""",
}
_FLASK_PATHS = ["/x", "/api/v1/x", "/apiary", "/one"]


def _flask_service(request: WireRequest) -> Response:
    path = request.url.removeprefix("http://127.0.0.1")
    if path == "/one":
        return Response(200)
    vary = () if request.method == "OPTIONS" else (("Vary", "Accept-Encoding"),)
    return Response(200, vary)


@pytest.mark.parametrize("name", _FLASK_APPS)
def test_flask(name: str) -> None:
    source = _FLASK + _FLASK_APPS[name]
    instance = only(read(READER, ("app.py", source)))
    app = loaded(source).app
    paths = _FLASK_PATHS if "/one" in source else _FLASK_PATHS[:-1]
    for request in requests(paths):
        predicted = told(instance.hop(request, _flask_service))
        assert predicted == told(wsgi(app, request)), request


_DJANGO_SETTINGS = {
    "a list": "CORS_ALLOWED_ORIGINS = ['https://app.example.com']",
    "a slash": "CORS_ALLOWED_ORIGINS = ['https://app.example.com/', 'null']",
    "everybody": "CORS_ALLOW_ALL_ORIGINS = True",
    "everybody with cookies": "CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOW_CREDENTIALS = True",
    "old names": "CORS_ORIGIN_WHITELIST = ('http://localhost:3000',)",
    "old names, everybody": "CORS_ORIGIN_ALLOW_ALL = True\nCORS_PREFLIGHT_MAX_AGE = 0",
    "regexes": r"CORS_ALLOWED_ORIGIN_REGEXES = [r'https://app\.example\.com', r'^null$']",
    "compiled": "import re\nCORS_ALLOWED_ORIGIN_REGEXES = [re.compile('HTTPS://APP', re.I)]",
    "some paths": "CORS_URLS_REGEX = r'^/api/.*$'\nCORS_ALLOW_ALL_ORIGINS = True",
    "headers": """
from corsheaders.defaults import default_headers
CORS_ALLOW_HEADERS = [*default_headers, 'x-custom']
CORS_ALLOW_METHODS = ('GET', 'PUT')
CORS_EXPOSE_HEADERS = ['X-Total']
CORS_ALLOWED_ORIGINS = ['https://app.example.com']
CORS_ALLOW_CREDENTIALS = True
""",
    "only while developing": """
import os
DEBUG = os.environ.get('NOT_SET_HERE') == '1'
CORS_ALLOWED_ORIGINS = ['https://app.example.com']
if DEBUG:
    CORS_ALLOW_ALL_ORIGINS = True
else:
    CORS_ALLOWED_ORIGINS += ['https://admin.example.com']
""",
}


def _compare_django(source: str) -> None:
    instance = only(read(READER, ("shop/settings.py", source)))
    app, undo = django_app(source)
    try:
        for request in requests(["/x", "/api/x"]):
            predicted = told(instance.hop(request, lambda _request: Response(200)))
            assert predicted == told(wsgi(app, request)), request
    finally:
        undo()


@pytest.mark.parametrize("name", _DJANGO_SETTINGS)
def test_django(name: str) -> None:
    _compare_django(_DJANGO_SETTINGS[name])


_origin = st.sampled_from(
    [
        "https://app.example.com",
        "https://admin.example.com",
        "https://app.example.com/",
        "HTTPS://app.example.com",
        "app.example.com",
        "*",
        "null",
        "https://*.example.com",
        "http://localhost:3000",
    ]
)
_regex = st.sampled_from(
    [
        r"https://.*\.example\.com",
        r"https://app\.example\.com$",
        r".*",
        r"https?://(app|admin)\.example\.com",
        r"(?i)HTTPS://APP.*",
        r"https://[\w-]+\.vercel\.app",
        r"null|http://localhost:\d+",
    ]
)
_methods = st.lists(st.sampled_from(["GET", "POST", "PUT", "DELETE", "*", "put"]), max_size=3)
_headers = st.lists(st.sampled_from(["X-Custom", "content-type", "Authorization", "*"]), max_size=3)
_FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@_FEW
@given(
    st.lists(_origin, max_size=3),
    st.none() | _regex,
    _methods,
    _headers,
    st.booleans(),
    st.lists(st.sampled_from(["X-A", "X-B"]), max_size=2, unique=True),
    st.integers(0, 100_000),
)
def test_any_options_of_starlette(
    origins: list[str],
    regex: str | None,
    methods: list[str],
    headers: list[str],
    credentials: bool,
    exposed: list[str],
    max_age: int,
) -> None:
    _compare_asgi(
        _FASTAPI + f"app = Starlette(routes=routes)\n"
        f"app.add_middleware(CORSMiddleware, allow_origins={origins!r}, "
        f"allow_origin_regex={regex!r}, allow_methods={methods!r}, allow_headers={headers!r}, "
        f"allow_credentials={credentials}, expose_headers={exposed!r}, max_age={max_age})\n"
    )


@_FEW
@given(
    st.lists(_origin.filter(lambda one: "://" in one and "*" not in one), max_size=3),
    st.lists(_regex, max_size=2),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 60, 86400]),
)
def test_any_settings_of_django(
    origins: list[str], regexes: list[str], credentials: bool, everybody: bool, max_age: int
) -> None:
    _compare_django(
        f"CORS_ALLOWED_ORIGINS = {origins!r}\nCORS_ALLOWED_ORIGIN_REGEXES = {regexes!r}\n"
        f"CORS_ALLOW_CREDENTIALS = {credentials}\nCORS_ALLOW_ALL_ORIGINS = {everybody}\n"
        f"CORS_PREFLIGHT_MAX_AGE = {max_age}\n"
    )
