"""The demo's pages: every button shows what Corsage predicted, to everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from examples.shop.calls import CALLS
from examples.shop.pages import origins

pytestmark = [pytest.mark.chromium, pytest.mark.nginx]


@pytest.mark.parametrize("name", CALLS)
def test_every_button_shows_what_was_predicted(chromium, shop, name):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(origins(shop)[name])
        ways = page.locator(".way")
        expect(ways).to_have_count(2 * len(CALLS[name]))
        for way in ways.all():
            way.get_by_role("button").click()
            expect(way).to_have_attribute("data-right", "true")
            expect(way.get_by_text("As predicted.")).to_be_visible()
        count = 2 * len(CALLS[name])
        expect(page.locator("#score")).to_have_text(f"{count} of {count} as Corsage predicted")


def test_run_everything_runs_every_row(chromium, shop):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(origins(shop)["partner"])
        page.get_by_role("button", name="Run everything").click()
        count = 2 * len(CALLS["partner"])
        expect(page.locator("[data-right=true]")).to_have_count(count)


def test_a_block_shows_its_reason_and_the_console_s_words(chromium, shop):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(origins(shop)["app"])
        page.get_by_role("button", name="Direct: Sign in").click()
        way = page.locator("[data-call=sign-in] [data-via=direct]")
        expect(way.get_by_text("Blocked", exact=True)).to_be_visible()
        expect(way.get_by_text("TypeError: Failed to fetch")).to_be_visible()
        way.get_by_text("What the console says").click()
        expect(way.get_by_text("has been blocked by CORS policy")).to_be_visible()


def test_what_a_service_opens_by_mistake_is_named(chromium, shop):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(origins(shop)["partner"])
        page.get_by_role("button", name="Direct: Read the old customer list").click()
        expect(page.get_by_text("the service does, by mistake")).to_be_visible()


def test_each_button_has_a_name_of_its_own_and_works_by_keyboard(chromium, shop):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(origins(shop)["app"])
        expect(page.locator("body")).to_have_attribute("data-ready", "true")
        buttons = page.get_by_role("button")
        names = buttons.evaluate_all("all => all.map((one) => one.ariaLabel ?? one.textContent)")
        assert len(names) == len(set(names)) == 1 + 2 * len(CALLS["app"])
        page.get_by_role("button", name="Through the gateway: Look for roses").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-call=search] [data-via=gateway] strong")).to_have_text(
            "Readable: 200"
        )


def test_a_page_loads_nothing_from_elsewhere_and_has_no_errors(chromium, shop):
    with chromium.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        origin = origins(shop)["admin"]
        page.goto(origin)
        expect(page.locator("body")).to_have_attribute("data-ready", "true")
        assert [url for url in asked if not url.startswith(origin + "/")] == []
        assert errors == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_page_never_scrolls_sideways(chromium, shop, width):
    with chromium.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(origins(shop)["partner"])
        page.get_by_role("button", name="Run everything").click()
        expect(page.locator("[data-right]")).to_have_count(2 * len(CALLS["partner"]))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
