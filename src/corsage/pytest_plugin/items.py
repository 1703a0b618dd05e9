"""The policy's tests as pytest's items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corsage.check.finding import Finding
from corsage.live.verify import Scope, Target, Verifier
from corsage.live.verify.plan import Question
from corsage.policy import Policy, PolicyError, load_policy
from corsage.report.terminal import printable


class DriftError(AssertionError):
    """What is deployed is not what the policy means."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__("\n\n".join(map(told, findings)))


def told(finding: Finding) -> str:
    """A finding in lines."""
    where = finding.where
    place = f"{where.file}:{where.line}" if where.line else where.file
    lines = [f"{finding.message} [{finding.rule}]", place, finding.evidence, finding.reproduce]
    # What a server sent must not move the cursor of whoever reads it.
    return "\n  ".join(map(printable, filter(None, lines)))


def read_policy(path: Path) -> tuple[Policy, str]:
    """The policy in a file, and its text. Raises :class:`pytest.UsageError`."""
    try:
        text = path.read_text(encoding="utf-8")
        beside = path.parent
        return load_policy(text, str(path), lambda name: (beside / name).read_text("utf-8")), text
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        raise pytest.UsageError(f"--corsage {path}: {error}") from error


class Deployed:
    """The deployment that the options name, and a plugin that collects the policy file's tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._path = config.invocation_params.dir / config.getoption("--corsage")
        policy, text = read_policy(self._path)
        url = config.getoption("--corsage-url") or policy.gateway.public
        if url is None:
            raise pytest.UsageError("--corsage-url URL: the policy does not say where it runs")
        target = Target(
            url.removesuffix("/"),
            resolve=config.getoption("--corsage-resolve"),
            send=config.getoption("--corsage-send"),
        )
        scope = Scope(config.getoption("--corsage-sample"))
        try:
            self.verifier = Verifier(policy, target, scope, name=str(self._path), text=text)
            client = self.verifier.client()
        except ValueError as error:
            raise pytest.UsageError(f"--corsage-url {url}: {error}") from error
        config.add_cleanup(client.close)
        self.asker = self.verifier.asker(client)
        config.args.append(str(self._path))

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """The policy file; whatever else is there is not ours."""
        if file_path != self._path.resolve() and file_path != self._path:
            return None
        return PolicyFile.from_parent(parent, path=file_path, deployed=self)


class PolicyFile(pytest.File):
    """The policy file: one test for each clause that can be asked."""

    def __init__(self, *, deployed: Deployed, **of_file: Any) -> None:
        super().__init__(**of_file)
        self._deployed = deployed

    def collect(self) -> Iterator[pytest.Item]:
        """The tests, in the order of the file."""
        clauses: dict[tuple[str, str, str], list[Question]] = {}
        for question in self._deployed.verifier.chosen.questions:
            clauses.setdefault(question.clause, []).append(question)
        for (place, who, what), questions in clauses.items():
            name = f"{place}-{who}-{what}"
            yield Clause.from_parent(self, name=name, deployed=self._deployed, questions=questions)


class Clause(pytest.Item):
    """One clause at one route, asked for one group of origins."""

    def __init__(
        self,
        *,
        name: str,
        parent: pytest.Collector,
        deployed: Deployed,
        questions: list[Question],
    ) -> None:
        super().__init__(name, parent)
        self._verifier = deployed.verifier
        self._asker = deployed.asker
        self._questions = questions

    def runtest(self) -> None:
        """Ask, and fail where a browser decides otherwise than the policy."""
        findings = [
            finding
            for question in self._questions
            for finding in self._verifier.differences(self._asker, question)
            if finding.severity == "error"
        ]
        if findings:
            raise DriftError(findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The findings, without a traceback."""
        if isinstance(excinfo.value, DriftError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the policy speaks of the route."""
        line = self._verifier.line_of(self._questions[0])
        return self.path, line - 1 if line else None, self.name
