"""A cookie session across sites: pages on http, the gateway on https, SameSite=None; Secure."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext

from corsage.browser import Request
from corsage.policy.model import Policy, Tls
from examples.shop.addresses import free_base
from examples.shop.calls import CALLS, SIGN_IN
from examples.shop.demo import open_shop, shop_policy
from examples.shop.pages import origins
from examples.shop.predict import shop_client
from tests.e2e.chromium import ARGUMENTS, EXECUTABLE, FrontEnd, predict

pytestmark = [pytest.mark.chromium, pytest.mark.nginx]

COOKIE_CALLS = [(name, call) for name in ("app", "admin") for call in CALLS[name] if call.cookies]


@pytest.fixture(scope="module")
def secure_shop(tmp_path_factory) -> Iterator[Policy]:
    """The shop with its gateway on https://localhost, with a certificate made for the test."""
    folder = tmp_path_factory.mktemp("tls")
    tls = Tls(str(folder / "certificate.pem"), str(folder / "key.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-nodes", "-days", "2", "-out", tls.certificate, "-keyout", tls.key]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    policy = shop_policy(free_base(15_000))
    public = policy.gateway.public_origin.replace("http://", "https://")
    policy = replace(policy, gateway=replace(policy.gateway, tls=tls, public=public))
    with open_shop(policy):
        yield policy


@pytest.fixture(scope="module")
def everyday(playwright, tmp_path_factory) -> Iterator[BrowserContext]:
    """A profile that keeps cookies of other sites: Debian's Chromium 156 refuses them unless it
    is told otherwise, and private windows always do."""
    folder = tmp_path_factory.mktemp("profile")
    (folder / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=EXECUTABLE,
        args=list(ARGUMENTS),
        ignore_https_errors=True,
    )
    yield context
    context.close()


@pytest.fixture(scope="module")
def signed_in(everyday, secure_shop) -> Callable[[str], FrontEnd]:
    """A front end's page that signs in through the gateway, as its user would."""
    opened: dict[str, FrontEnd] = {}

    def open_page(name: str) -> FrontEnd:
        if name not in opened:
            page = opened[name] = FrontEnd(everyday, origins(secure_shop)[name])
            sign_in = SIGN_IN.request(secure_shop.gateway.public_origin, page.origin)
            assert_as_predicted(page, sign_in, secure_shop)
        return opened[name]

    return open_page


def assert_as_predicted(page: FrontEnd, request: Request, policy: Policy) -> None:
    client = shop_client(
        policy,
        page.cookie(request.url),
        user_agent=page.user_agent,
        tls=ssl.create_default_context(cafile=policy.gateway.tls.certificate),
    )
    predicted = predict(request, client)
    assert page.ask(request, predicted.console) == predicted


def test_the_session_cookie_is_one_that_may_cross_sites(secure_shop, signed_in):
    (cookie,) = signed_in("app").context.cookies(secure_shop.gateway.public_origin)
    assert (cookie["name"], cookie["sameSite"]) == ("session", "None")
    assert cookie["secure"]
    assert cookie["httpOnly"]


def test_the_session_travels_to_the_other_site(secure_shop, signed_in):
    page = signed_in("app")
    me = Request(f"{secure_shop.gateway.public_origin}/auth/me", page.origin, credentials="include")
    seen = page.ask(me)
    assert (seen.status, seen.body) == (200, '{"user": "ada", "plan": "florist"}\n')


@pytest.mark.parametrize(
    ("name", "call"), COOKIE_CALLS, ids=[f"{name}-{call.id}" for name, call in COOKIE_CALLS]
)
def test_every_call_with_cookies_is_as_predicted_over_tls(secure_shop, signed_in, name, call):
    page = signed_in(name)
    request = call.request(secure_shop.gateway.public_origin, page.origin)
    assert_as_predicted(page, request, secure_shop)


def test_without_credentials_the_session_stays_at_home(secure_shop, signed_in):
    page = signed_in("admin")
    me = Request(f"{secure_shop.gateway.public_origin}/auth/me", page.origin, credentials="omit")
    assert_as_predicted(page, me, secure_shop)
    assert page.ask(me).status == 401


def test_a_page_that_the_policy_does_not_know_cannot_sign_in(chromium, secure_shop):
    with chromium.new_context(ignore_https_errors=True) as context:
        page = FrontEnd(context, origins(secure_shop)["partner"])
        sign_in = SIGN_IN.request(secure_shop.gateway.public_origin, page.origin)
        assert_as_predicted(page, sign_in, secure_shop)


def test_where_cookies_of_other_sites_are_refused_cors_is_fine_and_the_session_is_missing(
    chromium, secure_shop
):
    with chromium.new_context(ignore_https_errors=True) as context:
        page = FrontEnd(context, origins(secure_shop)["app"])
        sign_in = SIGN_IN.request(secure_shop.gateway.public_origin, page.origin)
        assert page.ask(sign_in).status == 200
        me = replace(sign_in, url=f"{secure_shop.gateway.public_origin}/auth/me")
        me = replace(me, method="GET", headers=(), body=None)
        assert_as_predicted(page, me, secure_shop)
        assert page.ask(me).status == 401
