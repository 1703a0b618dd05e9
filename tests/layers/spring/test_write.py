"""What is written for Spring Boot, before any of it runs: the conformance suite runs it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from corsage.layers.spring import TARGET
from corsage.layers.spring.java import literal
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

HOSTILE = [
    'a "quoted" name',
    "back\\slash",
    "\\u0022 + System.exit(1) + \\u0022",
    "\\\u00e9\\u000a",
    "new\nline\r",
    '"""',
    "*/ //",
    "\u2028\u0085\x00\x7f",
    "\U0001f36a",
]


def policy(*origins: str, path: str = "/x") -> Policy:
    return Policy(
        gateway=Gateway(public="https://api.example.com"),
        services={"api": Service("api", "http://127.0.0.1:3000")},
        policies={"session": CorsPolicy("session", OriginSet(origins))},
        routes=(Route(path, "api", "session", owner="service"),),
    )


def text(subject: Policy) -> str:
    (file,) = TARGET.files(subject)
    return file.text


@pytest.mark.java
def test_every_string_is_data_in_java(tmp_path: Path) -> None:
    program = tmp_path / "Strings.java"
    program.write_text(
        "class Strings { public static void main(String[] none) throws Exception {\n"
        f"for (String text : new String[] {{{', '.join(map(literal, HOSTILE))}}})\n"
        'System.out.println(java.util.HexFormat.of().formatHex(text.getBytes("UTF-8"))); }}\n',
        encoding="utf-8",
    )
    ran = subprocess.run(["java", program], capture_output=True, text=True, check=True, timeout=60)
    assert [bytes.fromhex(line).decode() for line in ran.stdout.split()] == HOSTILE


def test_names_of_policies_stand_in_no_other_place_than_a_string() -> None:
    for name in HOSTILE:
        subject = policy("https://app.example.com")
        renamed = replace(
            subject,
            policies={name: replace(subject.policies["session"], name=name)},
            routes=tuple(replace(route, cors=name) for route in subject.routes),
        )
        plain = text(subject).replace('"session"', literal(name))
        # Only where lines break may differ.
        assert "".join(text(renamed).split()) == "".join(plain.split())


def test_a_route_that_spring_never_finds_is_refused_with_a_way_out() -> None:
    with pytest.raises(FidelityError, match="semicolon") as refused:
        TARGET.files(policy("https://app.example.com", path="/matrix;a=1"))
    assert refused.value.clauses[0].instead


def test_many_origins_stand_on_a_line_each_and_few_in_a_row() -> None:
    few = [f"https://tenant{number}.example.com" for number in range(3)]
    many = [f"https://tenant{number}.example.com" for number in range(60)]
    assert f'"{few[0]}",' in text(policy(*few))
    assert [line.strip() for line in text(policy(*many)).splitlines() if "tenant" in line] == many


def test_no_line_is_longer_than_java_likes_it_but_for_a_value_that_is() -> None:
    long = [
        line for line in text(policy("https://app.example.com")).splitlines() if len(line) > 100
    ]
    assert not long
