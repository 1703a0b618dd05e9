"""A picture to look at: SVG, alone or in a page with the same as a table.

Colours follow the reader's light or dark setting; nothing is loaded from elsewhere, and all text
is text, so that it can be searched, read aloud and copied.
"""

from __future__ import annotations

from html import escape

from corsage.chain.picture import Path, Picture, Reader, Stop
from corsage.report.terminal import printable

_BOX_WIDTH, _BOX_HEIGHT, _GAP = 230, 62, 56
_FRONT_WIDTH = 270
_LINE = 20
_MARGIN = 24
_LONGEST = 34  # characters in a box

_STYLE = """
  :root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6478; --line: #8a93a6;
    --box: #eef1f7; --yes: #11734b; --no: #b3261e; --ground: #ffffff; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8ebf2; --soft: #a7afc0; --line: #7b8499;
    --box: #262c3a; --yes: #5fd39b; --no: #ff8f86; --ground: #14171f; } }
  svg { background: var(--ground); font: 13px system-ui, sans-serif; }
  text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 11px; }
  .box { fill: var(--box); stroke: var(--line); } .owner { stroke: var(--yes); stroke-width: 2; }
  .wire { stroke: var(--line); fill: none; } .yes { fill: var(--yes); } .no { fill: var(--no); }
  .title { font-weight: 600; }
"""
_PAGE = """
  body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: var(--ink);
    background: var(--ground); font: 15px/1.5 system-ui, sans-serif; }
  table { border-collapse: collapse; width: 100%; } caption { text-align: left; }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line);
    vertical-align: top; } .picture { overflow-x: auto; } .bad { color: var(--no); }
  .good { color: var(--yes); }
"""


def as_svg(picture: Picture) -> str:
    """One drawing: a lane for each path, front ends on the left."""
    lanes, height = [], _MARGIN + _LINE
    width = 0
    for path in picture.paths:
        lane, lane_height, lane_width = _lane(path, height)
        lanes.append(lane)
        height += lane_height
        width = max(width, lane_width)
    title = _text(_MARGIN, _MARGIN, picture.title, "title", longest=120)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="{_safe(picture.title)}">'
        f"<style>{_STYLE}</style>{title}{''.join(lanes)}</svg>\n"
    )


def as_html(picture: Picture) -> str:
    """The drawing in a page, and the same as a table."""
    rows = "".join(map(_row, picture.paths))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(picture.title)}</title><style>{_STYLE}{_PAGE}</style></head><body>"
        f"<h1>{_safe(picture.title)}</h1>"
        f'<div class="picture" tabindex="0" role="region" aria-label="The paths, drawn">'
        f"{as_svg(picture)}</div>"
        "<table><caption>The same in words</caption><thead><tr>"
        '<th scope="col">Path</th><th scope="col">Stops</th><th scope="col">Front ends</th>'
        '<th scope="col">Preflights</th><th scope="col">Owner of CORS</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


def _lane(path: Path, top: int) -> tuple[str, int, int]:
    readers = path.readers or (Reader("no page", False, False),)
    height = max(_BOX_HEIGHT, _LINE * len(readers)) + _LINE * 3
    middle = top + _LINE + max(_BOX_HEIGHT, _LINE * len(readers)) // 2
    parts = [_text(_MARGIN, top + 8, path.url, "title", longest=100)]
    first = middle - _LINE * (len(readers) - 1) // 2
    for number, reader in enumerate(readers):
        y = first + number * _LINE
        cookies = ", with cookies" if reader.credentials else ""
        style, mark = ("yes", "✓") if reader.allowed else ("no", "✗")
        parts.append(_text(_MARGIN, y + 4, f"{mark} {reader.origin}{cookies}", style, longest=38))
        start, end = _MARGIN + _FRONT_WIDTH, _MARGIN + _FRONT_WIDTH + _GAP
        parts.append(f'<path class="wire" d="M{start} {y} L{end} {middle}"/>')
    x = _MARGIN + _FRONT_WIDTH + _GAP
    for number, stop in enumerate(path.stops):
        if number:
            parts.append(f'<path class="wire" d="M{x - _GAP} {middle} H{x}"/>')
        parts.append(_box(stop, x, middle, stop.name == path.owner))
        x += _BOX_WIDTH + _GAP
    below = middle + max(_BOX_HEIGHT, _LINE * len(readers)) // 2 + 16
    told = f"preflights: {path.preflight}; owner of CORS: {path.owner or 'nobody'}"
    parts.append(_text(_MARGIN, below, told, "soft", longest=140))
    return "".join(parts), height + _LINE, x - _GAP + _MARGIN


def _box(stop: Stop, x: int, middle: int, owner: bool) -> str:
    top = middle - _BOX_HEIGHT // 2
    style = "box owner" if owner else "box"
    rectangle = (
        f'<rect class="{style}" x="{x}" y="{top}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" '
        f'rx="8"><title>{_safe(stop.where)}</title></rect>'
    )
    told = [_text(x + 12, top + 22, stop.name, "title", longest=_LONGEST - 6)]
    for number, does in enumerate(stop.does[:2]):
        told.append(_text(x + 12, top + 39 + 14 * number, does, "soft", longest=_LONGEST + 4))
    return rectangle + "".join(told)


def _text(x: int, y: int, text: str, style: str, longest: int) -> str:
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    whole = f"<title>{_safe(text)}</title>" if shown != text else ""
    return f'<text class="{style}" x="{x}" y="{y}">{_safe(shown)}{whole}</text>'


def _row(path: Path) -> str:
    stops = "<br/>".join(
        _safe(stop.name + (f" ({', '.join(stop.does)})" if stop.does else ""))
        for stop in path.stops
    )
    readers = "<br/>".join(
        f'<span class="{"good" if reader.allowed else "bad"}">{_safe(reader.origin)} '
        f"{'may read' if reader.allowed else 'may not read'}"
        f"{', with cookies' if reader.credentials else ''}</span>"
        for reader in path.readers
    )
    return (
        f'<tr><th scope="row">{_safe(path.url)}</th><td>{stops}</td>'
        f"<td>{readers or 'no page'}</td><td>{_safe(path.preflight)}</td>"
        f"<td>{_safe(path.owner or 'nobody')}</td></tr>"
    )


def _safe(text: str) -> str:
    return escape(printable(text))
