"""Django settings for django-cors-headers, and for the cookies of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.entries import entry, everybody, never_matching, union
from corsage.layers.apps.options import Options
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Const,
    Items,
    Pattern,
    Unknown,
    Value,
    as_text,
)
from corsage.layers.python_apps.django_cors import HEADERS, METHODS, DjangoCors
from corsage.layers.python_apps.fastapi import listed
from corsage.layers.site import Cookie, Edit, Grant, Instance, Match, OriginEntry, Site, Slip
from corsage.patterns import Undecided, UnsupportedPattern, exactly, nothing, regex

PRODUCT = "django-cors-headers"
KNOWN: Mapping[str, Value] = {
    f"corsheaders.defaults.{name}": Items(
        tree.NOWHERE, tuple(Const(tree.NOWHERE, text) for text in texts)
    )
    for name, texts in (("default_headers", HEADERS), ("default_methods", METHODS))
}
"""What settings extend."""
_OLD = {
    "CORS_ORIGIN_WHITELIST": "CORS_ALLOWED_ORIGINS",
    "CORS_ORIGIN_REGEX_WHITELIST": "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ORIGIN_ALLOW_ALL": "CORS_ALLOW_ALL_ORIGINS",
}
_NO_LONGER_READ = {
    "CORS_MODEL": "connect to the check_request_enabled signal",
    "CORS_REPLACE_HTTPS_REFERER": "set CSRF_TRUSTED_ORIGINS",
    "CORS_URLS_ALLOW_ALL_REGEX": "set CORS_URLS_REGEX",
}
_NAMES = (
    "CORS_ALLOWED_ORIGINS",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ALLOW_ALL_ORIGINS",
    "CORS_ALLOW_METHODS",
    "CORS_ALLOW_HEADERS",
    "CORS_EXPOSE_HEADERS",
    "CORS_ALLOW_CREDENTIALS",
    "CORS_PREFLIGHT_MAX_AGE",
    "CORS_URLS_REGEX",
)
_MIDDLEWARE = "corsheaders.middleware.CorsMiddleware"
# They may answer by themselves: with a redirect, a file, a refusal.
_MATTERS = (
    "django.middleware.common.CommonMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
)


def instance(run: Run) -> tuple[Instance | None, list[Slip]]:
    """What a settings module says of CORS; None if it says nothing."""
    own = run.names.own
    given = {name: value for name, value in own.items() if name in _NAMES}
    slips: list[Slip] = []
    for old, new in _OLD.items():
        if old in own and new not in given:
            given[new] = own[old]
        if old in own:
            slips.append(_gone(run.module, old, new, own[old]))
    for name, instead in _NO_LONGER_READ.items():
        if name in own:
            message = f"{name} is no longer read"
            where = run.module.where(_place(run.module, name, own[name]))
            slips.append(Slip(rules.GONE, message, where, fix=instead))
    if not any(_is_set_here(run.module, name) for name in (*given, *_OLD)):
        return None, slips  # all of it comes from another module, which is read by itself
    options = Options(run.module, _first(run.module, given), given, _stars(run))
    made, slips = _instance(run, options, slips)
    return made, slips


def _is_set_here(module: tree.Module, name: str) -> bool:
    return any(
        isinstance(node, tree.Assign) and getattr(node.target, "name", "") == name
        for node in tree.walk(*module.body)
    )


def _gone(module: tree.Module, old: str, new: str, value: Value) -> Slip:
    at = _place(module, old, value)
    edits: tuple[Edit, ...] = ()
    line = module.lines[at.line - 1] if 0 < at.line <= len(module.lines) else ""
    if line.startswith(old):
        edits = (Edit(module.path, (at.line, 1), (at.line, 1 + len(old)), new),)
    return Slip(
        rules.GONE,
        f"{old} is the old name of {new}",
        module.where(at),
        "django-cors-headers 3.5 renamed it; the old name is read for now.",
        new,
        edits=edits,
    )


def _place(module: tree.Module, name: str, value: Value) -> tree.At:
    """Where a setting's name stands: the line that begins with it."""
    pattern = re.compile(rf"\s*{re.escape(name)}\b")
    for number, line in enumerate(module.lines, 1):
        if pattern.match(line):
            column = len(line) - len(line.lstrip()) + 1
            return tree.At(number, column, number, column + len(name))
    return value.at


