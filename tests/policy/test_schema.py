from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.policy.load import read_policy_text
from corsage.policy.schema import json_schema, schema_text
from tests.policy.conftest import FILES

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
PUBLISHED = Path(__file__).parents[2] / "docs" / "cors.schema.json"
EVERYTHING = yaml.safe_load(next(f for f in FILES if f.stem == "every-feature").read_text("utf-8"))


def test_the_published_schema_is_current():
    """If not, write schema_text() to docs/cors.schema.json."""
    assert PUBLISHED.read_text("utf-8") == schema_text()


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_fixed_policies_validate(policy_file):
    VALIDATOR.validate(yaml.safe_load(policy_file.read_text("utf-8")))


def _places(value, path=()):
    yield path
    children = {dict: dict.items, list: enumerate}.get(type(value), lambda _: ())
    for key, child in children(value):
        yield from _places(child, (*path, key))


PLACES = list(_places(EVERYTHING))
VALUES = st.sampled_from(
    [None, True, False, 0, -5, 10**9, 1.5, "", "x", "none", "/x", "50/s", [], ["x"], {}, {"x": "y"}]
)


@st.composite
def _mutated(draw):
    """The file with every feature, with one place removed, replaced or added to."""
    document = deepcopy(EVERYTHING)
    *parents, last = draw(st.sampled_from(PLACES[1:]))
    parent = document
    for key in parents:
        parent = parent[key]
    action = draw(st.sampled_from(["remove", "replace", "add"]))
    if action == "remove":
        del parent[last]
    elif action == "replace" or not isinstance(parent, dict):
        parent[last] = draw(VALUES)
    else:
        parent[draw(st.sampled_from(["unknown", "path", "exact", "file", "x y"]))] = draw(VALUES)
    return document


@settings(max_examples=400)
@given(_mutated())
def test_whatever_the_schema_refuses_the_loader_refuses(document):
    if not VALIDATOR.is_valid(document):
        assert read_policy_text(yaml.safe_dump(document, sort_keys=False)).policy is None


@pytest.mark.parametrize("key", ["version", "services", "routes"])
def test_required_keys_are_required_by_both(key):
    document = {k: v for k, v in EVERYTHING.items() if k != key}
    assert not VALIDATOR.is_valid(document)
    assert read_policy_text(yaml.safe_dump(document)).policy is None
