"""One strict reader of numbers that people type or export. No float anywhere."""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

MAX_LENGTH = 40
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．－＋−￥　％", "0123456789,.-+-¥ %")
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,10})?", re.ASCII)


def half_width(text: str) -> str:
    """The same text with full-width digits, signs and spaces as plain ones, trimmed."""
    return text.translate(_FULL_WIDTH).strip()


def plain_characters(text: str) -> str:
    """What somebody typed, full-width digits, letters and signs as plain ones (Unicode NFKC), trimmed.

    For numbers that are kept and looked up: telephones, receipts, codes. Not for names: a name's own
    full-width brackets would be lost.
    """
    return unicodedata.normalize("NFKC", text).strip()


def parse_decimal(text: str) -> Decimal:
    """The exact decimal that a person wrote.

    Takes a sign, full-width digits and thousands separators in groups of three; at most 18 digits
    before the point and 10 after it. Raises DomainError for all else: exponents (1e400), NaN, infinity,
    underscores, two points, wrong groups (1,23), digits of other scripts.
    """
    plain = half_width(text)
    if not plain:
        raise DomainError(_("请填写数字。"), code="number_missing")
    if len(plain) > MAX_LENGTH:
        raise DomainError(_("数字太长，请核对后重新填写。"), code="number_too_long")
    if not _NUMBER.fullmatch(plain):
        raise DomainError(
            _("“%(text)s”不是有效数字，请填写如 1234.5 或 1,234.5 的数字。") % {"text": plain},
            code="number_invalid",
        )
    number = Decimal(plain.replace(",", ""))
    if abs(number) >= 10**18:
        raise DomainError(_("数字太大，请核对后重新填写。"), code="number_too_large")
    return number
