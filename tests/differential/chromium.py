"""Chromium over the raw DevTools protocol.

Network.loadingFailed carries the exact reason (corsErrorStatus), Log.entryAdded the console.
What is refused before it reaches the network has no reason but its console line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from tests.differential.case import PAGES, Case, Observed, Page, case_id
from tests.differential.connection import Connection
from tests.differential.process import BrowserProcess
from tests.differential.server import CaseServer

EXECUTABLE = "/usr/bin/chromium"

# The first follows every failure and every 4xx and 5xx.
_NOT_ABOUT_CORS = ("Failed to load resource", "Clear-Site-Data header")

_TRIES = 400

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)


class Chromium:
    """``start``, then ``play`` batches, then ``collect`` what was told about them."""

    name = "chromium"

    def __init__(self, server: CaseServer) -> None:
        self._server = server
        self._process = BrowserProcess(self.name)
        self._sessions: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._seen: dict[str, Observed] = {}
        self.version = ""

    async def start(self) -> None:
        """Starts the browser and opens both pages."""
        profile = f"--user-data-dir={self._process.profile}"
        address = await self._process.start(
            [EXECUTABLE, *_FLAGS, profile, "about:blank"], r"DevTools listening on (ws://\S+)"
        )
        self._connection = await Connection.open(address, self._on_event)
        self.version = (await self._connection.call("Browser.getVersion", {}))["product"]
        for page in PAGES:
            await self._open(page)

    async def stop(self) -> None:
        """Kills the browser."""
        if hasattr(self, "_connection"):
            await self._connection.close()
        await self._process.stop()

    async def play(self, page: str, cases: Sequence[Case]) -> None:
        """Runs cases in one of the server's pages."""
        script = json.dumps([self._server.script(case) for case in cases])
        result = await self._connection.call(
            "Runtime.evaluate",
            {"expression": f"play({script})", "awaitPromise": True, "returnByValue": True},
            sessionId=self._sessions[page],
        )
        if "exceptionDetails" in result:
            raise RuntimeError(f"the page failed: {result['exceptionDetails']}")
        for answer in json.loads(self._server.ports.to_case(result["result"]["value"])):
            _answer(self._of(answer.pop("id")), answer)

    async def collect(self) -> dict[str, Observed]:
        """Everything observed since the last call, by case id."""
        await self._connection.quiet()
        seen, self._seen = self._seen, {}
        self._urls.clear()
        return seen

    async def _open(self, page: Page) -> None:
        call = self._connection.call
        target = await call("Target.createTarget", {"url": self._server.page_url(page)})
        attached = await call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        session = self._sessions[page] = attached["sessionId"]
        for _ in range(_TRIES):
            if await self._has_runner(session):
                break
            await asyncio.sleep(0.05)
        else:
            raise RuntimeError(f"{page} did not load")
        for domain in ("Network", "Log"):
            await call(f"{domain}.enable", {}, sessionId=session)

    async def _has_runner(self, session: str) -> bool:
        try:
            result = await self._connection.call(
                "Runtime.evaluate", {"expression": "typeof play"}, sessionId=session
            )
        except RuntimeError:  # between two documents there is no context to ask
            return False
        return bool(result["result"].get("value") == "function")

    def _of(self, case: str) -> Observed:
        return self._seen.setdefault(case, Observed(outcome="pending"))

    def _on_event(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self._urls.setdefault(params["requestId"], params["request"]["url"])
        elif method == "Network.loadingFailed":
            self._on_failure(params)
        elif method == "Log.entryAdded":
            self._on_log(params["entry"])

    def _on_failure(self, params: dict[str, Any]) -> None:
        case = case_id(self._urls.get(params["requestId"], ""))
        if case is None or params["type"] == "Preflight":
            return
        self._of(case).net_errors.append(params.get("blockedReason") or params["errorText"])
        if "corsErrorStatus" in params:
            seen = self._of(case)
            seen.cors_error = params["corsErrorStatus"]["corsError"]
            named = params["corsErrorStatus"]["failedParameter"]
            seen.failed_parameter = self._server.ports.to_case(named)

    def _on_log(self, entry: dict[str, Any]) -> None:
        text = self._server.ports.to_case(entry["text"])
        case = case_id(text) or case_id(entry.get("url") or "")
        if case is not None and not text.startswith(_NOT_ABOUT_CORS):
            self._of(case).console.append(text)


def _answer(seen: Observed, answer: dict[str, Any]) -> None:
    for name, value in answer.items():
        setattr(seen, name, value)
