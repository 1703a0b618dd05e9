"""What is written in annotations and means something else to the controller, or nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from corsage.layers import rules
from corsage.layers.ingress_nginx import annotations as known
from corsage.layers.ingress_nginx.annotations import PREFIX, Cors
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import Slip
from corsage.layers.target import Release
from corsage.layers.yaml_document import Value

_SHAPES = {
    known.METHODS: "letters and commas",
    known.HEADERS: "letters, digits, - and _, and commas",
    known.EXPOSED: "letters, digits, -, _ and *, and commas",
    known.MAX_AGE: "a whole number of seconds",
}
_WITNESS = "https://anybody.example"


def slips(ingress: Object, values: Mapping[str, str], release: Release | None) -> Iterator[Slip]:
    """The slips of one Ingress; ``values`` are its annotations without their prefix."""
    written = {
        name.removeprefix(PREFIX): value
        for name, value in ingress.annotations.items()
        if name.startswith(PREFIX)
    }
    cors = {name: value for name, value in written.items() if name in known.ANNOTATIONS}
    yield from _not_text(ingress, cors)
    yield from _misspelt(ingress, written)
    if any(templated(value.text) or isinstance(value.data, dict) for value in cors.values()):
        return
    if known.boolean(values.get("canary")) and cors:
        yield _ignored_by_canary(ingress, next(iter(cors)))
        return
    if not known.enabled(values):
        yield from _not_enabled(ingress, cors)
        return
    parsed = known.parse(values, release)
    yield from _origins(ingress, cors.get(known.ORIGIN), parsed)
    yield from _credentials(ingress, cors.get(known.CREDENTIALS), parsed)
    yield from _lists(ingress, cors, parsed)


def _not_text(ingress: Object, written: Mapping[str, Value]) -> Iterator[Slip]:
    for name, value in written.items():
        if isinstance(value.data, bool | int | float) or value.data is None:
            taken = {bool: "a boolean", int: "a number", float: "a number"}.get(
                type(value.data), "nothing"
            )
            yield Slip(
                rules.MISREAD,
                f"{name}: {value.text or 'null'} is {taken} to YAML, and an annotation is a string",
                ingress.where(value),
                "The API server refuses the whole object.",
                f'{PREFIX}{name}: "{value.text}"',
                edits=ingress.replaced(value, f'"{value.text}"') if value.text else (),
            )


def _misspelt(ingress: Object, written: Mapping[str, Value]) -> Iterator[Slip]:
    for name in written:
        if "cors" not in name.lower() or name in known.ANNOTATIONS:
            continue
        near = _nearest(name.lower().replace("_", "-"))
        yield Slip(
            rules.NOT_KNOWN_HERE,
            f"ingress-nginx has no annotation {name}",
            ingress.where_annotation(PREFIX + name),
            "The controller does not look at names that it does not know.",
            f"{PREFIX}{near}" if near else None,
        )


def _nearest(name: str) -> str | None:
    words = sorted(name.replace("enabled", "enable").split("-"))
    same = [one for one in known.ANNOTATIONS if sorted(one.split("-")) == words]
    return next(iter(same or difflib.get_close_matches(name, known.ANNOTATIONS, 1, 0.5)), None)


def _ignored_by_canary(ingress: Object, name: str) -> Slip:
    return Slip(
        rules.INERT,
        f"{name} has no effect on a canary",
        ingress.where_annotation(PREFIX + name),
        "A canary takes a share of another Ingress's requests, with that one's annotations.",
    )


def _not_enabled(ingress: Object, written: Mapping[str, Value]) -> Iterator[Slip]:
    others = [name for name in written if name != known.ENABLE]
    enable = written.get(known.ENABLE)
    if enable is None and others:
        yield Slip(
            rules.INERT,
            f"{others[0]} has no effect without {known.ENABLE}",
            ingress.where_annotation(PREFIX + others[0]),
            "The controller looks at the other annotations only where CORS is turned on.",
            f'{PREFIX}{known.ENABLE}: "true"',
        )
    elif enable is not None and known.boolean(enable.text) is None:
        yield Slip(
            rules.MISREAD,
            f'{known.ENABLE}: "{_short(enable.text)}" is no boolean, and CORS stays off',
            ingress.where(enable),
            "The controller takes 1, t, T, TRUE, true, True and their opposites.",
            f'{PREFIX}{known.ENABLE}: "true"',
        )


def _origins(ingress: Object, written: Value | None, parsed: Cors) -> Iterator[Slip]:
    if written is None:
        return
    if parsed.outcomes[known.ORIGIN] == "rejected":
        better = corrected(written.text)
        clean = known.parse({known.ORIGIN: better})
        usable = clean.outcomes[known.ORIGIN] == "given" and not clean.dropped and clean.origins
        safe = bool(usable) and not clean.any_origin
        yield Slip(
            rules.MISREAD,
            f'"{_short(written.text)}" is refused, and every origin is allowed instead',
            ingress.where(written),
            "The controller's validator takes scheme://name[:port], with one wildcard as the first "
            "label, and commas. One entry with anything else, a trailing slash or a path among "
            "it, turns the whole list into `*`.",
            f'{PREFIX}{known.ORIGIN}: "{better}"' if safe else None,
            witness=_WITNESS,
            edits=ingress.replaced(written, f'"{better}"') if safe else (),
        )
        return
    for entry in parsed.dropped:
        rest = (
            "The list has no other entry, so CORS is off."
            if not parsed.origins
            else "The other entries count."
        )
        yield Slip(
            rules.MISREAD,
            f'"{_short(entry)}" is dropped from the list',
            ingress.where_text(written, entry),
            f"The controller takes scheme://name[:port] with a scheme of letters. {rest}",
            _entry_fix(entry),
        )


def _entry_fix(entry: str) -> str | None:
    if "://" not in entry and " " not in entry:
        return f"https://{entry}"
    return entry.replace(" ", ", ") if " " in entry else None


def corrected(text: str) -> str:
    """An origin list as it was meant: no slashes at the end, no paths, in lower case."""
    entries = [entry for part in re.split(r"[,;\s]+", text) if (entry := part.strip())]
    return ", ".join(re.sub(r"^([a-z]+://[^/]*)/.*", r"\1", entry.lower()) for entry in entries)


def _credentials(ingress: Object, written: Value | None, parsed: Cors) -> Iterator[Slip]:
    if written is None or parsed.outcomes[known.CREDENTIALS] == "given":
        return
    refused = written.text.strip().lower() in ("no", "off", "n", "none", "false", "disabled")
    meant = "false" if refused else "true"
    yield Slip(
        rules.MISREAD,
        f'"{_short(written.text)}" is no boolean, and credentials stay allowed',
        ingress.where(written),
        "The controller takes 1, t, T, TRUE, true, True and their opposites, and allows "
        "credentials for everything else.",
        f'{PREFIX}{known.CREDENTIALS}: "{meant}"',
        edits=ingress.replaced(written, f'"{meant}"'),
    )


def _lists(ingress: Object, written: Mapping[str, Value], parsed: Cors) -> Iterator[Slip]:
    effective = {
        known.METHODS: parsed.methods,
        known.HEADERS: parsed.headers,
        known.EXPOSED: parsed.exposed,
        known.MAX_AGE: str(parsed.max_age),
    }
    for name, shape in _SHAPES.items():
        value = written.get(name)
        if value is None or parsed.outcomes[name] == "given":
            continue
        instead = f"{effective[name]} is sent instead" if effective[name] else "nothing is sent"
        yield Slip(
            rules.MISREAD,
            f'{name}: "{_short(value.text)}" is refused, and {instead}',
            ingress.where(value),
            f"The controller takes {shape}, and its default for everything else.",
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
