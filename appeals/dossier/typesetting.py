"""From the content of a dossier to a PDF, by Typst. The same content and moment give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

TEMPLATE: Final = Path(__file__).with_name("dossier.typ")
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


def pdf(content: dict[str, Any], now: dt.datetime) -> bytes:
    """The dossier. Raises DomainError when no font of this machine can show Chinese.

    Words are given to the template as data. It can read nothing but its own folder, and loads no package.
    """
    from typst import TypstError, compile_with_warnings

    fonts = _fonts()
    family = chinese_font()
    given = _breakable(content) | {"fonts": [family], "words": _words()}
    try:
        made, _warnings = compile_with_warnings(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            font_paths=fonts,
            sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
            timestamp=int(now.timestamp()),
        )
    except TypstError as error:
        raise DomainError(_("卷宗没有排成，请稍后再试，或联系系统管理员。"), code="typesetting") from error
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
        _("服务器上没有中文字体，卷宗无法生成。请系统管理员安装 fonts-noto-cjk 后重启服务。"),
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


def _words() -> dict[str, Any]:
    """The template's own words."""
    return {
        "service": _("企业服务云平台"),
        "dossier": _("诉求卷宗"),
        "secret": _("仅供督办使用，请勿外传；每次调阅都有记录。"),
        "page": _("第 {page} 页 共 {pages} 页"),
        "none": _("无"),
        "text": _("诉求内容"),
        "orders": _("工单"),
        "assignments": _("派单记录"),
        "assigned": [_("时间"), _("派给"), _("人员"), _("缘由"), _("派单人")],
        "clocks": _("时限"),
        "clock": [_("时限"), _("时长"), _("开始"), _("到期"), _("结果")],
        "answer": _("答复"),
        "promises": _("承诺"),
        "promise": [_("承诺日期"), _("内容"), _("结果"), _("说明")],
        "survey": _("企业评价"),
        "happened": _("经过"),
        "event": [_("时间"), _("事项"), _("办理人"), _("说明"), _("公开")],
        "public": _("公开"),
        "inner": _("内部"),
        "files": _("附件"),
        "file": [_("文件名"), _("上传人"), _("上传时间"), _("SHA-256（前 16 位）")],
    }
