"""What Corsage says before a browser has been asked: the judge, with the running shop as server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from corsage.browser import Verdict, WireRequest, judge
from corsage.live.client import Client
from corsage.policy.decide import serve
from corsage.policy.model import Policy, Service
from examples.shop.calls import SIGN_IN, Call


@dataclass(frozen=True)
class Prediction:
    """A call's verdicts: at the service itself, through the gateway, and as the policy means it."""

    page: str
    call: Call
    direct: Verdict
    gateway: Verdict
    meant: Verdict


def direct(service: Service) -> str:
    """The origin at which a page calls a service itself: of the front ends' site, for cookies."""
    return service.url.replace("127.0.0.1", "localhost")


def bases(policy: Policy, call: Call) -> dict[str, str]:
    """The two origins at which a call can be made."""
    return {
        "direct": direct(policy.services[call.service]),
        "gateway": policy.gateway.public_origin,
    }


def origins_asked(policy: Policy) -> tuple[str, ...]:
    """The gateway's origin and every service's."""
    return (policy.gateway.public_origin, *map(direct, policy.services.values()))


def shop_client(policy: Policy, cookie: str | None = None, **options: Any) -> Client:
    """A client for the shop's services and gateway; ``cookie`` goes with credentialed requests.

    ``options`` are the client's own.
    """
    origins = origins_asked(policy)
    cookies = dict.fromkeys(origins, cookie) if cookie else {}
    return Client(origins, cookies=cookies, **options)


def sign_in(policy: Policy, page: str) -> str:
    """The ``Cookie`` header of somebody who has signed in through the gateway."""
    request = SIGN_IN.request(policy.gateway.public_origin, page)
    wire = WireRequest("actual", request.method, request.url, request.headers, True, request.body)
    answered = shop_client(policy).exchange(wire).response
    pairs = (value.partition(";")[0] for name, value in answered.headers if name == "Set-Cookie")
    return "; ".join(pairs)


def meant_by(policy: Policy) -> Policy:
    """The policy with every route answered as the policy says, whoever owns it."""
    return replace(policy, routes=tuple(replace(r, owner="gateway") for r in policy.routes))


def predict_all(
    policy: Policy, calls: Mapping[str, Iterable[Call]], pages: Mapping[str, str]
) -> list[Prediction]:
    """Every call of every front end, asked of what is running now."""
    predictions = []
    for name, made in calls.items():
        page = pages[name]
        # SameSite=Lax: the cookie goes from http://localhost to http://localhost, whatever the
        # port, and never from http://127.0.0.1.
        same_site = page.rpartition(":")[0] == policy.gateway.public_origin.rpartition(":")[0]
        client = shop_client(policy, sign_in(policy, page) if same_site else None)
        meant = serve(meant_by(policy), client)
        for call in made:
            at = bases(policy, call)
            through = call.request(at["gateway"], page)
            predictions.append(
                Prediction(
                    page=name,
                    call=call,
                    direct=judge(call.request(at["direct"], page), client),
                    gateway=judge(through, client),
                    meant=judge(through, meant),
                )
            )
    return predictions


def as_json(verdict: Verdict) -> dict[str, object]:
    """A verdict for the page's script."""
    readable: dict[str, str] = {}
    for name, value in verdict.readable:
        readable[name] = f"{readable[name]}, {value}" if name in readable else value
    shown = verdict.allowed and verdict.response is not None
    return {
        "allowed": verdict.allowed,
        "status": verdict.response.status if shown and verdict.response else None,
        "headers": readable if shown else {},
        "sentence": verdict.sentence,
        "console": verdict.console,
        "preflights": len(verdict.preflights),
    }
