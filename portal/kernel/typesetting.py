"""From a template and its content to a PDF, by Typst. The same content and moment give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimSun",
)
"""Families with Chinese characters, the first that is there is taken; none of them comes with the portal."""
LONG: Final = re.compile(r"[!-~]{24}(?=[!-~])")
"""Runs without a place to break a line."""
BREAK: Final = "\u200b"


def pdf(template: Path, content: dict[str, Any], now: dt.datetime) -> bytes:
    """The document. Raises DomainError when no font of this machine can show Chinese.

    All words are given to the template as data (`data` in sys.inputs, JSON), `fonts` among them.
    It can read nothing but its own folder, and loads no package.
    """
    from typst import TypstError, compile_with_warnings

    fonts = _fonts()
    family = chinese_font()
    given = _breakable(content) | {"fonts": [family]}
    try:
        made, _warnings = compile_with_warnings(
            str(template),
            root=str(template.parent),
            font_paths=fonts,
            sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
            timestamp=int(now.timestamp()),
        )
    except TypstError as error:
        raise DomainError(_("文书没有排成，请稍后再试，或联系系统管理员。"), code="typesetting") from error
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no PDF")
    return made


def chinese_font() -> str:
    """The family that Chinese is set in. Raises DomainError when there is none: boxes help nobody."""
    known = {family.casefold() for family in _fonts().families()}
    for family in FONTS:
        if family.casefold() in known:
            return family
    raise DomainError(
        _("服务器上没有中文字体，文书无法生成。请系统管理员安装 fonts-noto-cjk 后重启服务。"),
        code="no_chinese_font",
    )


@cache
def _fonts() -> Any:
    """The fonts of this machine, looked for once in a process."""
    from typst import Fonts

    return Fonts()


def _breakable(value: Any) -> Any:
    """The same, with a place to break in very long words."""
    if isinstance(value, str):
        return LONG.sub(lambda run: run[0] + BREAK, value)
    if isinstance(value, dict):
        return {key: _breakable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable(each) for each in value]
    return value