def _first(module: tree.Module, given: Mapping[str, Value]) -> tree.At:
    places = [_place(module, name, value) for name, value in given.items()]
    return min(places)


def _stars(run: Run) -> str:
    for node in run.module.body:
        if isinstance(node, tree.Import) and node.name == "*" and node.local == "*":
            return f"{node.source} may set it, and all of its names are imported"
    return ""


def _instance(run: Run, options: Options, slips: list[Slip]) -> tuple[Instance, list[Slip]]:
    module = run.module
    rest, options.rest = options.rest, ""
    any_origin = options.flag("allow_origins", "CORS_ALLOW_ALL_ORIGINS")
    options.settings.clear()
    entries = tuple(_entries(options, slips))
    if any_origin:
        value = options.get("CORS_ALLOW_ALL_ORIGINS")
        at = value.at if value is not None else options.at
        everyone = everybody(module, at, "CORS_ALLOW_ALL_ORIGINS")
        entries = (everyone, *entries)
    elif rest and not entries:
        options.note("allow_origins", options.at, rest)
    methods = options.texts("allow_methods", "CORS_ALLOW_METHODS", default=METHODS) or ()
    headers = options.texts("allow_headers", "CORS_ALLOW_HEADERS", default=HEADERS) or ()
    credentials = options.flag("allow_credentials", "CORS_ALLOW_CREDENTIALS")
    exposed = options.texts("expose_headers", "CORS_EXPOSE_HEADERS", default=()) or ()
    max_age = options.number("max_age", "CORS_PREFLIGHT_MAX_AGE", default=86400)
    urls = _urls(options)
    behaviour = DjangoCors(
        origins=union(entries),
        any_origin=any_origin,
        methods=methods,
        headers=headers,
        credentials=credentials,
        exposed=exposed,
        max_age=max_age,
        urls=urls,
    )
    slips += _wildcards(options, credentials=credentials)
    slips += _order(run)
    grant = Grant(
        entries=entries,
        credentials=credentials,
        methods=methods,
        headers=headers,
        exposed=exposed,
        max_age=max_age or None,
        settings=tuple(options.settings),
        unknown=tuple(options.unknown),
    )
    where = module.where(options.at)
    prefix = _prefix(urls)
    name = _project(module.path)
    match = Match(path=prefix, kind="prefix")
    if urls is not None and prefix == "/" and urls not in ("^.*$", ".*"):
        match = Match(path=urls, kind="regex")
    site = Site("Django", name, where, match, behaviour.hop, grant, example=prefix)
    return Instance("Django", name, where, (site,), lambda _request: site), slips


def _entries(options: Options, slips: list[Slip]) -> Iterator[OriginEntry]:
    module = options.module
    value = options.value("allow_origins", "CORS_ALLOWED_ORIGINS")
    options.show("allow_origins", value, "none")
    if isinstance(value, Const) and isinstance(value.value, str):
        slips.append(_a_text(module, value))
        return
    for item in listed(options, value):
        text = str(item.value)
        # Compared by scheme and host: what follows the host does not count.
        kept = re.sub(r"^([a-z][a-z0-9+.-]*://[^/?#]*)[/?#].*$", r"\1", text)
        yield entry(module, item.at, text, exactly(kept))
        if kept == text:
            slips += never_matching(module, PRODUCT, item)
    value = options.value("allow_origins", "CORS_ALLOWED_ORIGIN_REGEXES")
    for one in value.items if isinstance(value, Items) else ():
        plain, _ = simple(one)
        if isinstance(plain, Pattern):
            yield _regex(options, plain.at, plain.text, ignores="i" in plain.flags.lower())
        elif isinstance(plain, Const) and plain.value is not None:
            yield _regex(options, plain.at, str(plain.value), ignores=False)
        else:
            why = plain.why if isinstance(plain, Unknown) else "an entry is not known"
            options.note("allow_origins", one, why)


