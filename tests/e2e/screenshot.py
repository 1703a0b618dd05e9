"""``python -m tests.e2e.screenshot`` writes docs/images/shop.png: the back office at work."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from examples.shop.addresses import choose_base
from examples.shop.demo import open_shop, shop_policy
from examples.shop.pages import origins
from tests.e2e.chromium import ARGUMENTS, EXECUTABLE

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "shop.png"
ROWS = ("sign-in", "invoices", "amend-invoice", "traced-search")


def main() -> None:
    policy = shop_policy(choose_base())
    with open_shop(policy), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1200, "height": 1080}, color_scheme="light")
        page.goto(origins(policy)["admin"])
        for row in ROWS:
            for way in page.locator(f"[data-call={row}] .way").all():
                way.get_by_role("button").click()
                expect(way).to_have_attribute("data-right", "true")
        page.mouse.move(0, 0)
        page.locator("body").click(position={"x": 1, "y": 1})
        page.screenshot(path=IMAGE)
        browser.close()


if __name__ == "__main__":
    main()
