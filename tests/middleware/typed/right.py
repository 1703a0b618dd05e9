"""What users write; every type checker must agree with all of it. Never run."""

from collections.abc import Iterable
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from corsage import Cors
from corsage.middleware import AsgiCors, Options, WsgiCors
from corsage.policy import Policy, PolicyError, load_policy

api = FastAPI()
app = Cors(api, allow_origins=["https://app.example.com"], allow_credentials=True)
uvicorn.run(app)
Mount("/", app=app)
TestClient(app)
site = Starlette(middleware=[Middleware(Cors, allow_origins="*")])
site.add_middleware(Cors, allow_origins="*")


async def tenant(origin: str) -> bool:
    return origin == "https://x.example"


def tenant_sync(origin: str) -> bool:
    return origin == "https://x.example"


Cors(api, allow_origins=tenant, origin_ttl=3.5)
Cors(api, allow_origins=tenant_sync, stray="conflict")
policy: Policy = load_policy("")
policy = load_policy("", read_file=lambda name: Path(name).read_text("utf-8"))
Cors(api, policy=policy, service="billing")
Cors(api, policy="cors.yaml")
options: Options = {"allow_origins": ["https://a.example"], "max_age": 3}
app.replace(**options)
flask = Flask(__name__)
wrapped: WsgiCors = WsgiCors(flask.wsgi_app, allow_origins="*")
body: Iterable[bytes] = Cors(flask, allow_origins="*")({}, print)
AsgiCors(api, allow_origins=["*"])
try:
    Cors(api, allow_origins=[])
except PolicyError as error:
    print(error.problems[0].fix)
