"""One Chromium, one shop, and a page of each front end, for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from corsage.policy.model import Policy
from examples.shop.addresses import free_base
from examples.shop.calls import SIGN_IN
from examples.shop.demo import open_shop, shop_policy
from examples.shop.pages import origins
from tests.e2e.chromium import ARGUMENTS, EXECUTABLE, FrontEnd


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def shop() -> Iterator[Policy]:
    """The running shop's policy."""
    policy = shop_policy(free_base(10_000))
    with open_shop(policy):
        yield policy


@pytest.fixture(scope="package")
def front_end(chromium, shop) -> Iterator[Callable[[str], FrontEnd]]:
    """The page of a front end, signed in through the gateway where the policy lets it."""
    opened: dict[str, FrontEnd] = {}

    def open_page(name: str) -> FrontEnd:
        if name not in opened:
            page = FrontEnd(chromium.new_context(), origins(shop)[name])
            if name != "partner":
                seen = page.ask(SIGN_IN.request(shop.gateway.public_origin, page.origin))
                assert seen.status == 200
            opened[name] = page
        return opened[name]

    yield open_page
    for page in opened.values():
        page.context.close()
