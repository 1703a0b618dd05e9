"""Java as :mod:`~corsage.layers.apps.tree`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corsage.layers.apps import tree
from corsage.layers.apps.grammar import Lowering, root, text_of
from corsage.layers.source import Source

if TYPE_CHECKING:
    import tree_sitter

_OPERATORS = {"||": "or", "&&": "and", "!": "not"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0"}
_PROPERTY = re.compile(r"\$\{([^:}]+):?([^}]*)\}")
_CLASSES = {"class_declaration", "interface_declaration", "record_declaration", "enum_declaration"}
_NUMBERS = {"decimal_integer_literal", "hex_integer_literal", "decimal_floating_point_literal"}
_WRAPPERS = {"parenthesized_expression", "expression_statement", "cast_expression"}


def lower(source: Source) -> tree.Module:
    """The tree of a file. Raises UnreadableError."""
    program = root("java", source)
    lowering = _Java(source)
    body = lowering.block(program.named_children)
    return tree.Module(source.path, "java", body, lowering.lines)


class _Java(Lowering):
    def block(self, nodes: list[tree_sitter.Node]) -> tuple[tree.Node, ...]:
        return tuple(lowered for one in nodes for lowered in self._statement(one))

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
            case "line_comment" | "block_comment" | "package_declaration" | ";":
                return []
            case "import_declaration":
                return self._import(node)
            case "local_variable_declaration" | "field_declaration":
                return self._declared(node)
            case "block" | "constructor_body":
                return list(self.block(node.named_children))
        return [self.node(node)]

    def _body(self, node: tree_sitter.Node | None) -> tuple[tree.Node, ...]:
        return () if node is None else self.block([node])

    def _import(self, node: tree_sitter.Node) -> list[tree.Node]:
        # Classes are known by their simple names, which hardly ever clash here.
        name = text_of(node.named_children[0]) if node.named_children else ""
        local = name.rpartition(".")[2]
        if any(one.type == "static" for one in node.children) and local != "*":
            holder = name.rpartition(".")[0].rpartition(".")[2]
            return [tree.Import(self.at(node), local, holder, local)]
        return []

    def _declared(self, node: tree_sitter.Node) -> list[tree.Node]:
        found: list[tree.Node] = []
        annotated = self._annotations(node)
        for one in node.named_children:
            if one.type != "variable_declarator":
                continue
            name = text_of(one.child_by_field_name("name"))
            value = one.child_by_field_name("value")
            target = tree.Name(self.at(one), name)
            if value is not None:
                found.append(tree.Assign(self.at(one), target, self.node(value)))
            elif injected := _injected(annotated, text_of(node.child_by_field_name("type"))):
                found.append(tree.Assign(self.at(one), target, injected))
        return found

    def _annotations(self, node: tree_sitter.Node) -> tuple[tree.Node, ...]:
        modifiers = next((one for one in node.named_children if one.type == "modifiers"), None)
        if modifiers is None:
            return ()
        kinds = ("annotation", "marker_annotation")
        return tuple(self._annotation(one) for one in modifiers.named_children if one.type in kinds)

    def _annotation(self, node: tree_sitter.Node) -> tree.Node:
        name = tree.Name(self.at(node), text_of(node.child_by_field_name("name")))
        given = node.child_by_field_name("arguments")
        args: list[tree.Node] = []
        named: list[tuple[str, tree.Node]] = []
        for one in given.named_children if given is not None else ():
            if one.type == "element_value_pair":
                named.append((text_of(one.child_by_field_name("key")), self._field(one, "value")))
            elif "comment" not in one.type:
                args.append(self.node(one))
        return tree.Call(self.at(node), name, tuple(args), tuple(named))

    def _field(self, node: tree_sitter.Node, name: str) -> tree.Node:
        below = node.child_by_field_name(name)
        return tree.Opaque(self.at(node)) if below is None else self.node(below)

    def known(self, node: tree_sitter.Node) -> tree.Node:
        at = self.at(node)
        match node.type:
            case "identifier" | "this" | "super" | "type_identifier":
                return tree.Name(at, text_of(node))
            case "string_literal":
                return tree.Literal(at, _string(node))
            case "true" | "false":
                return tree.Literal(at, node.type == "true")
            case "null_literal":
                return tree.Literal(at, None)
            case kind if kind in _NUMBERS:
                return _number(node, at)
            case "method_invocation":
                return self._call(node, at)
            case "object_creation_expression":
                return self._created(node, at)
            case "field_access" | "scoped_identifier":
                names = ("object", "field") if node.type == "field_access" else ("scope", "name")
                of, member = (node.child_by_field_name(one) for one in names)
                if of is None:
                    return self.opaque(node)
                return tree.Member(at, self.node(of), text_of(member))
            case "array_creation_expression":
                value = node.child_by_field_name("value")
                return self.node(value) if value is not None else tree.ListOf(at)
            case "array_initializer" | "element_value_array_initializer":
                return tree.ListOf(at, self.all(node.named_children))
            case "lambda_expression":
                return self._lambda(node, at)
            case "method_reference":
                parts = self.all(node.named_children)
                name = text_of(node.named_children[-1])
                return tree.Member(at, parts[0], name) if parts else tree.Opaque(at)
            case kind if kind in _WRAPPERS and node.named_children:
                return self.node(node.named_children[-1])
            case "method_declaration" | "constructor_declaration":
                return self._method(node, at)
            case kind if kind in _CLASSES:
                return self._class(node, at)
        return self._operation(node, at)

    def _operation(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        match node.type:
            case "binary_expression":
                sign = text_of(node.child_by_field_name("operator"))
                operands = (self._field(node, "left"), self._field(node, "right"))
                return tree.Op(at, _OPERATORS.get(sign, sign), operands)
            case "unary_expression":
                sign = text_of(node.child_by_field_name("operator"))
                return tree.Op(at, _OPERATORS.get(sign, sign), (self._field(node, "operand"),))
            case "ternary_expression":
                names = ("condition", "consequence", "alternative")
                return tree.Op(at, "?:", tuple(self._field(node, name) for name in names))
            case "assignment_expression":
                target, value = self._field(node, "left"), self._field(node, "right")
                sign = text_of(node.child_by_field_name("operator"))
                return tree.Assign(at, target, value, sign.removesuffix("="))
            case "if_statement":
                then = self._body(node.child_by_field_name("consequence"))
                otherwise = self._body(node.child_by_field_name("alternative"))
                return tree.If(at, self._field(node, "condition"), then, otherwise)
            case "enhanced_for_statement":
                name = text_of(node.child_by_field_name("name"))
                body = self._body(node.child_by_field_name("body"))
                return tree.Loop(at, name, self._field(node, "value"), body)
            case "for_statement" | "while_statement" | "do_statement":
                return tree.Loop(at, "", None, self._body(node.child_by_field_name("body")))
            case "return_statement" | "throw_statement":
                given = self.all(node.named_children)
                raises = node.type == "throw_statement"
                return tree.Return(at, given[0] if given else None, raises)
            case "try_statement" | "try_with_resources_statement":
                body = self._body(node.child_by_field_name("body"))
                caught = [one for one in node.named_children if one.type == "catch_clause"]
                handlers = (self._body(one.child_by_field_name("body")) for one in caught)
                return tree.Block(at, body, tuple(step for one in handlers for step in one))
            case "block":
                return tree.Block(at, self.block(node.named_children))
        return tree.Opaque(at, self.block(node.named_children))

    def _call(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        name = text_of(node.child_by_field_name("name"))
        of = node.child_by_field_name("object")
        called: tree.Node = tree.Name(at, name)
        if of is not None:
            called = tree.Member(at, self.node(of), name)
        given = node.child_by_field_name("arguments")
        args = () if given is None else self.all(given.named_children)
        # A chain's place is where its last call stands.
        name_node = node.child_by_field_name("name")
        start = self.at(name_node) if name_node is not None else at
        span = tree.At(start.line, start.column, at.end_line, at.end_column, self.path)
        return tree.Call(span, called, args)

    def _created(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        name = text_of(node.child_by_field_name("type")).partition("<")[0].rpartition(".")[2]
        given = node.child_by_field_name("arguments")
        args = () if given is None else self.all(given.named_children)
        body = next((one for one in node.named_children if one.type == "class_body"), None)
        if body is not None:
            base = tree.Name(at, name)
            return tree.ClassDef(at, f"{name}@{at.line}", (base,), self.block(body.named_children))
        return tree.Call(at, tree.Name(at, name), args, new=True)

    def _lambda(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        params = node.child_by_field_name("parameters")
        names: list[str] = []
        if params is not None:
            names = [text_of(params)]
            if params.type != "identifier":
                names = [_parameter(one) for one in params.named_children]
        body = node.child_by_field_name("body")
        if body is not None and body.type == "block":
            return tree.Function(at, tuple(names), self.block(body.named_children))
        value = self._field(node, "body")
        return tree.Function(at, tuple(names), (tree.Return(value.at, value),))

    def _method(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        listed = node.child_by_field_name("parameters")
        params = tuple(_parameter(one) for one in listed.named_children) if listed else ()
        name = text_of(node.child_by_field_name("name"))
        body = self._body(node.child_by_field_name("body"))
        returned = text_of(node.child_by_field_name("type")).partition("<")[0]
        decorators = (*self._annotations(node), tree.Literal(at, returned))
        return tree.Function(at, params, body, name, decorators)

    def _class(self, node: tree_sitter.Node, at: tree.At) -> tree.Node:
        name = text_of(node.child_by_field_name("name"))
        body = node.child_by_field_name("body")
        bases = [
            tree.Name(self.at(one), text_of(one).partition("<")[0])
            for clause in node.named_children
            if clause.type in ("superclass", "super_interfaces")
            for one in _types(clause)
        ]
        members = self.block(body.named_children) if body is not None else ()
        return tree.ClassDef(at, name, tuple(bases), members, self._annotations(node))


def _types(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    if node.type in ("type_identifier", "generic_type", "scoped_type_identifier"):
        return [node]
    return [found for one in node.named_children for found in _types(one)]


def _parameter(node: tree_sitter.Node) -> str:
    name = node.child_by_field_name("name")
    return text_of(name if name is not None else node)


def _injected(annotations: tuple[tree.Node, ...], kind: str) -> tree.Node | None:
    """``@Value("${name:default}")`` as what it is: a value from the environment."""
    for one in annotations:
        if not isinstance(one, tree.Call) or getattr(one.function, "name", "") != "Value":
            continue
        first = one.args[0] if one.args else None
        text = first.value if isinstance(first, tree.Literal) else None
        found = _PROPERTY.fullmatch(str(text))
        if first is None or found is None:
            return None
        args: tuple[tree.Node, ...] = (tree.Literal(first.at, found[1]),)
        if ":" in str(text):
            args = (*args, tree.Literal(first.at, found[2]))
        value: tree.Node = tree.Call(first.at, tree.Name(first.at, "getenv"), args)
        if kind.endswith("[]") or kind.startswith(("List", "Set", "Collection")):
            split = tree.Member(first.at, value, "split")
            value = tree.Call(first.at, split, (tree.Literal(first.at, ","),))
        return value
    return None


def _string(node: tree_sitter.Node) -> str:
    parts = []
    for one in node.named_children:
        text = text_of(one)
        if one.type == "escape_sequence":
            body = text[1:]
            is_code = body[:1] == "u"
            text = chr(int(body.lstrip("u"), 16)) if is_code else _ESCAPES.get(body, body)
        parts.append(text)
    return "".join(parts)


def _number(node: tree_sitter.Node, at: tree.At) -> tree.Node:
    text = text_of(node).replace("_", "").rstrip("lLdDfF")
    try:
        return tree.Literal(at, int(text, 0))
    except ValueError:
        pass
    try:
        return tree.Literal(at, float(text))
    except ValueError:
        return tree.Opaque(at)
