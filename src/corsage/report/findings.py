"""Findings in the formats that people and other tools read. Each is a function to text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from corsage import __version__
from corsage.check import RULES, Finding
from corsage.policy.rules import Severity
from corsage.report.terminal import printable

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the worst to the mildest."""

_HELP = "https://github.com/corsage/corsage/blob/main/src/corsage/pages/rules"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input that could not be read at all."""

    file: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a run looked at and found. ``expectations``: how many hold or not. ``verb``: which
    command it was; ``things``: what ``files`` are in words, more than one of them."""

    files: Sequence[str]
    findings: Sequence[Finding]
    unreadable: Sequence[Unreadable] = ()
    expectations: int = 0
    verb: str = "check"
    things: str = "files"

    def counts(self) -> dict[str, int]:
        """How many findings of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}


def as_json(checked: Checked) -> str:
    """One object: ``findings``, ``unreadable`` and a ``summary``."""
    findings = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "message": finding.message,
            "file": finding.where.file,
            "line": finding.where.line,
            "column": finding.where.column,
            "why": finding.why,
            "evidence": finding.evidence,
            "witness": finding.witness,
            "fix": finding.fix,
            "reproduce": finding.reproduce or None,
        }
        for finding in checked.findings
    ]
    unreadable = [{"file": one.file, "message": one.message} for one in checked.unreadable]
    summary = {
        "files": len(checked.files),
        "expectations": checked.expectations,
        **checked.counts(),
    }
    whole = {"findings": findings, "unreadable": unreadable, "summary": summary}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def as_sarif(checked: Checked) -> str:
    """SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning."""
    used = sorted({finding.rule for finding in checked.findings})
    driver = {
        "name": "corsage",
        "version": __version__,
        "informationUri": "https://github.com/corsage/corsage",
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": RULES[rule].title},
                "helpUri": f"{_HELP}/{rule}.md",
                "defaultConfiguration": {"level": RULES[rule].severity},
            }
            for rule in used
        ],
    }
    notifications = [
        {"level": "error", "message": {"text": f"{one.file}: {one.message}"}}
        for one in checked.unreadable
    ]
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not notifications,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": [_sarif_result(finding, used) for finding in checked.findings],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _sarif_result(finding: Finding, used: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": finding.where.file}}
    if finding.where.line:
        place["region"] = {
            "startLine": finding.where.line,
            "startColumn": max(finding.where.column, 1),
        }
    return {
        "ruleId": finding.rule,
        "ruleIndex": used.index(finding.rule),
        "level": finding.severity,
        "message": {"text": _sentence(finding)},
        "locations": [{"physicalLocation": place}],
    }


def as_junit(checked: Checked) -> str:
    """JUnit XML: one test case a file, one failure a finding."""
    failures = len(checked.findings)
    suite = ElementTree.Element(
        "testsuite",
        name=f"corsage {checked.verb}",
        tests=str(len(checked.files) + len(checked.unreadable)),
        failures=str(failures),
        errors=str(len(checked.unreadable)),
    )
    by_file: dict[str, list[Finding]] = {}
    for finding in checked.findings:
        by_file.setdefault(finding.where.file, []).append(finding)
    for file in checked.files:
        case = ElementTree.SubElement(suite, "testcase", classname="corsage", name=_xml(file))
        for finding in by_file.get(file, ()):
            failure = ElementTree.SubElement(
                case, "failure", type=finding.rule, message=_xml(finding.message)
            )
            failure.text = _xml(f"{_place(finding)}: {_sentence(finding)}")
    for one in checked.unreadable:
        case = ElementTree.SubElement(suite, "testcase", classname="corsage", name=_xml(one.file))
        ElementTree.SubElement(case, "error", message=_xml(one.message))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def as_github(checked: Checked) -> str:
    """GitHub's workflow commands: annotations on the lines of a pull request."""
    lines = []
    for finding in checked.findings:
        level = "notice" if finding.severity == "note" else finding.severity
        where = finding.where
        place = f"file={_property(where.file)},line={where.line or 1},col={where.column or 1}"
        lines.append(
            f"::{level} {place},title={finding.rule}::{_command_data(_sentence(finding))}\n"
        )
    lines += [
        f"::error file={_property(one.file)}::{_command_data(one.message)}\n"
        for one in checked.unreadable
    ]
    return "".join(lines)


FORMATS: dict[str, Callable[[Checked], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "junit": as_junit,
    "github": as_github,
}
"""The formats for machines. The text for people is :mod:`corsage.report.findings_text`'s."""


def _sentence(finding: Finding) -> str:
    parts = [finding.message.removesuffix(".") + "."]
    parts += [part for part in (finding.why, finding.evidence) if part]
    if finding.fix is not None:
        parts.append(f"Write: {finding.fix}")
    if finding.reproduce:
        parts.append(f"Try: {finding.reproduce}")
    return " ".join(parts)


def _place(finding: Finding) -> str:
    where = finding.where
    return f"{where.file}:{where.line}:{where.column}" if where.line else where.file


def _xml(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped."""
    return printable(text)


def _command_data(text: str) -> str:
    # https://github.com/actions/toolkit: what would end a command is percent-encoded.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _command_data(text).replace(":", "%3A").replace(",", "%2C")
