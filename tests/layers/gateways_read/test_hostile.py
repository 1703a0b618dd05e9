"""A hostile file ends in an answer or in UnreadableError: no crash, no hang, no flood."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser import Response
from corsage.layers.readers import load_reader
from corsage.layers.source import Reader, Source, UnreadableError
from tests.layers.gateways_read import live

READERS = {
    "caddy": ("caddy", "Caddyfile"),
    "haproxy": ("haproxy", "haproxy.cfg"),
    "envoy": ("envoy", "envoy.yaml"),
    "traefik": ("traefik", "dynamic.yaml"),
}


def survives(reader: Reader, path: str, text: str) -> None:
    """Read a file, and ask whatever was read."""
    reader.detect(path, text)
    try:
        reading = reader.link({path: reader.parse(Source(path, text))})
    except UnreadableError:
        return
    for instance in reading.instances:
        for request in list(live.requests(live.Case("", ""), 80))[:12]:
            instance.route(request)
            instance.hop(request, lambda _: Response(200))


@pytest.mark.parametrize("folder", READERS)
def test_files_that_are_torn_and_mixed_are_read_or_refused(folder):
    """Lines of real files lost, doubled, swapped, with characters changed."""
    name, path = READERS[folder]
    reader = load_reader(name)
    texts = [case.text for case in live.cases(folder)]
    pieces = [line for text in texts for line in text.splitlines(keepends=True)]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def torn(seed):
        dice = random.Random(seed)
        lines = dice.choice(texts).splitlines(keepends=True)
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(lines))
            how = dice.randrange(4)
            if how == 0:
                del lines[at]
            elif how == 1:
                lines.insert(at, dice.choice(pieces))
            elif how == 2:
                other = dice.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            else:
                characters = list(lines[at])
                characters[dice.randrange(len(characters))] = dice.choice(":{}[]\"'#*&-, \\\0é%`()")
                lines[at] = "".join(characters)
            lines = lines or ["\n"]
        survives(reader, path, "".join(lines))

    torn()


@pytest.mark.parametrize("folder", READERS)
def test_any_text_is_read_or_refused(folder):
    name, path = READERS[folder]
    reader = load_reader(name)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=200))
    def any_text(text):
        survives(reader, path, text)

    any_text()
