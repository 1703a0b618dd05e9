"""What each front end asks for: the rows of the table and of the pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from corsage.browser import Request

_JSON = ("Content-Type", "application/json")
_TOKEN = ("Authorization", "Bearer partner-7")
_TRACE = ("X-Request-Id", "bouquet-42")


@dataclass(frozen=True)
class Call:
    """One request that a page makes. ``path`` is the same at the service and at the gateway."""

    id: str
    title: str
    service: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    cookies: bool = False
    xhr: bool = False
    upload_progress: bool = False

    def request(self, base: str, page: str) -> Request:
        """The call to the origin ``base`` from the page at the origin ``page``."""
        return Request(
            url=base + self.path,
            origin=page,
            method=self.method,
            headers=self.headers,
            body=self.body,
            credentials="include" if self.cookies else "same-origin",
            initiator="xmlhttprequest" if self.xhr else "fetch",
            upload_listeners=self.upload_progress,
        )

    @property
    def traits(self) -> tuple[str, ...]:
        """What a browser's verdict depends on, in words."""
        named = tuple(name for name, _ in self.headers if name != "Content-Type")
        return (
            *(("cookies",) if self.cookies else ()),
            *(value for name, value in self.headers if name == "Content-Type"),
            *named,
            *(("upload progress",) if self.upload_progress else ()),
        )

    def as_json(self) -> dict[str, object]:
        """For the page's script."""
        return {**asdict(self), "traits": self.traits}


def _json(**values: object) -> str:
    return json.dumps(values)


SIGN_IN = Call(
    id="sign-in",
    title="Sign in",
    service="auth",
    method="POST",
    path="/auth/login",
    headers=(_JSON,),
    body=_json(user="ada"),
    cookies=True,
)
_ME = Call("me", "Who am I?", "auth", "GET", "/auth/me", cookies=True)
_INVOICES = Call(
    "invoices", "List my invoices", "billing", "GET", "/billing/invoices", cookies=True
)
_UPLOAD = Call(
    "upload",
    "Upload a photograph",
    "uploads",
    "PUT",
    "/uploads/rose.jpg",
    headers=(("Content-Type", "image/jpeg"),),
    body="a rose is a rose is a rose",
    xhr=True,
    upload_progress=True,
)
_SEARCH = Call("search", "Look for roses", "search", "GET", "/search?q=ro")
_ORDERS = Call("orders", "Read the old order book", "legacy", "GET", "/legacy/orders")
_ORDER = Call(
    "order",
    "Write to the old order book",
    "legacy",
    "POST",
    "/legacy/orders",
    headers=(_TOKEN, _JSON),
    body=_json(flowers=12),
)
_CUSTOMERS = Call("customers", "Read the old customer list", "legacy", "GET", "/legacy/customers")
_NEWS = Call("news", "Read notifications", "notifications", "GET", "/notifications", cookies=True)
_LEDGER = Call("ledger", "Read what is internal", "billing", "GET", "/internal/ledger")

CALLS: dict[str, tuple[Call, ...]] = {
    "app": (
        SIGN_IN,
        _ME,
        _INVOICES,
        Call(
            id="new-invoice",
            title="Write an invoice",
            service="billing",
            method="POST",
            path="/billing/invoices",
            headers=(_JSON, _TRACE),
            body=_json(total="12.50"),
            cookies=True,
        ),
        Call(
            id="change-invoice",
            title="Change an invoice",
            service="billing",
            method="PUT",
            path="/billing/invoices/1",
            headers=(_JSON,),
            body=_json(total="99.00"),
            cookies=True,
        ),
        Call("latest", "Follow a redirect", "billing", "GET", "/billing/latest", cookies=True),
        Call("overdue", "Get a 402", "billing", "GET", "/billing/overdue", cookies=True),
        Call("broken", "Get a 500", "billing", "GET", "/billing/broken", cookies=True, xhr=True),
        _SEARCH,
        Call(
            id="read",
            title="Mark as read",
            service="notifications",
            method="POST",
            path="/notifications/read",
            headers=(_JSON,),
            body=_json(all=True),
            cookies=True,
        ),
        Call(
            id="stream",
            title="Follow the delivery",
            service="notifications",
            method="GET",
            path="/notifications/stream",
            headers=(("Accept", "text/event-stream"),),
            cookies=True,
        ),
        _ORDERS,
        _UPLOAD,
        _LEDGER,
    ),
    "admin": (
        SIGN_IN,
        _INVOICES,
        Call(
            id="amend-invoice",
            title="Amend an invoice",
            service="billing",
            method="PATCH",
            path="/billing/invoices/2",
            headers=(_JSON,),
            body=_json(total="850.00"),
            cookies=True,
        ),
        Call(
            id="delete-invoice",
            title="Delete an invoice",
            service="billing",
            method="DELETE",
            path="/billing/invoices/1",
            cookies=True,
            xhr=True,
        ),
        Call(
            id="traced-search",
            title="Look for roses, traced",
            service="search",
            method="GET",
            path="/search?q=ro",
            headers=(_TRACE,),
        ),
        _NEWS,
        _ORDER,
        _UPLOAD,
        _LEDGER,
    ),
    "partner": (_SEARCH, _ORDERS, _ORDER, _CUSTOMERS, _ME, _INVOICES, _NEWS, _UPLOAD, _LEDGER),
}
"""By front end, as the policy's origin groups are named."""
