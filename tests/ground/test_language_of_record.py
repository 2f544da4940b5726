"""Words for others are composed in the language of record: a message is not in its sender's language."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.kernel.management.commands.makemessages import MARKS, MARKS_WITH_CONTEXT, TOPS

TELLS = re.compile(
    r"_?tell(_|$)|send_messages?$|advance$|record_appeal$|Draft$|end_consent$|close$|fall_behind$|Terms$|Reader$"
)
WORDS = {*MARKS, *MARKS_WITH_CONTEXT, "format_money"}
RECORD = "in_language_of_record()"


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def in_record(node: ast.AST) -> bool:
    """Whether what stands inside it is composed in the language of record."""
    if isinstance(node, ast.With):
        return any(ast.unparse(item.context_expr) == RECORD for item in node.items)
    return isinstance(node, ast.FunctionDef) and any(
        ast.unparse(one) == RECORD for one in node.decorator_list
    )


def composed(node: ast.AST, known: frozenset[str] = frozenset()) -> Iterator[ast.Call]:
    """Calls that tell others words of now, outside the language of record, or names that hold such words.

    `known`: those names, of the function that it is in.
    """
    if in_record(node):
        yield from told_of(node, known)
        return
    if isinstance(node, ast.Module | ast.FunctionDef):
        known = known | frozenset(names_of_words(node))
    if isinstance(node, ast.Call) and TELLS.match(name(node)):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(name(call) in WORDS for each in given for call in calls(each)) or known & names_in(given):
            yield node
    for child in ast.iter_child_nodes(node):
        yield from composed(child, known)


def told_of(node: ast.AST, known: frozenset[str]) -> Iterator[ast.Call]:
    """Calls in the language of record that pass on what was composed before it."""
    for call in calls(node):
        if TELLS.match(name(call)) and known & names_in([*call.args, *(one.value for one in call.keywords)]):
            yield call


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}


def is_words(node: ast.AST) -> bool:
    """Whether it is words itself, and not what came of a call that was given some."""
    if isinstance(node, ast.Call):
        return name(node) in WORDS
    parts = {
        ast.BinOp: ("left",),
        ast.IfExp: ("body", "orelse"),
        ast.Dict: ("values",),
        ast.JoinedStr: ("values",),
        ast.FormattedValue: ("value",),
    }
    found = [getattr(node, part) for part in parts.get(type(node), ())]
    return any(is_words(one) for part in found for one in (part if isinstance(part, list) else [part]))


def names_of_words(node: ast.AST) -> Iterator[str]:
    """Names that a function gives to words of now, itself and outside the language of record."""
    for child in ast.iter_child_nodes(node):
        if in_record(child) or isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Assign) and is_words(child.value):
            yield from names_in(child.targets)
        yield from names_of_words(child)


def sources() -> list[Path]:
    tops = (settings.BASE_DIR / top for top in TOPS if top != "templates")
    return [path for top in tops for path in sorted(top.rglob("*.py")) if "demo" not in path.parts]


def test_messages_and_histories_speak_the_language_of_record():
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{call.lineno} {name(call)}"
        for path in sources()
        for call in composed(ast.parse(path.read_text(encoding="utf-8")))
        if not is_generator(path, call)
    ]
    assert found == []


def is_generator(path: Path, call: ast.Call) -> bool:
    """Drafts that a generator yields are composed where somebody draws them: in a teller, in its language."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.lineno <= call.lineno <= (node.end_lineno or 0):
            return any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node))
    return False


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("tell_desk(appeal, _('有新诉求'))", 1),
        ("advance(order, 'fall', comment=_('由系统') % {})", 1),
        ("with in_language_of_record():\n    tell_desk(appeal, _('有新诉求'))", 0),
        ("@in_language_of_record()\ndef f():\n    send_messages(Draft(title=_('有新诉求')))", 0),
        ("tell_desk(appeal, reason)", 0),
        ("def f():\n    words = _('有')\n    tell_desk(appeal, words % said)", 1),
        ("def f():\n  words = _('有')\n  with in_language_of_record():\n    tell(appeal, words)", 1),
        ("def f():\n  with in_language_of_record():\n    words = _('有')\n    tell(appeal, words)", 0),
        ("def f():\n  words = _('有')\n  raise Error(words)\ndef g(words):\n  tell(appeal, words)", 0),
        ("def f():\n  event = advance(order, 'ask', by=format(_('有')))\n  tell(event, title)", 1),
        ("end_consent(loan, _('贷款已结清'), at=at)", 1),
        ("Terms(purpose=_('办理贷款') % said)", 1),
        ("why = _('查看 %s') % n\nread(pk, Reader(bank, user, why=why), at=now)", 1),
        ("with in_language_of_record():\n    why = _('查看')\nread(pk, Reader(bank, user, why=why))", 0),
    ],
)
def test_it_would_be_seen(source: str, caught: int):
    assert len(list(composed(ast.parse(source)))) == caught
