"""Groups of origins, and what a policy may make of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from corsage.policy import rules, shapes
from corsage.policy.characters import odd_character
from corsage.policy.dangers import HATCHES, NULL, danger, dangers
from corsage.policy.model import ANY
from corsage.policy.nodes import Mapping, Node, Scalar
from corsage.policy.origin_lists import ReadFile, listed, read_list
from corsage.policy.origin_text import read_origin
from corsage.policy.origins import OriginPattern, OriginSet
from corsage.policy.problems import Fault, quoted
from corsage.policy.report import Reporter
from corsage.policy.rules import Rule
from corsage.policy.shapes import NAME


@dataclass(frozen=True, slots=True)
class Entry:
    """An origin or pattern and where it stands."""

    value: str | OriginPattern
    file: str
    line: int
    column: int


@dataclass(slots=True)
class _Group:
    """The entries of a group, and the dangerous ones among them, found once."""

    entries: list[Entry]
    dangers: list[tuple[Entry, Rule]] = field(init=False)
    reported: set[Rule] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.dangers = [(entry, rule) for entry in self.entries for rule in dangers(entry.value)]


class Groups:
    """The file's named groups. ``sets`` holds their origins by name."""

    def __init__(self, node: Node | None, reporter: Reporter, read_file: ReadFile | None) -> None:
        self._reporter = reporter
        self._read_file = read_file
        self._keys = {key.text: key for key, _ in shapes.pairs(node)}
        self._used: set[str] = set()
        self._representatives: dict[str, tuple[str, ...]] = {}
        self._groups: dict[str, _Group] = {}
        for key, value in shapes.pairs(node):
            reporter.name(key, "group")
            self._groups[key.text] = self._group(self._entries(value))
        self.sets = {name: _origins([group]) for name, group in self._groups.items()}

    def use(self, name: str) -> bool:
        """Whether there is a group of this name, which counts as used from now on."""
        self._used.add(name)
        return name in self.sets

    def representatives(self, name: str) -> tuple[str, ...]:
        """Every exact origin of a group, and one member of each of its patterns; the same tuple
        each time, because many expectations may name one large group."""
        if name not in self._representatives:
            group = self.sets[name]
            members = (OriginSet(patterns=(p,)).witness(OriginSet()) for p in group.patterns)
            self._representatives[name] = (*group.exact, *map(str, members))
        return self._representatives[name]

    def report_unused(self) -> None:
        """Warn of the groups that nothing has used."""
        for name, key in self._keys.items():
            if name not in self._used:
                message = f"the group {quoted(name)} is not used by any policy"
                self._reporter.at(key, rules.UNUSED, message, "", None)

    def allowed(
        self, policy: str, node: Node | None, credentials: bool, given: MappingOf[str, Node]
    ) -> OriginSet:
        """What ``allow_origins`` of a policy stands for; ``given`` are the policy's keys."""
        items = shapes.scalars(node)
        groups, direct = [], []
        any_origin = False
        for item in items:
            if item.text == ANY:
                any_origin = True
                self._check_any(item, credentials, len(items) > 1)
            elif item.text in self._groups:
                self._used.add(item.text)
                groups.append(self._groups[item.text])
            else:
                direct.append(item)
        groups.append(self._group(self._direct(direct)))
        hatches = {key for key in HATCHES.values() if shapes.boolean(given.get(key))}
        met: set[Rule] = set()
        for group in groups:
            met |= self._check_dangers(policy, group, credentials, hatches)
        self._check_hatches(policy, given, hatches, met)
        return _origins(groups, any_origin)

    def _group(self, entries: Iterable[Entry]) -> _Group:
        group = _Group(list(entries))
        patterns = OriginSet(patterns=_origins([group]).patterns)
        seen: set[str | OriginPattern] = set()
        for entry in group.entries:
            covered = isinstance(entry.value, str) and entry.value in patterns
            if entry.value in seen or covered:
                message = f"{entry.value} is already allowed by another entry of the list"
                self._report(entry, Fault(rules.REPEATED_ORIGIN, message))
            seen.add(entry.value)
        return group

    def _direct(self, items: Iterable[Scalar]) -> Iterator[Entry]:
        """The origins that stand in ``allow_origins`` itself."""
        for item in items:
            word = item.text
            if word == NULL or set(word) & set(":/.*@"):
                yield from self._entry(item)
                continue
            message = f"there is no group of origins named {quoted(word)}"
            why = f"An origin has a scheme: https://{word}." if re.fullmatch(NAME, word) else ""
            near = self._reporter.nearest(word, self._groups)
            self._used.add(near or word)
            self._reporter.at(item, rules.UNKNOWN_NAME, message, why, near)

    def _entries(self, node: Node) -> Iterator[Entry]:
        """The origins of a group: one, several, or a list in a file."""
        if isinstance(node, Mapping):
            yield from self._listed(shapes.fields(node).get("file"))
        for item in shapes.scalars(node):
            yield from self._entry(item)

    def _entry(self, item: Scalar) -> Iterator[Entry]:
        try:
            value = self._origin(item.text)
        except Fault as fault:
            self._reporter.fault(item, fault)
            return
        yield Entry(value, self._reporter.name_of_file, item.line, item.column)

    def _origin(self, text: str) -> str | OriginPattern:
        if text == NULL:
            return NULL
        if text == ANY:
            why = "Everybody is not a group: a policy says so itself."
            message = "* cannot stand in a group of origins"
            raise Fault(rules.ODD_WILDCARD, message, why, 'allow_origins: "*"')
        if text in self._keys:
            why = "Groups do not hold groups; a policy can list several."
            message = f"{quoted(text)} is a group of origins"
            raise Fault(rules.NOT_SERIALISED, message, why)
        return read_origin(text)

    def _listed(self, node: Node | None) -> Iterator[Entry]:
        """The entries of a list in a file; none at all unless every line can be used."""
        name = shapes.text(node)
        if node is None or name is None:
            return
        try:
            text = read_list(name, self._read_file)
        except Fault as fault:
            self._reporter.fault(node, fault)
            return
        if odd := odd_character(text):
            self._reporter.elsewhere(name, *odd)
            return
        entries = []
        usable = True
        for line, column, word in listed(text):
            try:
                entries.append(Entry(self._origin(word), name, line, column))
            except Fault as fault:
                self._reporter.elsewhere(name, line, column, fault)
                usable = False
        if not entries and usable:
            message = f"the list {quoted(name)} holds no origin"
            why = "An empty list would take every origin's access away."
            self._reporter.at(node, rules.ORIGIN_LIST, message, why, None)
        if usable:
            yield from entries

    def _check_any(self, item: Scalar, credentials: bool, others: bool) -> None:
        if credentials:
            message = "any origin is allowed with credentials"
            why = "Browsers refuse the pair; a server that echoes the origin instead lets every "
            why += "site on the web read the user's data. Name the origins."
            fix = "allow_origins: [https://app.example.com]"
            self._reporter.at(item, rules.ANY_ORIGIN_WITH_CREDENTIALS, message, why, fix)
        if others:
            message = "* stands beside other origins, which it already allows"
            self._reporter.at(item, rules.REPEATED_ORIGIN, message, "", 'allow_origins: "*"')

    def _check_dangers(
        self, policy: str, group: _Group, credentials: bool, hatches: set[str]
    ) -> set[Rule]:
        """The rules that a group breaks in this policy. Each is reported once for each entry,
        however many policies allow the group."""
        met = {rule for _, rule in group.dangers}
        if not credentials:
            met.discard(rules.INSECURE_ORIGIN)
        refused = {rule for rule in met if HATCHES[rule] not in hatches} - group.reported
        for entry, rule in group.dangers:
            if rule in refused:
                self._report(entry, danger(rule, entry.value, policy))
        group.reported |= refused
        return met

    def _check_hatches(
        self, policy: str, given: MappingOf[str, Node], hatches: set[str], met: set[Rule]
    ) -> None:
        for rule, hatch in HATCHES.items():
            if hatch not in hatches:
                continue
            if rule in met:
                message = f"the policy {quoted(policy)} has {hatch}"
                self._reporter.at(given[hatch], rules.HATCH_IN_USE, message, f"{rule.title}.", None)
            else:
                message = f"{hatch} is not needed by the policy {quoted(policy)}"
                why = "It would let a dangerous origin in later, unseen."
                self._reporter.at(given[hatch], rules.UNUSED_HATCH, message, why, None)

    def _report(self, entry: Entry, fault: Fault) -> None:
        self._reporter.elsewhere(entry.file, entry.line, entry.column, fault)


def _origins(groups: Iterable[_Group], any_origin: bool = False) -> OriginSet:
    values = [entry.value for group in groups for entry in group.entries]
    exact = [value for value in values if isinstance(value, str)]
    patterns = [value for value in values if isinstance(value, OriginPattern)]
    return OriginSet(tuple(dict.fromkeys(exact)), tuple(dict.fromkeys(patterns)), any_origin)
