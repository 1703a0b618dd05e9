"""A verified deployment as JUnit XML: one test case for each clause at each place."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from corsage.check import Finding
from corsage.live.verify import Round
from corsage.report.terminal import printable

_Clause = tuple[str, str, str]


def as_junit(found: Round) -> str:
    """The clauses that were asked; errors are failures, warnings stand in ``system-out``."""
    clauses = list(found.chosen.clauses)
    hit: dict[_Clause, list[Finding]] = {}
    for drift, finding in zip(found.drifts, found.findings, strict=True):
        for clause in drift.clauses:
            hit.setdefault(clause, []).append(finding)
    clauses += [clause for clause in hit if clause not in set(clauses)]
    suite = ElementTree.Element(
        "testsuite",
        name="corsage verify",
        tests=str(len(clauses)),
        failures=str(sum(any(_failures(hit.get(clause, []))) for clause in clauses)),
        errors="0",
        time=f"{found.seconds:.3f}",
    )
    for place, who, what in clauses:
        name = printable(f"{who}: {what}")
        case = ElementTree.SubElement(suite, "testcase", classname=printable(place), name=name)
        findings = hit.get((place, who, what), [])
        for finding in _failures(findings):
            message = printable(finding.message)
            failure = ElementTree.SubElement(case, "failure", type=finding.rule, message=message)
            failure.text = printable(f"{finding.evidence} {finding.why} {finding.reproduce}")
        milder = [each for each in findings if each.severity != "error"]
        if milder:
            told = ElementTree.SubElement(case, "system-out")
            told.text = "\n".join(printable(f"{each.rule}: {each.message}") for each in milder)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _failures(findings: list[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.severity == "error")
