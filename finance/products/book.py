"""What is offered today: every published version of a bank on the platform, as light rows for lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from finance.models import ProductVersion
from portal.kernel.errors import DomainError

FIELDS: Final = (
    "pk",
    "product_id",
    "product__code",
    "product__first_here",
    "product__bank_id",
    "product__bank__code",
    "product__bank__short",
    "rule_version_id",
    "name",
    "summary",
    "kind",
    "purposes",
    "securities",
    "repayments",
    "targets",
    "amount_min_fen",
    "amount_max_fen",
    "amount_note",
    "term_min",
    "term_max",
    "term_note",
    "rate_low",
    "rate_high",
    "rate_note",
    "answer_days",
    "speed_note",
    "is_example",
    "published_at",
)
"""Of ProductVersion, in the order of an Entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What finding, judging, ranking and a list row need of a version."""

    version_id: int
    product_id: int
    code: str
    first_here: bool
    bank_id: int
    bank_code: str
    bank: str
    rule_version_id: int | None
    name: str
    summary: str
    kind: str
    purposes: list[str]
    securities: list[str]
    repayments: list[str]
    targets: list[str]
    amount_min_fen: int | None
    amount_max_fen: int | None
    amount_note: str
    term_min: int | None
    term_max: int | None
    term_note: str
    rate_low: Decimal | None
    rate_high: Decimal | None
    rate_note: str
    answer_days: int | None
    speed_note: str
    is_example: bool
    published_at: dt.datetime


@dataclass(frozen=True)
class Book:
    """The offer of a day, in a stable order."""

    day: dt.date
    entries: tuple[Entry, ...]

    @cached_property
    def by_version(self) -> dict[int, Entry]:
        return {entry.version_id: entry for entry in self.entries}

    @property
    def rule_version_ids(self) -> list[int]:
        """Conditions of those that name any, in the order of the book."""
        return [entry.rule_version_id for entry in self.entries if entry.rule_version_id is not None]


def in_force(day: dt.date) -> Book:
    """The book of a day: one query of light rows; a few hundred products need no more."""
    rows: Iterable[tuple[object, ...]] = (
        ProductVersion.objects.offered().order_by("product__code").values_list(*FIELDS)
    )
    return Book(day, tuple(Entry(*row) for row in rows))  # type: ignore[arg-type]


def offered(version_id: int) -> ProductVersion:
    """The version that a form was opened with, while it is what the product says.

    To be asked within the transaction that files a loan: the row is locked against withdrawal. Raises
    DomainError with what became of it.
    """
    version = (
        ProductVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("product__bank", "rule_version")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise DomainError(_("没有这款产品，请回到产品列表重新选择。"), code="no_product")
    if version.is_offered and version.product.bank.live:
        return version
    if version.product.versions.offered().exists():
        raise DomainError(
            _("“%(name)s”刚刚更新，利率、金额或条件可能变了。请刷新页面看过新内容再提交；您填的还在。")
            % {"name": version.name},
            code="product_changed",
        )
    raise DomainError(
        _("“%(name)s”已经下架，不再受理。请换一款产品，或选择“由平台推荐”。") % {"name": version.name},
        code="product_withdrawn",
    )
