"""What changed of a product while its form was open: it is gone, or another version of it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from finance.models import ProductVersion
from finance.models.vocabulary import ProductState
from finance.products.wording import (
    amount_words,
    rate_words,
    repayment_words,
    security_words,
    speed_words,
    term_words,
)
from portal.kernel.language import listed

ONCE_OFFERED: Final = (ProductState.PUBLISHED, ProductState.SUPERSEDED, ProductState.WITHDRAWN)
"""States of what everybody could read: a draft is not among them."""
TOLD: Final[tuple[tuple[Any, Callable[[ProductVersion], Any]], ...]] = (
    (_("名称"), lambda version: version.name),
    (_("金额"), amount_words),
    (_("期限"), term_words),
    (_("年利率"), rate_words),
    (_("还款方式"), lambda version: repayment_words(version.repayments)),
    (_("担保"), lambda version: security_words(version.securities)),
    (_("答复"), speed_words),
    (_("材料"), lambda version: listed(version.materials)),
)
"""What an enterprise goes by, as products' pages say it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a version says otherwise than the one before it."""

    label: str
    before: str
    after: str


def gone(code: str) -> ProductVersion | None:
    """What a product that is offered no more said last; None where nobody could ever read it."""
    rows = ProductVersion.objects.filter(product__code=code, state__in=ONCE_OFFERED)
    return rows.select_related("product__bank__grantee", "product__rule").order_by("-number").first()


def differences(seen: str, now: ProductVersion) -> list[Difference]:
    """What is otherwise now than in the version (by id) that was seen; none of another product."""
    rows = ProductVersion.objects.filter(product=now.product_id, state__in=ONCE_OFFERED)
    before = rows.filter(pk=int(seen)).first() if seen.isascii() and seen.isdecimal() else None
    if before is None:
        return []
    said = ((label, str(words(before)), str(words(now))) for label, words in TOLD)
    return [Difference(str(label), was or "—", holds or "—") for label, was, holds in said if was != holds]
