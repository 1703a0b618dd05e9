"""Groups of origins, and what a policy may make of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.policy import rules, shapes
from corsage.policy.characters import odd_character
from corsage.policy.model import ANY
from corsage.policy.nodes import LARGEST_FILE, Mapping, Node, Scalar
from corsage.policy.origin_text import is_loopback, read_origin
from corsage.policy.origins import OriginPattern, OriginSet, split_origin
from corsage.policy.problems import Fault, quoted
from corsage.policy.public_suffixes import is_public_suffix
from corsage.policy.report import Reporter
from corsage.policy.rules import Rule
from corsage.policy.shapes import NAME

ReadFile: TypeAlias = Callable[[str], str]
"""Returns the text of a file named in the policy; raises OSError or ValueError if it cannot."""

NULL = "null"

NULL_HATCH = "dangerously_allow_null_origin"
INSECURE_HATCH = "dangerously_allow_insecure_origins"
SUFFIX_HATCH = "dangerously_allow_public_suffix_origins"
_HATCHES = {
    rules.NULL_ORIGIN: NULL_HATCH,
    rules.INSECURE_ORIGIN: INSECURE_HATCH,
    rules.PUBLIC_SUFFIX: SUFFIX_HATCH,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An origin or pattern and where it stands."""

    value: str | OriginPattern
    file: str
    line: int
    column: int


def dangers(value: str | OriginPattern) -> Iterator[Rule]:
    """The rules that an origin breaks wherever it is allowed (an insecure one: with
    credentials)."""
    if isinstance(value, str):
        insecure = value.startswith("http://") and not is_loopback(split_origin(value)[1])
    else:
        insecure = value.scheme == "http" and not is_loopback(value.host)
        if value.subdomains and is_public_suffix(value.host):
            yield rules.PUBLIC_SUFFIX
    if insecure:
        yield rules.INSECURE_ORIGIN
    if value == NULL:
        yield rules.NULL_ORIGIN


@dataclass(slots=True)
class _Group:
    """The entries of a group, and the dangerous ones among them, found once."""

    entries: list[Entry]
    dangers: list[tuple[Entry, Rule]] = field(init=False)
    reported: set[Rule] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.dangers = [(entry, rule) for entry in self.entries for rule in dangers(entry.value)]

    def origins(self) -> OriginSet:
        exact = [entry.value for entry in self.entries if isinstance(entry.value, str)]
        patterns = [e.value for e in self.entries if isinstance(e.value, OriginPattern)]
        return OriginSet(tuple(dict.fromkeys(exact)), tuple(dict.fromkeys(patterns)))


