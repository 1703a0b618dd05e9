"""The report as a page: whole, harmless, and readable by everybody."""

from __future__ import annotations

from html.parser import HTMLParser

from corsage.check import Finding, Where
from corsage.report.findings import Checked, Unreadable
from corsage.report.html import as_html

HOSTILE = "</style></pre><script>alert(1)</script><img src=x onerror='a'>\x1b[31m\u202e&\"'"

_VOID = {"meta"}


class Page(HTMLParser):
    """Elements as a browser would build them; fails on one that is not closed where it should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*severities: str) -> str:
    findings = [
        Finding("CORS200", severity, HOSTILE, Where(f"https://a.example/{HOSTILE}"), HOSTILE,
                HOSTILE, HOSTILE, reproduce=f"curl '{HOSTILE}'")
        for severity in severities
    ]  # fmt: skip
    return as_html(Checked(["https://a.example/"], findings, [Unreadable(HOSTILE, HOSTILE)]))


def test_nothing_from_outside_becomes_markup():
    seen = Page(page("error", "note")).seen
    assert {tag for tag, _ in seen}.isdisjoint({"script", "img", "link", "iframe"})
    assert not any(name.startswith("on") for _, attributes in seen for name in attributes)
    assert Page(page("error")).text.count("<script>alert(1)</script>") == 8


def test_control_characters_are_made_visible():
    assert "\x1b" not in page("error")
    assert "\u202e" not in page("error")
    assert "\\x1b" in page("error")


def test_the_page_loads_nothing_and_runs_nothing():
    seen = Page(page("error")).seen
    assert not any({"src", "href", "srcset"} & attributes.keys() for _, attributes in seen)
    policies = [a["content"] for tag, a in seen if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_it_has_a_language_a_title_headings_in_order_and_both_colour_schemes():
    seen = Page(page("warning", "error")).seen
    assert ("html", {"lang": "en"}) in seen
    headings = [tag for tag, _ in seen if tag in {"h1", "h2", "h3", "h4"}]
    assert headings == ["h1", "h2", "h3", "h3", "h2"]
    assert {"title", "main"} <= {tag for tag, _ in seen}
    assert "prefers-color-scheme: dark" in page()


def test_the_worst_stands_first_and_is_named_in_words():
    text = page("note", "error", "warning")
    places = [text.index(f'<span class="level">{word}<') for word in ("error", "warning", "note")]
    assert places == sorted(places)


def test_without_findings_it_says_so():
    assert "No findings." in page()
