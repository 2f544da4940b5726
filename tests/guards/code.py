"""Guards of the services, read from their own text, and removed by compiling a function anew without one.

What counts, in the modules of `PLACES`: each `raise` outside an `except` (a translation guards nothing),
each statement that calls `require`, a `require_…`, `_require_…`, `_refuse_…` or `.sign(…)`, or adds to the
`reasons` against a file, each row lock and each turn that is taken; and what no such form tells, named in
`edits`.
"""

from __future__ import annotations

import ast
import functools
import gc
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType

from tests.guards.edits import EDITS, Edit
from tests.guards.guard import Guard

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    "policies/money/*.py",
    "policies/money/exchange/*.py",
    "policies/enjoying/*.py",
    "enterprises/consents/*.py",
    "finance/acting.py",
    "finance/api/*.py",
    "finance/keepers.py",
    "finance/lending/*.py",
    "finance/lending/lists/*.py",
    "finance/office.py",
    "finance/pools/*.py",
    "finance/products/book.py",
    "finance/products/publishing.py",
    "finance/products/writing.py",
    "finance/rankings/publishing.py",
    "finance/rankings/snapshot.py",
    "finance/scoring/*.py",
    "finance/whitelists/*.py",
    "portal/accounts/duties.py",
    "portal/accounts/second_factor.py",
    "portal/kernel/brought.py",
    "portal/kernel/transitions.py",
    "portal/kernel/versions.py",
)
"""Services, and the states and codes that they rest on; pages ask these, whatever they show to whom."""
ROLES = ("require_duty", "require_review")
TURNS = ("take_turn", "take_turns", "take_the_turn")
CHECKS = ("require_", "refuse_")
MISTAKES = ("KeyError",)
"""Exceptions that tell programmers, not people."""


@dataclass(frozen=True)
class Found:
    """A guard in the text: the node that is it, and in which function."""

    path: str
    function: str
    kind: str
    label: str
    node: ast.AST

    @property
    def how(self) -> str:
        """What is done to the text."""
        return "lock left out" if self.label.startswith("select_for_update") else "statement left out"

    def text(self) -> ast.Module:
        """What of the module holds the function, without it."""
        alone = _alone(_tree(self.path), self.function)
        return ast.fix_missing_locations(_Remover(self.node).visit(alone))


class _Remover(ast.NodeTransformer):
    """Keeps a statement where it never runs, so that the function closes over what it did; unwraps a lock."""

    def __init__(self, node: ast.AST) -> None:
        self.place = ast.unparse(node), node.lineno, node.col_offset

    def visit(self, node: ast.AST) -> ast.AST:
        here = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if here == self.place[1:] and ast.unparse(node) == self.place[0]:
            if isinstance(node, ast.stmt):
                never = ast.If(ast.Constant(False), [node], [])
                return ast.copy_location(never, node)
            if _name(node) == "select_for_update":
                return node.func.value
        return self.generic_visit(node)