class Groups:
    """The file's named groups. ``sets`` holds their origins by name."""

    def __init__(self, node: Node | None, reporter: Reporter, read_file: ReadFile | None) -> None:
        self._reporter = reporter
        self._read_file = read_file
        self._groups: dict[str, _Group] = {}
        self._keys: dict[str, Scalar] = {}
        self._used: set[str] = set()
        for key, value in shapes.pairs(node):
            reporter.name(key, "group")
            group = _Group(list(self._entries(value)))
            self._report_repeated(group)
            self._groups[key.text] = group
            self._keys[key.text] = key
        self.sets = {name: group.origins() for name, group in self._groups.items()}

    def use(self, name: str) -> OriginSet | None:
        """The origins of a group, which counts as used from now on."""
        self._used.add(name)
        return self.sets.get(name)

    def report_unused(self) -> None:
        """Warn of the groups that nothing has used."""
        for name, key in self._keys.items():
            if name not in self._used:
                message = f"the group {quoted(name)} is not used by any policy"
                self._reporter.at(key, rules.UNUSED, message, "", None)

    def allowed(
        self, policy: str, node: Node | None, credentials: bool, given: dict[str, Node]
    ) -> OriginSet:
        """What ``allow_origins`` of a policy stands for; ``given`` are the policy's keys."""
        total = OriginSet()
        met: set[Rule] = set()
        items = shapes.scalars(node)
        for item in items:
            if item.text == ANY:
                total = total | OriginSet(any_origin=True)
                self._check_any(item, credentials, len(items) > 1)
                continue
            group = self._named(item)
            if group is None:
                continue
            total = total | group.origins()
            for entry, rule in group.dangers:
                if rule is rules.INSECURE_ORIGIN and not credentials:
                    continue
                met.add(rule)
                if rule in group.reported or shapes.boolean(given.get(_HATCHES[rule])):
                    continue
                self._reporter.elsewhere(
                    entry.file, entry.line, entry.column, _danger(rule, entry, policy)
                )
            group.reported |= {
                rule for rule in met if not shapes.boolean(given.get(_HATCHES[rule]))
            }
        self._check_hatches(policy, given, met)
        return total

    def _named(self, item: Scalar) -> _Group | None:
        """The group that an item of ``allow_origins`` names, or one of the origin it is."""
        word = item.text
        if word in self._groups:
            self._used.add(word)
            return self._groups[word]
        if word != NULL and not set(word) & set(":/.*@"):
            message = f"there is no group of origins named {quoted(word)}"
            why = f"An origin has a scheme: https://{word}." if re.fullmatch(NAME, word) else ""
            near = self._reporter.nearest(word, self._groups)
            self._used.add(near or word)
            self._reporter.at(item, rules.UNKNOWN_NAME, message, why, near)
            return None
        entry = self._entry(item)
        return _Group([entry]) if entry is not None else None

    def _entries(self, node: Node) -> Iterator[Entry]:
        if isinstance(node, Mapping):
            yield from self._listed(shapes.fields(node).get("file"))
        for item in shapes.scalars(node):
            entry = self._entry(item)
            if entry is not None:
                yield entry

    def _entry(self, item: Scalar) -> Entry | None:
        try:
            value = self._origin(item.text)
        except Fault as fault:
            self._reporter.fault(item, fault)
            return None
        return Entry(value, self._reporter.name_of_file, item.line, item.column)

    def _origin(self, text: str) -> str | OriginPattern:
        if text == NULL:
            return NULL
        if text == ANY:
            why = "Everybody is not a group: a policy says so itself."
            message = "* cannot stand in a group of origins"
            raise Fault(rules.ODD_WILDCARD, message, why, 'allow_origins: "*"')
        if text in self._groups:
            why = "Groups do not hold groups; a policy can list several."
            message = f"{quoted(text)} is a group of origins"
            raise Fault(rules.NOT_SERIALISED, message, why)
        return read_origin(text)

    def _listed(self, node: Node | None) -> Iterator[Entry]:
        """The entries of a list in a file; none at all unless every line can be used."""
        name = shapes.text(node)
        if node is None or name is None:
            return
        text = self._content(node, name)
        if text is None:
            return
        entries = []
        usable = True
        for number, line in enumerate(text.split("\n"), 1):
            word = line.partition("#")[0].strip()
            if not word:
                continue
            column = line.index(word) + 1
            try:
                entries.append(Entry(self._origin(word), name, number, column))
            except Fault as fault:
                self._reporter.elsewhere(name, number, column, fault)
                usable = False
        if not entries and usable:
            message = f"the list {quoted(name)} holds no origin"
            why = "An empty list would take every origin's access away."
            self._reporter.at(node, rules.ORIGIN_LIST, message, why, None)
        if usable:
            yield from entries

    def _content(self, node: Node, name: str) -> str | None:
        why = "Only a list that can be read and is valid as a whole is used."
        try:
            if self._read_file is None:
                raise OSError("no files are read here")  # noqa: TRY301 -- one report for both
            text = self._read_file(name)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"the list {quoted(name)} cannot be read: {reason}"
            self._reporter.at(node, rules.ORIGIN_LIST, message, why, None)
            return None
        if len(text) > LARGEST_FILE:
            message = f"the list {quoted(name)} is too large"
            why = f"A list has at most {LARGEST_FILE // 1024 // 1024} MiB."
            self._reporter.at(node, rules.ORIGIN_LIST, message, why, None)
            return None
        text = text.removeprefix("\ufeff")
        if odd := odd_character(text):
            self._reporter.elsewhere(name, *odd)
            return None
        return text

    def _report_repeated(self, group: _Group) -> None:
        patterns = OriginSet(patterns=group.origins().patterns)
        seen: set[str | OriginPattern] = set()
        for entry in group.entries:
            covered = isinstance(entry.value, str) and entry.value in patterns
            if entry.value in seen or covered:
                message = f"{entry.value} is already allowed by another entry of the group"
                fault = Fault(rules.REPEATED_ORIGIN, message)
                self._reporter.elsewhere(entry.file, entry.line, entry.column, fault)
            seen.add(entry.value)

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

    def _check_hatches(self, policy: str, given: dict[str, Node], met: set[Rule]) -> None:
        for rule, hatch in _HATCHES.items():
            node = given.get(hatch)
            if node is None or not shapes.boolean(node):
                continue
            if rule in met:
                message = f"the policy {quoted(policy)} has {hatch}"
                self._reporter.at(node, rules.HATCH_IN_USE, message, rule.title + ".", None)
            else:
                message = f"{hatch} is not needed by the policy {quoted(policy)}"
                why = "It would let a dangerous origin in later, unseen."
                self._reporter.at(node, rules.UNUSED_HATCH, message, why, None)


def _danger(rule: Rule, entry: Entry, policy: str) -> Fault:
    value, hatch = entry.value, _HATCHES[rule]
    if rule is rules.NULL_ORIGIN:
        message = f"the policy {quoted(policy)} allows the null origin"
        why = "Any page can have it: a sandboxed frame is enough."
        return Fault(rule, message, f"{why} If it must be, say `{hatch}: true`.")
    if rule is rules.INSECURE_ORIGIN:
        message = f"{value} is plain http, and the policy {quoted(policy)} allows credentials"
        why = "Whoever is on the wire can put a script into that page and read with the user's "
        why += f"cookies. If it must be, say `{hatch}: true`."
        return Fault(rule, message, why, str(value).replace("http://", "https://", 1))
    message = f"everybody can register a name that {value} allows"
    host = value.host if isinstance(value, OriginPattern) else ""
    why = f"{host} is a public suffix (https://publicsuffix.org). Name your own part of it; "
    why += f"if it must be, say `{hatch}: true` in the policy {quoted(policy)}."
    return Fault(rule, message, why, str(value).replace("*.", "*.your-name.", 1))
