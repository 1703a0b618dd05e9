"""Findings as one page of HTML that needs nothing else: no scripts, no fonts, no pictures.

It can be mailed or kept as it is. Whatever comes from outside is escaped, and a content security
policy stands above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from corsage import __version__
from corsage.check import RULES, Finding
from corsage.report.findings import SEVERITIES, Checked
from corsage.report.terminal import printable

_PLURAL = {"error": "errors", "warning": "warnings", "note": "notes"}

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --error: #b3261e; --warning: #8a5300;
  --note: #1a5fb4; }
@media (prefers-color-scheme: dark) {
  :root { --error: #ff8a80; --warning: #ffc266; --note: #8ab4f8; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
article { border-left: .3rem solid var(--line); padding-left: 1rem; margin: 1rem 0; }
article.error { border-color: var(--error); }
article.warning { border-color: var(--warning); }
article.note { border-color: var(--note); }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
.error .level { color: var(--error); }
.warning .level { color: var(--warning); }
.note .level { color: var(--note); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: .3rem; padding: .5rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1rem; }
dd { margin: 0; }
"""

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
"""


def as_html(checked: Checked, title: str = "Corsage audit") -> str:
    """The page. Findings stand under what they were found in, the worst first."""
    return "".join((*_page(checked, title), "</main>\n</body>\n</html>\n"))


def _page(checked: Checked, title: str) -> Iterator[str]:
    yield _HEAD.format(title=_text(title), style=_STYLE)
    counts = checked.counts()
    yield "<dl>\n"
    for severity in SEVERITIES:
        yield f"<dt>{_PLURAL[severity]}</dt><dd>{counts[severity]}</dd>\n"
    yield f"<dt>looked at</dt><dd>{len(checked.files)}</dd>\n"
    yield f"<dt>unfinished</dt><dd>{len(checked.unreadable)}</dd>\n</dl>\n"
    if not checked.findings:
        yield "<p>No findings.</p>\n"
    for place, findings in _by_place(checked.findings).items():
        yield f"<section>\n<h2>{_text(place)}</h2>\n"
        for finding in findings:
            yield from _article(finding)
        yield "</section>\n"
    if checked.unreadable:
        yield "<section>\n<h2>Unfinished</h2>\n<ul>\n"
        for one in checked.unreadable:
            yield f"<li>{_text(one.file)}: {_text(one.message)}</li>\n"
        yield "</ul>\n</section>\n"
    yield f"<footer><p>corsage {_text(__version__)}</p></footer>\n"


def _by_place(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    places: dict[str, list[Finding]] = {}
    for finding in ordered:
        places.setdefault(finding.where.file, []).append(finding)
    return places


def _article(finding: Finding) -> Iterator[str]:
    yield f'<article class="{finding.severity}">\n'
    yield f'<h3><span class="level">{finding.severity}</span> {_text(finding.message)}</h3>\n'
    line = f"line {finding.where.line}, " if finding.where.line else ""
    yield f"<p>{line}{finding.rule}: {_text(RULES[finding.rule].title)}</p>\n"
    for text in (finding.why, finding.evidence):
        if text:
            yield f"<p>{_text(text)}</p>\n"
    if finding.fix is not None:
        yield f"<p>Write: <code>{_text(finding.fix)}</code></p>\n"
    if finding.reproduce:
        yield f"<pre><code>{_text(finding.reproduce)}</code></pre>\n"
    yield "</article>\n"


def _text(text: str) -> str:
    return escape(printable(text))