def _a_text(module: tree.Module, value: Const) -> Slip:
    return Slip(
        rules.MISREAD,
        f'"{value.value}" is one text, of which every letter is taken for an origin',
        module.where(value.at),
        "A tuple of one needs a comma; a list needs brackets.",
        f'["{value.value}"]',
    )


def _regex(options: Options, at: tree.At, text: str, *, ignores: bool) -> OriginEntry:
    try:
        language = regex(text, "python", "prefix", ignore_case=ignores)
    except (UnsupportedPattern, Undecided) as error:
        options.note("allow_origins", at, str(error))
        language = nothing()
    return entry(options.module, at, text, language)


def _urls(options: Options) -> str | None:
    value = simple(options.get("CORS_URLS_REGEX"))[0]
    text = value.text if isinstance(value, Pattern) else as_text(value)
    if text is None:
        return None
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return None
    return text


def _prefix(urls: str | None) -> str:
    found = re.fullmatch(r"\^?(/[\w/-]*?)(?:/?\.\*|\*)?\$?", urls or "")
    return found[1] if found is not None and found[1] else "/"


def _wildcards(options: Options, *, credentials: bool) -> Iterator[Slip]:
    """``CORS_ALLOW_HEADERS = ["*"]``, which is sent as it is."""
    if not credentials:
        return
    for name in ("CORS_ALLOW_HEADERS", "CORS_ALLOW_METHODS"):
        value = simple(options.get(name))[0]
        for item in value.items if isinstance(value, Items) else ():
            if isinstance(item, Const) and item.value == "*":
                header = "Access-Control-" + name[5:].title().replace("_", "-")
                yield Slip(
                    rules.WILDCARD_IS_A_NAME,
                    f"{name} sends {header}: *, which means nothing with credentials",
                    options.module.where(item.at),
                    "With credentials browsers take * for a name, which no request has.",
                    "[*default_headers, ...]" if "HEADERS" in name else "list the methods",
                )


def _order(run: Run) -> Iterator[Slip]:
    value = run.names.own.get("MIDDLEWARE", run.names.own.get("MIDDLEWARE_CLASSES"))
    value = simple(value)[0]
    if not isinstance(value, Items):
        return
    names = [(as_text(item) or "", item.at) for item in value.items]
    places = [number for number, (name, _) in enumerate(names) if name == _MIDDLEWARE]
    if not places:
        if not any(isinstance(item, Unknown) for item in value.items):
            yield Slip(
                rules.INERT,
                "the CORS_ settings have no effect: MIDDLEWARE has no CorsMiddleware",
                run.module.where(value.at),
                "The middleware reads them; without it nobody does.",
                f'"{_MIDDLEWARE}", before CommonMiddleware',
            )
        return
    before = [name for name, _ in names[: places[0]] if name in _MATTERS]
    if before:
        yield Slip(
            rules.MIDDLEWARE_ORDER,
            f"CorsMiddleware comes after {before[0].rpartition('.')[2]}, which may answer first",
            run.module.where(names[places[0]][1]),
            "What stands above it answers without CORS headers: a redirect, a file, a refusal.",
            f"move it above {before[0]}",
        )


def _project(path: str) -> str:
    parts = [part for part in path.split("/")[:-1] if part not in ("settings", "config", ".", "..")]
    return parts[-1] if parts else "django"


def cookies(run: Run) -> Iterator[Cookie]:
    """The cookies of sessions and of CSRF, as the settings say."""
    own = run.names.own
    for prefix, default in (("SESSION", "sessionid"), ("CSRF", "csrftoken")):
        names = (f"{prefix}_COOKIE_SAMESITE", f"{prefix}_COOKIE_SECURE")
        if not any(name in own for name in names):
            continue
        site, secure = (simple(own.get(name))[0] for name in names)
        if isinstance(site, Unknown):
            continue
        name = as_text(simple(own.get(f"{prefix}_COOKIE_NAME"))[0]) or default
        known = next(one for one in names if one in own)
        place = _place(run.module, known, own[known])
        text = as_text(site) if site is not None else "Lax"
        is_secure = bool(secure.value) if isinstance(secure, Const) else secure is not None
        yield Cookie(name, run.module.where(place), text or None, is_secure)
