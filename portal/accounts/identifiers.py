"""What people sign in with: mobile numbers of mainland China, canonical form."""

import re
from typing import Final

from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError
from portal.kernel.numbers import plain_characters

MOBILE: Final = r"^1[3-9][0-9]{9}$"
_SEPARATORS = re.compile(r"[\s\-–—]")


check_phone = RegexValidator(
    r"^[0-9０-９+＋()（）\-－—转 ]{5,30}\Z",
    gettext_lazy("请填写电话号码，例如 13800000000 或 023-74510000。"),
)
"""For a number that somebody will dial: any telephone, with an extension."""


def parse_mobile(text: str) -> str:
    """The eleven digits; takes full-width digits, spaces, hyphens and the prefix +86 / 0086.

    Raises DomainError for anything that is no mainland mobile number.
    """
    digits = _SEPARATORS.sub("", plain_characters(text))
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    if not re.fullmatch(MOBILE, digits):
        raise DomainError(_("请填写 11 位中国大陆手机号。"), code="mobile_invalid")
    return digits


def mask_mobile(mobile: str | None) -> str:
    """For screens of others: `138****1234`."""
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


def mask_name(name: str) -> str:
    """For screens of others: `王*`, `欧**`; the first character only."""
    return name[:1] + "*" * (len(name) - 1)
