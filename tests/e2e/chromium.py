"""A real page in a real Chromium: what its JavaScript gets, and what its console prints."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from corsage.browser import CHROMIUM, Request, Verdict, judge
from corsage.live.client import Client

EXECUTABLE = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_ASK = """async ({url, method, headers, body, credentials, redirect, initiator, upload}) => {
  if (initiator === "fetch") {
    try {
      const response = await fetch(url, {method, headers, body, credentials, redirect});
      if (response.type === "opaqueredirect") return {outcome: "opaque"};
      return {
        outcome: "allowed",
        status: response.status,
        headers: [...response.headers],
        body: await response.text(),
      };
    } catch (error) {
      return {outcome: "failed", error: `${error}`};
    }
  }
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.withCredentials = credentials === "include";
    for (const [name, value] of headers) xhr.setRequestHeader(name, value);
    if (upload) xhr.upload.addEventListener("progress", () => {});
    xhr.addEventListener("error", () => resolve({outcome: "failed", error: "error event"}));
    xhr.addEventListener("load", () => resolve({
      outcome: "allowed",
      status: xhr.status,
      headers: xhr.getAllResponseHeaders().split("\\r\\n").filter(Boolean).map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
      body: xhr.responseText,
    }));
    xhr.send(body);
  });
}"""

_FAILURE = {"fetch": "TypeError: Failed to fetch", "xmlhttprequest": "error event"}


@dataclass(frozen=True)
class Seen:
    """What JavaScript could read (nothing, if the request failed), and the console's words."""

    outcome: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    error: str | None = None
    console: tuple[str, ...] = ()


class FrontEnd:
    """One front end's page, opened in its own browser context."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.context = context
        self.page: Page = context.new_page()
        self._console: list[str] = []
        self.page.on("console", lambda message: self._console.append(message.text))
        self.page.goto(origin)
        self.page.wait_for_selector("body[data-ready]")

    def cookie(self, url: str) -> str | None:
        """The Cookie header that credentialed requests to ``url`` carry."""
        cookies = self.context.cookies(url)
        return "; ".join(f"{c['name']}={c['value']}" for c in cookies) or None

    @property
    def user_agent(self) -> str:
        return str(self.page.evaluate("navigator.userAgent"))

    def ask(self, request: Request, expected_console: tuple[str, ...] = ()) -> Seen:
        """Make the request as the page's script would.

        The console's lines arrive apart from the script's result: those that are expected are
        waited for, and what stands there otherwise is shown as it is.
        """
        self._console.clear()
        arguments = {
            "url": request.url,
            "method": request.method,
            "headers": [list(line) for line in request.headers],
            "body": request.body,
            "credentials": request.credentials,
            "redirect": request.redirect,
            "initiator": request.initiator,
            "upload": request.upload_listeners,
        }
        got = self.page.evaluate(_ASK, arguments)
        if expected_console and expected_console[-1] not in self._console:
            last = expected_console[-1]
            self.page.wait_for_event("console", lambda message: message.text == last, timeout=5000)
        return Seen(
            got["outcome"],
            got.get("status"),
            tuple(sorted((name, value) for name, value in got.get("headers", ()))),
            got.get("body"),
            got.get("error"),
            tuple(line for line in self._console if _is_about_blocking(line)),
        )


def _is_about_blocking(line: str) -> bool:
    """Not the lines that tell a 4xx or 5xx, which a page can read all the same."""
    return "CORS policy" in line or "net::" in line


def predict(request: Request, client: Client) -> Seen:
    """What Corsage says that the page will see."""
    verdict = judge(request, client, profile=CHROMIUM)
    if verdict.outcome == "opaque":
        return Seen("opaque")
    if not verdict.allowed:
        return Seen("failed", error=_FAILURE[request.initiator], console=verdict.console)
    return Seen("allowed", verdict.response.status, _joined(verdict), _body(verdict, client))


def _joined(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    values: dict[str, list[str]] = {}
    for name, value in verdict.readable:
        values.setdefault(name, []).append(value)
    return tuple(sorted((name, ", ".join(lines)) for name, lines in values.items()))


def _body(verdict: Verdict, client: Client) -> str:
    last = [request for request, _ in verdict.sent if request.kind == "actual"][-1]
    return client.exchange(last, max_body=1024 * 1024).body.decode()
