"""Firefox over WebDriver BiDi, spoken directly: no geckodriver, no Selenium.

There is no enum of reasons; the reason is the text of the console line (log.entryAdded).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.differential.case import PAGES, Case, Observed, case_id
from tests.differential.connection import Connection
from tests.differential.process import BrowserProcess
from tests.differential.server import CaseServer

EXECUTABLE = "/usr/bin/firefox-esr"

_PREFERENCES = {
    # Nothing on its own account: no updates, no telemetry, no look-ups.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.prefetch-next": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
}


class Firefox:
    """``start``, then ``play`` batches, then ``collect`` what was told about them."""

    name = "firefox"

    def __init__(self, server: CaseServer) -> None:
        self._server = server
        self._process = BrowserProcess(self.name)
        self._contexts: dict[str, str] = {}
        self._seen: dict[str, Observed] = {}
        self.version = ""

    async def start(self) -> None:
        """Starts the browser and opens both pages."""
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        (self._process.profile / "user.js").write_text("\n".join(lines))
        address = await self._process.start(
            [
                EXECUTABLE,
                "--headless",
                "--no-remote",
                "--profile",
                str(self._process.profile),
                "--remote-debugging-port",
                "0",
            ],
            r"WebDriver BiDi listening on (ws://\S+)",
        )
        self._connection = await Connection.open(f"{address}/session", self._on_event)
        call = self._connection.call
        session = await call("session.new", {"capabilities": {}})
        self.version = "Firefox/" + session["capabilities"]["browserVersion"]
        await call("session.subscribe", {"events": ["log.entryAdded"]})
        for page in PAGES:
            opened = await call("browsingContext.create", {"type": "tab"})
            self._contexts[page] = opened["context"]
            target = {"context": opened["context"], "url": self._server.page_url(page)}
            await call("browsingContext.navigate", {**target, "wait": "complete"})

    async def stop(self) -> None:
        """Kills the browser."""
        if hasattr(self, "_connection"):
            await self._connection.close()
        await self._process.stop()

    async def play(self, page: str, cases: Sequence[Case]) -> None:
        """Runs cases in one of the server's pages."""
        script = json.dumps([self._server.script(case) for case in cases])
        answer = await self._connection.call(
            "script.evaluate",
            {
                "expression": f"play({script})",
                "awaitPromise": True,
                "target": {"context": self._contexts[page]},
            },
        )
        if answer["type"] != "success":
            raise RuntimeError(f"the page failed: {answer['exceptionDetails']['text']}")
        for result in json.loads(self._server.ports.to_case(answer["result"]["value"])):
            seen = self._of(result.pop("id"))
            for name, value in result.items():
                setattr(seen, name, value)

    async def collect(self) -> dict[str, Observed]:
        """Everything observed since the last call, by case id."""
        await self._connection.quiet()
        seen, self._seen = self._seen, {}
        return seen

    def _of(self, case: str) -> Observed:
        return self._seen.setdefault(case, Observed(outcome="pending"))

    def _on_event(self, method: str, params: dict[str, Any]) -> None:
        if method != "log.entryAdded" or params["level"] != "error":
            return
        text = self._server.ports.to_case(params["text"])
        case = case_id(text)
        if case is not None:
            self._of(case).console.append(text)
