"""Words for others are composed in the language of record: a message is not in its sender's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.kernel.management.commands.makemessages import MARKS, MARKS_WITH_CONTEXT, TOPS

TELLS = re.compile(r"_?tell(_|$)|send_messages?$|advance$|record_appeal$|Draft$")
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


def composed(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that tell others words of now, outside the language of record."""
    if in_record(node):
        return
    if isinstance(node, ast.Call) and TELLS.match(name(node)):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(name(call) in WORDS for each in given for call in calls(each)):
            yield node
    for child in ast.iter_child_nodes(node):
        yield from composed(child)


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
    ],
)
def test_it_would_be_seen(source: str, caught: int):
    assert len(list(composed(ast.parse(source)))) == caught
