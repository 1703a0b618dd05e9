"""What init writes."""

from __future__ import annotations

import pytest

from corsage.check import check_policy
from corsage.policy.presets import PRESETS
from corsage.policy.problems import Fault


@pytest.fixture(params=PRESETS.values(), ids=PRESETS)
def preset(request):
    return request.param


def test_a_preset_loads_without_findings(preset):
    assert check_policy(preset.fill()) == ()


def test_a_preset_says_what_it_is_for_and_asks_with_good_defaults(preset):
    assert preset.fill().startswith(f"# {preset.summary}\n")
    for question in preset.questions:
        assert question.read(question.default)
        assert question.text.endswith("?")


ANSWERS = {
    "origins": "https://shop.example.org, https://admin.example.org:8443",
    "partners": "https://one.example.net https://two.example.net",
    "previews": "https://*.preview.example.org",
    "service": "http://shop.internal:9000",
    "staging": "http://staging.internal:9000",
    "path": "/",
    "listen": "0.0.0.0:8443",
    "public": "https://api.example.org",
}


def test_a_preset_loads_without_findings_with_other_answers(preset):
    text = preset.fill(ANSWERS)
    assert check_policy(text) == ()
    for question in preset.questions:
        assert f"<{question.name}>" not in text
        assert question.read(ANSWERS[question.name]) in text


@pytest.mark.parametrize(
    ("question", "answer", "rule"),
    [
        ("origins", "", "CORS005"),
        ("origins", "https://shop.example.org/", "CORS010"),
        ("origins", "https://*.example.org", "CORS007"),
        ("origins", "http://shop.example.org", "CORS014"),
        ("previews", "https://preview.example.org", "CORS007"),
        ("previews", "https://*.vercel.app", "CORS015"),
        ("service", "shop", "CORS050"),
        ("staging", "http://shop/x", "CORS050"),
        ("path", "api", "CORS041"),
        ("path", "/staging", "CORS007"),
        ("listen", "80", "CORS051"),
        ("public", "api.example.org", "CORS052"),
        ("public", "http://api.example.org", "CORS007"),
    ],
)
def test_an_answer_that_would_not_load_is_refused_when_it_is_given(question, answer, rule):
    with pytest.raises(Fault) as caught:
        PRESETS["preview-deployments"].fill({question: answer})
    assert caught.value.rule.id == rule
