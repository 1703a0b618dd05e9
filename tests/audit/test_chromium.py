"""What the audit says that a page may read, a page in a real Chromium reads; what it calls broken,
none can."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, sync_playwright

from corsage.check import Finding
from corsage.check.audit_rules import RULES
from tests.audit.conftest import Visited, Zoo
from tests.audit.zoo import HOST, ZOO
from tests.e2e.chromium import ARGUMENTS, EXECUTABLE

pytestmark = pytest.mark.chromium

_READ = """async ([url, credentials]) => {
  try {
    const response = await fetch(url, {credentials, cache: "no-store"});
    return await response.text();
  } catch (error) {
    return `${error}`;
  }
}"""

_FAILED = "TypeError: Failed to fetch"


class Attacker:
    """Pages of any origin, in one browser whose visitor is signed in at the API."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._at = ""

    def open(self, address: str) -> Page:
        """The page with this address in its tab."""
        if address != self._at:
            self._page.goto(address)
            self._at = address
        return self._page

    def on(self, origin: str) -> Page:
        """A page on ``origin``; an opaque one is that of a sandboxed document."""
        return self.open(f"https://{HOST}/sandboxed" if origin == "null" else f"{origin}/page")

    def reads(self, origin: str, url: str, credentials: str) -> str:
        """What a script on ``origin`` gets."""
        return str(self.on(origin).evaluate(_READ, [url, credentials]))


@pytest.fixture(scope="module")
def attacker(zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacker]:
    # Every name and every port is the zoo.
    mapped = (
        f"MAP *:80 127.0.0.1:{zoo.http}, MAP *:443 127.0.0.1:{zoo.https}, "
        f"MAP *:8443 127.0.0.1:{zoo.https}, MAP *:3000 127.0.0.1:{zoo.http}"
    )
    # Debian's Chromium refuses cookies of other sites unless it is told otherwise.
    folder = tmp_path_factory.mktemp("profile")
    (folder / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=EXECUTABLE,
            args=[*ARGUMENTS, f"--host-resolver-rules={mapped}"],
            ignore_https_errors=True,
        )
        cookie = {"name": "session", "value": "1", "domain": HOST, "path": "/"}
        context.add_cookies([{**cookie, "secure": True, "sameSite": "None"}])
        yield Attacker(context.new_page())
        context.close()


def of_kind(visited: Visited, first: str, last: str) -> list[tuple[str, Finding]]:
    found = [
        (name, finding)
        for name, outcome in visited.outcomes.items()
        for finding in outcome.findings
        if first <= finding.rule <= last
    ]
    # By origin: opening a page takes longer than all that it then reads.
    return sorted(found, key=lambda pair: str(pair[1].witness))


def test_every_page_that_may_read_does(visited: Visited, attacker: Attacker):
    """One browser for all: each finding is replayed from the origin that it names."""
    replayed = of_kind(visited, "CORS200", "CORS213")
    assert {finding.rule for _, finding in replayed} == {r for r in RULES if r <= "CORS213"}
    wrong = []
    for name, finding in replayed:
        signed_in = "with the visitor's credentials" in finding.message
        url = f"{ZOO[name].scheme}://{HOST}/{name}"
        got = attacker.reads(finding.witness, url, "include" if signed_in else "omit")
        # Over http no cookie travels to another site: being read is all there is to see.
        expected = f'"signed_in": {str(signed_in and url.startswith("https:")).lower()}'
        if expected not in got:
            wrong.append((name, finding.witness, got))
    assert wrong == []


def test_the_other_origins_that_a_finding_names_read_as_well(visited: Visited, attacker: Attacker):
    claims = [
        (origin, name)
        for name, finding in of_kind(visited, "CORS200", "CORS213")
        for others in re.findall(r"so may (.*?)(?: and \d+ more)?\.$", finding.evidence)
        for origin in others.split(", ")
    ]
    assert claims
    for origin, name in sorted(claims):
        got = attacker.reads(origin, f"{ZOO[name].scheme}://{HOST}/{name}", "include")
        assert "signed_in" in got, (name, origin)


def test_what_is_called_broken_is_read_by_nobody(visited: Visited, attacker: Attacker):
    broken = of_kind(visited, "CORS240", "CORS242")
    assert broken
    for origin in ("https://attacker.test", "https://app.example.com", "null"):
        for name, _ in broken:
            got = attacker.reads(origin, f"https://{HOST}/{name}", "include")
            assert got == _FAILED, (name, origin)


def test_nobody_unexpected_reads_from_a_safe_server(visited: Visited, attacker: Attacker):
    """The stranger and the null origin, with cookies, on every cage without findings."""
    safe = [name for name, cage in ZOO.items() if not cage.rules]
    for origin in ("https://attacker.test", "null", "https://attackerexample.com"):
        for name in safe:
            url = f"{ZOO[name].scheme}://{HOST}/{name}"
            assert attacker.reads(origin, url, "include") == _FAILED, (name, origin)


def test_granted_methods_and_headers_are_sent(visited: Visited, attacker: Attacker):
    for name, finding in of_kind(visited, "CORS230", "CORS231"):
        init = (
            {"method": "CORSAGE"}
            if finding.rule == "CORS230"
            else {"headers": {"X-Corsage-Audit": "x"}}
        )
        got = attacker.on(str(finding.witness)).evaluate(
            "async ([url, init]) => (await fetch(url, {...init, credentials: 'include'})).text()",
            [f"https://{HOST}/{name}", init],
        )
        assert "signed_in" in got


_READ_AS_KEPT = """async (url) => {
  try {
    return await (await fetch(url, {credentials: "include"})).text();
  } catch (error) {
    return `${error}`;
  }
}"""


@pytest.mark.parametrize(
    ("name", "is_read"), [("vary-missing-http", False), ("safe-vary-http", True)]
)
def test_an_answer_without_vary_locks_the_app_out_of_its_own_cache(
    attacker: Attacker, name: str, is_read: bool
):
    """Somebody opens the address, without Origin; then the app asks, and the cache answers.

    Over http: what comes with a certificate that nobody signed is not kept.
    """
    url = f"http://{HOST}/{name}?n={uuid4()}"
    attacker.open(url)
    got = attacker.open("http://app.example.com/page").evaluate(_READ_AS_KEPT, url)
    assert ("signed_in" in got) is is_read
