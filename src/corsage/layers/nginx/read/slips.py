"""What is written in a configuration and does not do what it looks like.

What shows when the configuration runs (a missing ``Vary``, two writers, swallowed preflights) is
found by running it; here is what only the text shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches

from corsage.layers import rules
from corsage.layers.nginx.read.configuration import Nginx
from corsage.layers.nginx.read.headers import WITHOUT_ALWAYS, added, changes, is_always
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.never import never_matching
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.upstreams import onward_of
from corsage.layers.site import Edit, Slip

_ALLOW_ORIGIN = "access-control-allow-origin"
_PREFIX = "access-control-"
_RESPONSE_HEADERS = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Allow-Private-Network",
)
_KNOWN = {name.lower(): name for name in _RESPONSE_HEADERS}
_OF_REQUESTS = ("access-control-request-method", "access-control-request-headers")
_SIMILAR = 0.8


def slips_of(nginx: Nginx) -> Iterator[Slip]:
    """The slips of one nginx, each once."""
    seen: set[tuple[str, object]] = set()
    for slip in _all(nginx):
        if (key := (slip.rule.id, slip.where)) not in seen:
            seen.add(key)
            yield slip


def _all(nginx: Nginx) -> Iterator[Slip]:
    for server in nginx.servers:
        for level in server.level.inwards():
            for look in _LOOKS:
                yield from look(level)
            yield from _silent_on_errors(level)
        yield from never_matching(server)
    for look in _LOOKS:
        yield from look(nginx.http)


def _overridden(level: Level) -> Iterator[Slip]:
    own = level.own.get("add_header", ())
    if not own or level.parent is None or level.last("add_header_inherit") == "merge":
        return
    if _is_an_end(level) or any(each.name.lower() == _ALLOW_ORIGIN for each in changes(level)):
        return
    inherited = added(level.parent)
    names = {_name(each) for each in own}
    lost = [each for each in inherited if _name(each).startswith(_PREFIX)]
    if _ALLOW_ORIGIN in names or _ALLOW_ORIGIN not in {_name(each) for each in lost}:
        return
    first = min(each.where.line for each in lost)
    if level.kind == "if":
        block = "an `if` is a block of its own: when it holds, its headers"
    else:
        block = f"`{level.title}` has headers of its own, which"
    yield Slip(
        rules.OVERRIDDEN,
        f"{_shown(own[0])} cancels the CORS headers that begin on line {first}",
        own[0].where,
        why=f"{block} replace all that stand around it; add_header does not add to them.",
        fix="repeat here: " + " ".join(_text(each) for each in lost),
    )


def _cancelled_by_a_later_if(level: Level) -> Iterator[Slip]:
    """Of several `if` blocks that hold, a request gets the headers of the last alone."""
    blocks = [inner for each, inner in level.codes if inner is not None and each.name == "if"]
    for number, block in enumerate(blocks):
        named = [each for each in block.own.get("add_header", ()) if _name(each) == _ALLOW_ORIGIN]
        if not named or any(one.name in ("return", "rewrite") for one, _ in block.codes):
            continue
        for later in blocks[number + 1 :]:
            lost = all(_name(each) != _ALLOW_ORIGIN for each in added(later))
            ends = any(one.name in ("return", "rewrite") for one, _ in later.codes)
            other = block.directive.args[:1] != later.directive.args[:1]
            if lost and other and not ends:
                yield Slip(
                    rules.OVERRIDDEN,
                    f"{_shown(named[0])} is lost where `{later.title}` holds, too",
                    named[0].where,
                    why="nginx goes on with the last `if` that holds, and with its headers only: "
                    f"see line {later.directive.where.line} of {later.directive.where.file}.",
                    fix="decide with a map, and write the headers once, outside of any `if`",
                )
                break


def _is_an_end(level: Level) -> bool:
    """Whether the block answers by itself, or nobody: what it says is not for scripts."""
    returns = any(one.name == "return" and one.args for one, _ in level.codes)
    statuses = [one.args[0] for one, _ in level.codes if one.name == "return" and one.args]
    closed = any(one.args == ("all",) for one in level.own.get("deny", ()))
    alone = "allow" not in level.own
    if level.kind == "if":
        return returns and not statuses[0].startswith("20")
    return returns or "internal" in level.own or (closed and alone)


def _silent_on_errors(level: Level) -> Iterator[Slip]:
    own = level.own.get("add_header", ())
    named = [each for each in own if _name(each) == _ALLOW_ORIGIN and len(each.args) > 1]
    if not named or is_always(named[0]) or not _may_fail(level, named[0]):
        return
    changed = [
        each
        for each in own
        if len(each.args) == 2 and (_name(each).startswith(_PREFIX) or _name(each) == "vary")
    ]
    yield Slip(
        rules.NOT_ON_ERRORS,
        f"without `always`, {_shown(named[0])} is not sent with a 404 or 500",
        named[0].where,
        why="add_header works on 200, 201, 204, 206, 301 to 304, 307 and 308 only. On other "
        "statuses the page sees a CORS error instead of the one that would explain it.",
        fix=f"{_text(named[0])[:-1]} always;",
        edits=tuple(_with_always(each) for each in changed),
    )


def _with_always(directive: Directive) -> Edit:
    end = directive.end
    return Edit(directive.text.path, end, end, " always")


def _may_fail(level: Level, header: Directive) -> bool:
    """Whether a service's errors pass here with the header's block in force."""
    for inner in level.inwards():
        if header not in added(inner):
            continue
        returned = next((one for one, _ in inner.codes if one.name == "return"), None)
        if returned is not None and returned.args[:1] and _is_fine(returned.args[0]):
            continue
        if onward_of(inner) is not None:
            return True
    return False


def _is_fine(status: str) -> bool:
    return status.isdigit() and int(status) in WITHOUT_ALWAYS


def _misspelt(level: Level) -> Iterator[Slip]:
    for each in level.own.get("add_header", ()):
        if each.args:
            yield from _name_slips(each, each.args[0], each)
    for change in changes(level):
        if change.value is not None and change.directive in level.own.get(
            change.directive.name, ()
        ):
            yield from _name_slips(change.directive, change.name, None)


def _name_slips(directive: Directive, written: str, adding: Directive | None) -> Iterator[Slip]:
    name = written.lower().removesuffix(":")
    where = directive.where
    if written.endswith(":"):
        if name in _KNOWN:
            yield Slip(
                rules.INERT,
                f'the colon becomes a part of the name "{written}"',
                where,
                why="No browser knows a header of that name.",
                fix=_KNOWN[name],
            )
        return
    if name in _OF_REQUESTS:
        yield Slip(
            rules.INERT,
            f"{written} is a header of requests",
            where,
            why="Browsers send it in preflights, and do not read it in responses.",
            fix=name.replace("request", "allow").title().replace("-Method", "-Methods")
            if name.endswith("method")
            else "Access-Control-Allow-Headers",
        )
        return
    if name in _KNOWN:
        yield from _credentials(name, adding)
        return
    similar = get_close_matches(name, _KNOWN, n=1, cutoff=_SIMILAR)
    if similar:
        yield Slip(
            rules.INERT,
            f'no browser knows a header "{written}"',
            where,
            why="A header that is not known is ignored, without a word.",
            fix=_KNOWN[similar[0]],
        )


def _credentials(name: str, adding: Directive | None) -> Iterator[Slip]:
    value = adding.args[1] if adding is not None and len(adding.args) > 1 else "true"
    if name.endswith("-credentials") and value not in ("true", "", "false") and "$" not in value:
        assert adding is not None
        yield Slip(
            rules.INERT,
            f'"{value}" allows no credentials',
            adding.where,
            why="Browsers compare the value with `true`, in lower case.",
            fix="true",
        )


def _sent_to_the_service(level: Level) -> Iterator[Slip]:
    for each in level.own.get("proxy_set_header", ()):
        if _name(each) in _KNOWN:
            yield Slip(
                rules.INERT,
                f"{each.args[0]} goes to the service, not to the browser",
                each.where,
                why="proxy_set_header sets a header of the request that nginx sends on.",
                fix=_text(each).replace("proxy_set_header", "add_header")[:-1] + " always;",
            )


def _without_colon(level: Level) -> Iterator[Slip]:
    for each in level.own.get("more_set_headers", ()):
        for arg in each.args:
            name, _, value = arg.partition(" ")
            if name.lower() in _KNOWN and value.strip():
                yield Slip(
                    rules.INERT,
                    f'"{arg}" has no colon, and sets nothing',
                    each.where,
                    why="more_set_headers takes the whole text for the name of a header.",
                    fix=f"{name}: {value.strip()}",
                )


def _in_an_if_of_a_server(level: Level) -> Iterator[Slip]:
    if level.kind != "if" or level.parent is None or level.parent.kind != "server":
        return
    for each in level.own.get("add_header", ()):
        if _name(each).startswith(_PREFIX):
            yield Slip(
                rules.INERT,
                "nginx does not start: add_header may stand in an `if` only within a location",
                each.where,
                why='It says "add_header" directive is not allowed here.',
                fix="move the `if` into `location / { ... }`, or compute the value with a map",
            )
            return


def _unknown_directives(level: Level) -> Iterator[Slip]:
    for name, directives in level.own.items():
        for each in directives:
            if not each.args or each.args[0].lower().split(":")[0] not in _KNOWN:
                continue
            similar = get_close_matches(name, ("add_header", "more_set_headers"), 1, _SIMILAR)
            if similar and name != similar[0] and name not in _LIKE_ADD_HEADER:
                yield Slip(
                    rules.NOT_KNOWN_HERE,
                    f'nginx has no directive "{name}"',
                    each.where,
                    why="It does not start with one that it does not know.",
                    fix=similar[0],
                )


_LIKE_ADD_HEADER = ("more_clear_headers", "more_set_input_headers", "add_trailer")

_LOOKS: tuple[Callable[[Level], Iterator[Slip]], ...] = (
    _overridden,
    _cancelled_by_a_later_if,
    _misspelt,
    _sent_to_the_service,
    _without_colon,
    _in_an_if_of_a_server,
    _unknown_directives,
)


def _name(directive: Directive) -> str:
    return directive.args[0].lower() if directive.args else ""


def _text(directive: Directive) -> str:
    """The directive as it stands in its file."""
    words = directive.words
    return directive.text.text[words[0].start : words[-1].end] + ";"


def _shown(directive: Directive) -> str:
    """The header that a directive sets; the directive's own name where it says none."""
    return directive.args[0] if directive.args else directive.name
