"""What the docstrings show is what happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import corsage.browser

MODULES = ["corsage.browser"] + [
    f"corsage.browser.{module.name}" for module in pkgutil.iter_modules(corsage.browser.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name):
    """Every example in a docstring of the room gives what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_package_answers_ten_questions():
    """The package's docstring asks ten questions and shows code for each."""
    lines = str(corsage.browser.__doc__).splitlines()

    assert sum(line.startswith("**") for line in lines) == 10
