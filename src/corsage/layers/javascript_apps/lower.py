"""JavaScript and TypeScript as :mod:`~corsage.layers.apps.tree`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corsage.layers.apps import tree
from corsage.layers.apps.grammar import Lowering, root, text_of
from corsage.layers.source import Source

if TYPE_CHECKING:
    import tree_sitter

_OPERATORS = {
    "||": "or",
    "&&": "and",
    "!": "not",
    "===": "==",
    "!==": "!=",
    "in": "key in",
    "||=": "or",
    "??=": "??",
    "+=": "+",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WRAPPERS = {
    "parenthesized_expression",
    "await_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "expression_statement",
    "template_substitution",
    "spread_pattern",
}
_FUNCTIONS = {
    "function_declaration",
    "function_expression",
    "generator_function_declaration",
    "generator_function",
    "arrow_function",
    "method_definition",
}
_CLASSES = {"class_declaration", "class", "abstract_class_declaration"}


def lower(source: Source) -> tree.Module:
    """The tree of a file. Raises UnreadableError."""
    name = source.path.lower()
    grammar = "javascript"
    if name.endswith((".ts", ".mts", ".cts")):
        grammar = "typescript"
    elif name.endswith(".tsx"):
        grammar = "tsx"
    program = root(grammar, source)
    lowering = _JavaScript(source)
    body = lowering.block(program.named_children)
    imports = lowering.required.values()
    return tree.Module(source.path, "javascript", (*imports, *body), lowering.lines)


class _JavaScript(Lowering):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.required: dict[str, tree.Import] = {}
        """What is used where it is required, ``require("cors")()``, by the name that it gets."""

    def block(self, nodes: list[tree_sitter.Node]) -> tuple[tree.Node, ...]:
        return tuple(lowered for one in nodes for lowered in self._statement(one))

    def _body(self, node: tree_sitter.Node | None) -> tuple[tree.Node, ...]:
        """A block's statements, or the one statement that stands for it."""
        if node is None:
            return ()
        if node.type == "statement_block":
            return self.block(node.named_children)
        if node.type == "else_clause":
            return self._body(node.named_children[-1]) if node.named_children else ()
        return self.block([node])

    def _statement(self, node: tree_sitter.Node) -> list[tree.Node]:
        self._depth += 1
        try:
            if self._depth > tree.DEEPEST:
                return [tree.Opaque(self.at(node))]
            return self._known_statement(node)
        finally:
            self._depth -= 1

    def _known_statement(self, node: tree_sitter.Node) -> list[tree.Node]:
        match node.type:
            case "comment" | "hash_bang_line" | "empty_statement" | "break_statement":
                return []
            case "import_statement":
                return self._imports(node)
            case "export_statement":
                return self._export(node)
            case "lexical_declaration" | "variable_declaration":
                return [
                    lowered
                    for one in node.named_children
                    if one.type == "variable_declarator"
                    for lowered in self._declared(one)
                ]
            case "statement_block":
                return list(self.block(node.named_children))
            case "labeled_statement":
                return list(self._body(node.child_by_field_name("body")))
        return [self.node(node)]

    def _imports(self, node: tree_sitter.Node) -> list[tree.Node]:
        at = self.at(node)
        found: list[tree.Node] = []
        source = _string(node.child_by_field_name("source"))
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                local = text_of(clause.named_children[0])
                source = _string(clause.child_by_field_name("source"))
                found.append(tree.Import(at, local, source, "default"))
            if clause.type != "import_clause":
                continue
            for one in clause.named_children:
                if one.type == "identifier":
                    found.append(tree.Import(at, text_of(one), source, "default"))
                elif one.type == "namespace_import":
                    found.append(tree.Import(at, text_of(one.named_children[0]), source, "*"))
                elif one.type == "named_imports":
                    for named in one.named_children:
                        name = text_of(named.child_by_field_name("name"))
                        local = text_of(named.child_by_field_name("alias")) or name
                        found.append(tree.Import(at, local, source, name))
        return found

    def _export(self, node: tree_sitter.Node) -> list[tree.Node]:
        decorators = [one for one in node.named_children if one.type == "decorator"]
        inner = node.child_by_field_name("declaration") or node.child_by_field_name("value")
        if inner is None:
            return [self.opaque(node)]
        if inner.type in _CLASSES:
            return [self._class(inner, self.all(decorators))]
        if any(one.type == "default" for one in node.children):
            lowered = self.node(inner)
            name = [lowered] if getattr(lowered, "name", "") else []
            return [*name, tree.Assign(self.at(node), tree.Name(self.at(node), "default"), lowered)]
        return self._statement(inner)

    def _declared(self, node: tree_sitter.Node) -> list[tree.Node]:
        at = self.at(node)
        target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if target is None or value is None:
            return []
        if target.type == "identifier" and (source := _required(value)):
            return [tree.Import(at, text_of(target), source, "default")]
        if target.type == "object_pattern":
            return self._unpacked(target, value, at)
        return [tree.Assign(at, self.node(target), self.node(value))]

    def _unpacked(
        self, target: tree_sitter.Node, value: tree_sitter.Node, at: tree.At
    ) -> list[tree.Node]:
        """``const { a, b: c } = value``, one assignment for each."""
        source = _required(value)
        lowered = self.node(value)
        found: list[tree.Node] = []
        for one in target.named_children:
            if one.type == "shorthand_property_identifier_pattern":
                key = local = text_of(one)
            elif one.type == "pair_pattern":
                inner = one.child_by_field_name("value")
                if inner is None or inner.type != "identifier":
                    continue
                key, local = _key(one.child_by_field_name("key")), text_of(inner)
            else:
                continue
            if source:
                found.append(tree.Import(at, local, source, key))
            else:
                member = tree.Member(lowered.at, lowered, key)
                found.append(tree.Assign(at, tree.Name(self.at(one), local), member))
        return found

    def known(self, node: tree_sitter.Node) -> tree.Node:
        at = self.at(node)
        match node.type:
            case "identifier" | "this" | "shorthand_property_identifier" | "super":
                return tree.Name(at, text_of(node))
            case "undefined" | "null":
                return tree.Literal(at, None)
            case "string":
                return tree.Literal(at, _string(node))
            case "number":
                return _number(node, at)
            case "true" | "false":
                return tree.Literal(at, node.type == "true")
            case "regex":
                pattern = text_of(node.child_by_field_name("pattern"))
                return tree.Regex(at, pattern, text_of(node.child_by_field_name("flags")))
            case "template_string":
                return self._template(node, at)
            case "member_expression":
                of = self._field(node, "object")
                return tree.Member(at, of, text_of(node.child_by_field_name("property")))
            case "subscript_expression":
                return self._subscript(node, at)
            case "call_expression" | "new_expression":
                return self._call(node, at)
            case "array":
                return tree.ListOf(at, self.all(node.named_children))
            case "object":
                return self._object(node, at)
            case "spread_element":
                return tree.Spread(at, self.node(node.named_children[0]))
            case "decorator":
                return self.node(node.named_children[0])
            case "type_assertion":
                return self.node(node.named_children[-1])
            case kind if kind in _WRAPPERS and node.named_children:
                inner = [one for one in node.named_children if one.type != "comment"]
                return self.node(inner[0]) if inner else self.opaque(node)
            case kind if kind in _FUNCTIONS:
                return self._function(node, at)
            case kind if kind in _CLASSES:
                return self._class(node, ())
        return self._operation(node, at)

    def _operation(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        match node.type:
            case "binary_expression":
                parts = _operands(node)
                sign = text_of(node.child_by_field_name("operator"))
                return tree.Op(at, _OPERATORS.get(sign, sign), self.all(parts))
            case "unary_expression":
                sign = text_of(node.child_by_field_name("operator"))
                return tree.Op(at, _OPERATORS.get(sign, sign), (self._field(node, "argument"),))
            case "ternary_expression":
                names = ("condition", "consequence", "alternative")
                return tree.Op(at, "?:", tuple(self._field(node, name) for name in names))
            case "assignment_expression" | "augmented_assignment_expression":
                sign = text_of(node.child_by_field_name("operator"))
                target, value = self._field(node, "left"), self._field(node, "right")
                return tree.Assign(at, target, value, _OPERATORS.get(sign, sign))
            case "if_statement":
                then = self._body(node.child_by_field_name("consequence"))
                otherwise = self._body(node.child_by_field_name("alternative"))
                return tree.If(at, self._field(node, "condition"), then, otherwise)
            case "for_in_statement":
                name = text_of(node.child_by_field_name("left"))
                is_of = text_of(node.child_by_field_name("operator")) == "of"
                over = self._field(node, "right") if is_of else None
                return tree.Loop(at, name, over, self._body(node.child_by_field_name("body")))
            case "for_statement" | "while_statement" | "do_statement":
                return tree.Loop(at, "", None, self._body(node.child_by_field_name("body")))
            case "return_statement" | "throw_statement":
                given = self.all(node.named_children)
                raises = node.type == "throw_statement"
                return tree.Return(at, given[0] if given else None, raises)
            case "try_statement":
                handler = node.child_by_field_name("handler")
                caught = self._body(handler.child_by_field_name("body")) if handler else ()
                final = node.child_by_field_name("finalizer")
                last = self._body(final.child_by_field_name("body")) if final else ()
                body = self._body(node.child_by_field_name("body"))
                return tree.Block(at, (*body, *last), caught)
            case "switch_statement":
                return self._switch(node, at)
            case "else_clause" | "statement_block":
                return tree.Block(at, self._body(node))
        return tree.Opaque(at, self.block(node.named_children))

    def _field(self, node: tree_sitter.Node, name: str) -> tree.Node:
        below = node.child_by_field_name(name)
        return tree.Opaque(self.at(node)) if below is None else self.node(below)

    def _template(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        parts: list[tree.Node] = []
        for one in node.named_children:
            if one.type == "template_substitution":
                parts.append(self.node(one))
            else:
                parts.append(tree.Literal(self.at(one), _unescaped(one)))
        if all(isinstance(part, tree.Literal) for part in parts):
            return tree.Literal(at, "".join(str(getattr(part, "value", "")) for part in parts))
        return tree.Op(at, "+", (tree.Literal(at, ""), *parts))

    def _subscript(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        of, key = self._field(node, "object"), self._field(node, "index")
        if isinstance(key, tree.Literal) and isinstance(key.value, str):
            return tree.Member(at, of, key.value)
        return tree.Index(at, of, key)

    def _call(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        if source := _required(node):
            name = f'require("{source}")'
            self.required.setdefault(name, tree.Import(at, name, source, "default"))
            return tree.Name(at, name)
        is_new = node.type == "new_expression"
        called = self._field(node, "constructor" if is_new else "function")
        given = node.child_by_field_name("arguments")
        args = () if given is None else self.all(given.named_children)
        return tree.Call(at, called, args, new=is_new)

    def _object(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        pairs: list[tuple[tree.Node | None, tree.Node]] = []
        for one in node.named_children:
            if one.type == "pair":
                key = one.child_by_field_name("key")
                pairs.append((self._key(key), self._field(one, "value")))
            elif one.type == "shorthand_property_identifier":
                name = text_of(one)
                here = self.at(one)
                pairs.append((tree.Literal(here, name), tree.Name(here, name)))
            elif one.type == "spread_element":
                pairs.append((None, self.node(one.named_children[0])))
            elif one.type == "method_definition":
                key = one.child_by_field_name("name")
                pairs.append((self._key(key), self.node(one)))
        return tree.MapOf(at, tuple(pairs))

    def _key(self, node: tree_sitter.Node | None) -> tree.Node:
        if node is None:
            return tree.Opaque(tree.NOWHERE)
        if node.type == "computed_property_name":
            return self.node(node.named_children[0])
        return tree.Literal(self.at(node), _key(node))

    def _function(self, node: tree_sitter.Node, at: tree.At) -> tree.Function:
        single = node.child_by_field_name("parameter")
        listed = node.child_by_field_name("parameters")
        params = [text_of(single)] if single else []
        if listed is not None:
            params = [_parameter(one) for one in listed.named_children if one.type != "comment"]
        body = node.child_by_field_name("body")
        name = text_of(node.child_by_field_name("name"))
        decorators = self.all(one for one in node.named_children if one.type == "decorator")
        if body is not None and body.type != "statement_block":
            value = self.node(body)
            lowered: tuple[tree.Node, ...] = (tree.Return(value.at, value),)
        else:
            lowered = self._body(body)
        return tree.Function(at, tuple(params), lowered, name, decorators)

    def _class(self, node: tree_sitter.Node, decorators: tuple[tree.Node, ...]) -> tree.Node:
        own = self.all(one for one in node.named_children if one.type == "decorator")
        heritage = [one for one in node.named_children if one.type == "class_heritage"]
        body = node.child_by_field_name("body")
        members: list[tree.Node] = []
        pending: list[tree.Node] = []
        for one in body.named_children if body is not None else ():
            if one.type == "decorator":
                pending.append(self.node(one))
            elif one.type == "method_definition":
                method = self._function(one, self.at(one))
                decorated = (*pending, *method.decorators)
                members.append(
                    tree.Function(method.at, method.params, method.body, method.name, decorated)
                )
                pending = []
            elif one.type in ("public_field_definition", "field_definition"):
                key = one.child_by_field_name("name") or one.child_by_field_name("property")
                if one.child_by_field_name("value") is not None:
                    target = tree.Name(self.at(one), text_of(key))
                    members.append(tree.Assign(self.at(one), target, self._field(one, "value")))
                pending = []
        name = text_of(node.child_by_field_name("name"))
        bases = self.all(below for one in heritage for below in one.named_children)
        return tree.ClassDef(self.at(node), name, bases, tuple(members), (*decorators, *own))

    def _switch(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        value, body = self._field(node, "value"), node.child_by_field_name("body")
        otherwise: tuple[tree.Node, ...] = ()
        tests: tuple[tree.Node, ...] = ()
        for case in reversed(body.named_children if body is not None else []):
            if case.type not in ("switch_case", "switch_default"):
                continue
            key = case.child_by_field_name("value")
            inner = [one for one in case.named_children if key is None or one.id != key.id]
            statements = self.block(inner)
            if key is None:
                otherwise = statements
                continue
            test = tree.Op(self.at(case), "==", (value, self.node(key)))
            tests = (test, *tests)
            if (statements and otherwise and not isinstance(otherwise[0], tree.If)) or statements:
                otherwise = (tree.If(self.at(case), test, statements, otherwise),)
        return tree.Block(at, otherwise)


def _operands(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """Of ``a + b + c`` and its like, which is nested to the left as deep as it is long."""
    sign = text_of(node.child_by_field_name("operator"))
    found = []
    while node.type == "binary_expression":
        if text_of(node.child_by_field_name("operator")) != sign:
            break
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        found.append(right)
        node = left
        if sign not in ("+", "||", "&&", "??"):
            break
    return [node, *reversed(found)]


def _required(node: tree_sitter.Node) -> str:
    """``x`` of ``require('x')`` and ``require('x').default``."""
    if node.type == "member_expression" and (
        text_of(node.child_by_field_name("property")) == "default"
    ):
        node = node.child_by_field_name("object") or node
    if node.type != "call_expression":
        return ""
    given = node.child_by_field_name("arguments")
    if text_of(node.child_by_field_name("function")) != "require" or given is None:
        return ""
    args = given.named_children
    return _string(args[0]) if len(args) == 1 and args[0].type == "string" else ""


def _parameter(node: tree_sitter.Node) -> str:
    if node.type in ("required_parameter", "optional_parameter"):
        node = node.child_by_field_name("pattern") or node
    if node.type == "assignment_pattern":
        node = node.child_by_field_name("left") or node
    return text_of(node) if node.type == "identifier" else ""


def _key(node: tree_sitter.Node | None) -> str:
    if node is None:
        return ""
    return _string(node) if node.type == "string" else text_of(node)


def _string(node: tree_sitter.Node | None) -> str:
    return "" if node is None else "".join(map(_unescaped, node.named_children))


def _unescaped(node: tree_sitter.Node) -> str:
    text = text_of(node)
    if node.type != "escape_sequence":
        return text
    body = text[1:]
    if body[:1] in ("u", "x"):
        digits = body[1:].strip("{}")
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            return ""
    return _ESCAPES.get(body, body)


def _number(node: tree_sitter.Node, at: tree.At) -> tree.Node:
    text = text_of(node).replace("_", "")
    try:
        return tree.Literal(at, int(text, 0))
    except ValueError:
        pass
    try:
        return tree.Literal(at, float(text))
    except ValueError:
        return tree.Opaque(at)
