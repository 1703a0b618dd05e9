"""Handlers without a framework: ``http.createServer``, and functions that a platform calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corsage.layers.apps.by_hand import by_hand, grant_of
from corsage.layers.apps.events import Called, Event, Stored
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import Closure, Thing, Value
from corsage.layers.javascript_apps.express import Container, Layer

_EXPORTED = ("handler", "default", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def read(run: Run, events: Sequence[Event]) -> Container | None:
    """What the handlers of a file do about CORS, as an app; None if they do nothing."""
    container: Container | None = None
    for function in {id(one.function): one for one in _handlers(run, events)}.values():
        at = function.function.at
        first = next(iter(function.function.params), "")
        asked = Thing(at, "event" if first.startswith("ev") else "req")
        given = [asked, Thing(at, "res")][: max(1, len(function.function.params))]
        hand = by_hand(run.handler(function, *given), "before")
        if not hand.is_cors:
            continue
        container = container or Container("handler", at)
        grant = grant_of(run.module, hand)
        verb = function.function.name
        methods = (verb,) if verb in _EXPORTED[2:] else ()
        own = "the app's own code"
        container.layers.append(
            Layer(at, "/", "use", methods, hand.hop, grant, ends=True, product=own)
        )
    return container


def _handlers(run: Run, events: Sequence[Event]) -> Iterator[Closure]:
    for event in events:
        value: Value | None = None
        if isinstance(event, Stored) and isinstance(event.of, Thing):
            whole = (event.of.name, event.name) == ("module", "exports")
            part = event.of.name in ("exports", "module.exports") and event.name in _EXPORTED
            value = event.value if whole or part else None
        elif isinstance(event, Called) and event.made.name.rpartition(".")[2] == "createServer":
            value = event.made.args[-1] if event.made.args else None
        value = simple(value)[0]
        if isinstance(value, Closure) and len(value.function.params) <= 2:
            yield value
    for name in _EXPORTED:
        value = simple(run.names.own.get(name))[0]
        if isinstance(value, Closure) and len(value.function.params) <= 2:
            yield value
