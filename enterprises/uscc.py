"""统一社会信用代码, GB 32100-2015: canonical form and check character.

Eighteen characters of an alphabet of 31: registering authority, kind of body, six digits of region,
nine of organisation code, one check character. A few real codes fail the check (older registries
issued them), so a failing check character is held for an official to confirm, not refused.
"""

import re
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from stdnum.cn import uscc as standard

from portal.kernel.errors import DomainError
from portal.kernel.numbers import plain_characters

PATTERN: Final = "^[1-9ANY][1-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
"""Form of a canonical code; the check character is not part of it."""

_FORM = re.compile(PATTERN)
_SEPARATORS = str.maketrans("", "", " -\t\u3000")


class Code(NamedTuple):
    """A code in canonical form and whether its check character fits."""

    text: str
    checked: bool


def parse_uscc(text: str) -> Code:
    """Canonical form of a code as people type it: full width, lower case and blanks are taken.

    Raises DomainError when it cannot be a credit code; a failing check character only says so.
    """
    code = plain_characters(text).translate(_SEPARATORS).upper()
    if len(code) != 18:
        raise DomainError(
            _("统一社会信用代码应为 18 位，现为 %(length)d 位，请对照营业执照核对。") % {"length": len(code)},
            code="uscc_length",
        )
    if not _FORM.match(code):
        raise DomainError(
            _("“%(code)s”不是统一社会信用代码：不含字母 I、O、S、V、Z，第 3 至 8 位是数字，请核对。")
            % {"code": code},
            code="uscc_form",
        )
    return Code(code, check_character(code[:17]) == code[17])


def check_character(body: str) -> str:
    """Check character of the first 17 characters: (31 − Σ cᵢ·3^(i−1) mod 31) mod 31 in the alphabet."""
    return standard.calc_check_digit(body)
