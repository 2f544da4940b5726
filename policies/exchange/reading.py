"""Files of the exchange format, read strictly: what is ambiguous is refused, not guessed.

YAML is read as YAML 1.2 reads it: only `true` and `false` are booleans, dates stay text, and there are no
floats, aliases, tags or duplicate keys.
"""

import re
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from portal.kernel.errors import DomainError
from portal.kernel.strictjson import no_float, read_json

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes. The demo's sixty items take about 0.3 million."""
ALMOST_NUMBER = re.compile(
    r"([-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?\.(inf|nan))\Z", re.IGNORECASE
)
"""Plain text that other YAML libraries may take for a float."""


def read_file(path: Path) -> Any:
    """The data of a YAML or JSON file, by its ending. Raises DomainError with the line where it can."""
    if not path.is_file():
        raise DomainError(_("找不到文件 %(path)s。") % {"path": path}, code="no_file")
    if path.stat().st_size > LARGEST_FILE:
        raise DomainError(_("文件超过 50 MB，请拆成几个文件。"), code="file_too_large")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DomainError(_("文件不是 UTF-8 编码，请另存为 UTF-8 后重试。"), code="not_utf8") from error
    return read_text(text, is_json=path.suffix.lower() == ".json")


def read_text(text: str, *, is_json: bool = False) -> Any:
    """The data of a text. Raises DomainError for what is no YAML or JSON, or is ambiguous."""
    try:
        return read_json(text) if is_json else yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DomainError(
            _("第 %(line)d 行：%(problem)s") % {"line": line, "problem": _in_chinese(error.problem or "")},
            code="syntax",
        ) from error
    except yaml.YAMLError as error:
        raise DomainError(
            _("文件不是有效的 YAML：%(problem)s") % {"problem": error}, code="syntax"
        ) from error
    except RecursionError as error:
        raise DomainError(_("嵌套太深，请检查括号或缩进。"), code="too_deep") from error
    except ValueError as error:
        raise DomainError(_("有一个整数太大，请核对。"), code="number_too_large") from error


def lines_of(path: Path) -> dict[str, int]:
    """The line of every value of a YAML file, by JSON pointer; empty for what has no lines to tell."""
    if path.suffix.lower() == ".json":
        return {}
    lines: dict[str, int] = {}

    def walk(node: yaml.Node, pointer: str) -> None:
        lines[pointer] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, f"{pointer}/{key.value.replace('~', '~0').replace('/', '~1')}")
                lines[f"{pointer}/{key.value}"] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                walk(value, f"{pointer}/{number}")

    root = yaml.compose(path.read_bytes().decode("utf-8-sig"), Loader=_StrictLoader)
    if root is not None:
        walk(root, "")
    return lines


def _in_chinese(problem: str) -> str:
    """PyYAML's complaint as a sentence that says what to mend; this module's own are Chinese already."""
    if not problem.isascii():
        return problem
    for part, said in _YAML_PROBLEMS.items():
        if part in problem:
            return str(said)
    return _("不合 YAML 语法，请检查这一行及上一行的缩进、冒号、引号和括号（%(problem)s）。") % {
        "problem": problem
    }


_YAML_PROBLEMS = {
    r"'\t'": lazy("这里用了制表符（Tab），YAML 只能用空格缩进，请把 Tab 换成空格。"),
    "mapping values are not allowed": lazy("冒号的位置不对：上一行可能少了引号，或缩进没有对齐。"),
    "could not find expected ':'": lazy("缺少冒号，或冒号后少了空格。"),
    "expected <block end>": lazy("缩进没有对齐，或括号、引号没有成对。"),
    "expected ',' or": lazy("括号没有成对，或各项之间少了逗号。"),
    "unexpected end of stream": lazy("引号没有成对。"),
    "cannot start any token": lazy("这个字符不能放在开头，请给整个值加引号。"),
    "expected the node content": lazy("这里应有一个值，请检查上一行的括号和逗号。"),
    "but found another document": lazy("一个文件只能有一份内容，请去掉中间的 ---。"),
}


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader without its guesses."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(None, None, _("不支持别名（*）。"), event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, _("字段名“%(key)s”请加引号。") % {"key": key}, key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, _("字段“%(key)s”重复。") % {"key": key}, key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _unknown_tag(loader: yaml.SafeLoader, node: yaml.Node) -> NoReturn:
    raise yaml.constructor.ConstructorError(
        None, None, _("不支持标签“%(tag)s”。") % {"tag": node.tag}, node.start_mark
    )


def _almost_number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> NoReturn:
    raise yaml.constructor.ConstructorError(None, None, no_float(node.value), node.start_mark)


def _add_resolvers() -> None:
    """The four scalars that are no text; PyYAML matches from the left, hence the ends."""
    scalars = (
        ("tag:yaml.org,2002:null", r"(~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
        ("tag:yaml.org,2002:bool", r"(true|false)\Z", ["t", "f"]),
        ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]*)\Z", list("-0123456789")),
    )
    for tag, pattern, first in scalars:
        _StrictLoader.add_implicit_resolver(tag, re.compile(pattern), first)
    _StrictLoader.add_implicit_resolver("!float", ALMOST_NUMBER, list("-+.0123456789"))


def _add_constructors() -> None:
    for name in ("null", "bool", "int", "str", "seq", "map"):
        tag = f"tag:yaml.org,2002:{name}"
        _StrictLoader.add_constructor(tag, yaml.SafeLoader.yaml_constructors[tag])
    _StrictLoader.add_constructor("!float", _almost_number)
    _StrictLoader.add_constructor(None, _unknown_tag)


_add_resolvers()
_add_constructors()
