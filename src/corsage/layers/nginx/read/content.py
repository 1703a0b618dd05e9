"""The content phase: files, services, and pages for errors."""

from __future__ import annotations

import re

from corsage.browser.exchange import WireRequest
from corsage.layers.nginx.read.access import refused
from corsage.layers.nginx.read.headers import Line, hidden
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.rewrites import redirect
from corsage.layers.nginx.read.state import State
from corsage.layers.nginx.read.steps import REDIRECTS, Elsewhere, Reply, Step
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.upstreams import Onward, host_header, onward_of
from corsage.layers.nginx.read.values import value_of
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_ERROR = 300
_STATIC_METHODS = ("GET", "HEAD")


def content(state: State) -> Step:
    """Let the request in, and answer it."""
    for each in state.level.nearest("limit_req"):
        # An empty key is not counted.
        if state.parts(state.nginx.limit_key(each), each):
            state.counted = each
    denied = refused(state)
    if denied is not None:
        return denied
    level = state.level
    for each in level.own.get("try_files", ()):
        if (elsewhere := _tried(state, each)) is not None:
            return elsewhere
    onward = onward_of(level)
    if onward is not None:
        return _forward(state, onward)
    if any("content_by" in name or name == "js_content" for name in state.location.own):
        return _asked_of_service(state, state.asked.wire, level, None)
    if state.server.fragment and not level.own.get("root") and not level.own.get("alias"):
        return _asked_of_service(state, state.asked.wire, level, None)
    return _file(state)


def _file(state: State) -> Reply:
    """A file, which is taken to be there where somebody said where files are."""
    there = state.path == "/" or any(state.level.source(name) for name in ("root", "alias"))
    if state.method in _STATIC_METHODS and there:
        return Reply(200)
    return Reply(
        404 if state.method in (*_STATIC_METHODS, "POST") and not there else 405, error=True
    )


def _tried(state: State, directive: Directive) -> Step | None:
    """``try_files``: files are taken to be there where nothing else would answer."""
    last = directive.args[-1] if directive.args else ""
    if last.startswith("="):
        return None
    if last.startswith("@"):
        return Elsewhere(last)
    return Elsewhere(state.text(last, directive))


def _forward(state: State, onward: Onward) -> Step:
    level = state.level
    wire = state.asked.wire
    sets = level.nearest(re.sub("pass$", "set_header", onward.directive.name))
    dropped = {one.args[0].lower() for one in sets if one.args}
    headers = [line for line in wire.headers if line[0].lower() not in dropped]
    if level.last("proxy_pass_request_headers") == "off":
        headers = []
    for one in sets:
        if len(one.args) == 2 and one.args[0].lower() not in ("host", "connection", "upgrade"):
            value = state.text(one.args[1], one)
            if value:
                headers.append((one.args[0], value))
    method = level.last("proxy_method").upper() or state.method
    target = state.text(onward.target, onward.directive)
    path = onward.path(target, state.path, state.location, state.path_kept)
    if path is None:
        path, args = state.request_uri, ""
        if state.internal or not state.path_kept or state.path != _original_path(state):
            path, args = state.path, state.args
    else:
        args = "" if "$" in onward.target else state.args
    host = host_header(sets)
    authority = state.text(host, onward.directive) if host else onward.authority(target)
    url = f"{onward.scheme(target)}://{authority or state.authority}{path or '/'}"
    url += f"?{args}" if args else ""
    sent = WireRequest(wire.kind, method, url, tuple(headers), wire.credentials, wire.body)
    named = onward.authority(target)
    server = state.nginx.upstreams.get(named.lower(), named)
    upstream = f"{onward.scheme(target)}://{server}" if server else ""
    return _asked_of_service(state, sent, level, onward, upstream)


def _original_path(state: State) -> str:
    return requested_path(split_url(state.asked.wire.url).path)


def _asked_of_service(
    state: State, sent: WireRequest, level: Level, onward: Onward | None, upstream: str = ""
) -> Step:
    state.upstream = upstream
    response = state.service(sent)
    if response is None:
        return Reply(502, error=True)
    passing = onward.directive.name if onward is not None else "proxy_pass"
    intercept = re.sub("pass$", "intercept_errors", passing)
    if response.status >= _ERROR and level.last(intercept) == "on":
        reply = Reply(response.status, error=True)
        if (elsewhere := error_page(state, reply)) is not None:
            return elsewhere
    state.response = response
    concealed = hidden(level, passing)
    lines = []
    for name, value in response.headers:
        if name.lower() in concealed:
            continue
        text = value
        if name.lower() == "location" and onward is not None:
            text = onward.redirected(value, level, state.location)
            if text.startswith("/"):
                text = f"{state.scheme}://{state.authority}{text}"
        lines.append(Line(name, value_of(text)))
    return Reply(response.status, lines)


def error_page(state: State, reply: Reply) -> Elsewhere | Reply | None:
    """What an ``error_page`` makes of an error; None where there is none for it."""
    if state.error_page_done:
        return None
    for directive in state.level.nearest("error_page"):
        *codes, target = directive.args or ("",)
        overwrite = codes.pop() if codes and codes[-1].startswith("=") else None
        if str(reply.status) not in codes:
            continue
        state.error_page_done = True
        status = reply.status if overwrite is None else _status(overwrite[1:])
        where = state.text(target, directive)
        if not where.startswith(("/", "@")):
            final = status if status in REDIRECTS else 302
            return redirect(state, final, where)
        state.error_status = status
        if where.startswith("/") and state.method != "HEAD":
            state.method = "GET"
        return Elsewhere(where)
    return None


def _status(text: str) -> int:
    """A status as it is written; 0, which nginx sends for none at all, for what is none."""
    return int(text) if text.isdecimal() and len(text) == 3 else 0