class _Reader(ast.NodeVisitor):
    """Collects the guards of a module."""

    def __init__(self, path: str) -> None:
        self.path, self.inside, self.found = path, [], []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._within(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """What is raised here says in other words what was refused before."""

    def visit_Raise(self, node: ast.Raise) -> None:
        if isinstance(node.exc, ast.Call) and _name(node.exc) not in MISTAKES:
            self._add("refusal", _label(node.exc), node)

    def visit_Expr(self, node: ast.Expr) -> None:
        called = _name(node.value) if isinstance(node.value, ast.Call) else ""
        if called in ROLES:
            self._add("role", called, node)
        elif called.lstrip("_").startswith(CHECKS) or called in ("require", "sign"):
            self._add("check", called, node)
        elif called == "add" and "reasons" in ast.unparse(node.value.func):
            self._add("file", _label(node.value), node)
        elif called in TURNS:
            self._add("lock", called, node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if _name(node) == "select_for_update":
            self._add("lock", "select_for_update", node)
        self.generic_visit(node)

    def _within(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    def _add(self, kind: str, label: str, node: ast.AST) -> None:
        function = ".".join(self.inside)
        before = sum(one.function == function and one.label.split("#")[0] == label for one in self.found)
        label = f"{label}#{before + 1}" if before else label
        self.found.append(Found(self.path, function, kind, label, node))


def _name(call: ast.expr) -> str:
    """What is called, without what it is called on."""
    return ast.unparse(call.func).rpartition(".")[2] if isinstance(call, ast.Call) else ""


def _label(call: ast.Call) -> str:
    """The code of a refusal, or its class."""
    given = [one.value for one in call.keywords if one.arg == "code"] + call.args
    codes = [one.value for one in given if isinstance(one, ast.Constant) and str(one.value).isidentifier()]
    return codes[0] if codes else _name(call)


@functools.cache
def found() -> dict[str, Guard]:
    """Every guard of the text, by name."""
    read = [one for path in _paths() for one in _read(path)]
    guards = [_guard(one, one.how, ast.unparse(one.node), one.text) for one in read]
    guards += [
        _guard(one, f"{one.old} → {one.new}", one.old, functools.partial(_edited, one)) for one in EDITS
    ]
    named = {one.name: one for one in guards}
    assert len(named) == len(guards), "two guards of one name"
    return named


def _paths() -> list[str]:
    found = (path for place in PLACES for path in ROOT.glob(place) if path.stem != "__init__")
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def _read(path: str) -> list[Found]:
    reader = _Reader(path)
    reader.visit(_tree(path))
    return reader.found


def _guard(one: Found | Edit, how: str, protects: str, text: Callable[[], ast.Module]) -> Guard:
    module = one.path.removeprefix("policies/").removesuffix(".py").replace("/", ".")
    name = f"{module}.{one.function} {one.label}"
    return Guard(name, one.kind, " ".join(protects.split()), how, functools.partial(_compiled, one, text))


@functools.cache
def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _tree(path: str) -> ast.Module:
    return ast.parse(_text(path))


def _edited(edit: Edit) -> ast.Module:
    """The module with the words of an edit changed within its function."""
    lines = _text(edit.path).splitlines(keepends=True)
    node = _node(ast.parse(_text(edit.path)), edit.function.split("."))
    body = "".join(lines[node.lineno - 1 : node.end_lineno])
    if body.count(edit.old) != 1:
        raise LookupError(
            f"{edit.path}: {edit.function} says {edit.old!r} {body.count(edit.old)} times, not once"
        )
    text = "".join([*lines[: node.lineno - 1], body.replace(edit.old, edit.new), *lines[node.end_lineno :]])
    return _alone(ast.parse(text), edit.function)


def _alone(module: ast.Module, function: str) -> ast.Module:
    """The function, or the class around it, under what the module takes from the future."""
    outer = function.partition(".")[0]
    module.body = [
        one
        for one in module.body
        if getattr(one, "module", "") == "__future__" or getattr(one, "name", "") == outer
    ]
    return module


def _node(parent: ast.AST, names: list[str]) -> ast.AST:
    for node in ast.iter_child_nodes(parent):
        if getattr(node, "name", "") == names[0]:
            return _node(node, names[1:]) if names[1:] else node
    raise LookupError(names[0])


@contextmanager
def _compiled(one: Found | Edit, text: Callable[[], ast.Module]) -> Iterator[None]:
    """Within it every function of that name in the module runs the code of the other text.

    One that is made anew by each call of the function around it is changed with that.
    """
    path, name = str(ROOT / one.path), one.function
    while (path, name) not in _functions():
        name, _, _inner = name.rpartition(".")
    (code,) = _codes(compile(text(), path, "exec", dont_inherit=True), name)
    functions = _functions()[path, name]
    before = functions[0].__code__
    for each in functions:
        each.__code__ = code
    try:
        yield
    finally:
        for each in functions:
            each.__code__ = before


@functools.cache
def _functions() -> dict[tuple[str, str], list[FunctionType]]:
    """Every function there is, by file and name: one that is decorated or closed over too."""
    for path in _paths():
        import_module(path.removesuffix(".py").replace("/", "."))
    found = defaultdict(list)
    gc.unfreeze()  # what `tests.conftest` has put aside is not among them
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename.startswith(str(ROOT)):
            found[each.__code__.co_filename, _plain(each.__code__.co_qualname)].append(each)
    gc.freeze()
    return dict(found)


def _codes(code: CodeType, function: str) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if _plain(each.co_qualname) == function:
                yield each
            yield from _codes(each, function)


def _plain(qualname: str) -> str:
    return qualname.replace(".<locals>", "")
