"""The demo's banks and products: the files of `finance/reference`, through the services, with four eyes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance.models import Bank, CreditProduct
from finance.products.publishing import publish, submit
from finance.products.writing import TEXT_FIELDS, Content, create_product
from finance.rates import parse_rate
from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money
from portal.kernel.seeding import add_missing, read_yaml

if TYPE_CHECKING:
    from portal.accounts.models import User

FOLDER: Final = Path(__file__).parent / "reference"
_AMOUNTS: Final = {"amount_min": "amount_min_fen", "amount_max": "amount_max_fen"}
_RATES: Final = ("rate_low", "rate_high")
_AROUND: Final = ("code", "bank", "first_here", "conditions")
"""What a file says of a product beside its version."""


def seed_products(*, editor: User, publisher: User, at: dt.datetime | None = None) -> int:
    """Add and publish what is not there yet, all or nothing; how many products that were.

    All are marked as examples, on offer since `at` (by default now). What somebody has changed stays as it
    is. Raises DomainError, naming the product, for what the file has wrong and for users without the roles.
    """
    with transaction.atomic():
        banks = [{**row, "is_example": True} for row in read_yaml(FOLDER / "banks.yaml")["banks"]]
        add_missing(Bank, banks, "code")
        known = {bank.code: bank for bank in Bank.objects.all()}
        there = set(CreditProduct.objects.values_list("code", flat=True))
        missing = [row for row in read_yaml(FOLDER / "products.yaml")["products"] if row["code"] not in there]
        for row in missing:
            _publish(row, known[row["bank"]], (editor, publisher), at)
    return len(missing)


def _publish(row: Mapping[str, Any], bank: Bank, people: tuple[User, User], at: dt.datetime | None) -> None:
    editor, publisher = people
    try:
        version = create_product(
            row["code"], bank, read_content(row), by=editor, first_here=row.get("first_here", False)
        )
        submit(version, by=editor)
        publish(version, by=publisher, at=at)
    except DomainError as error:
        told = _("产品 %(code)s：%(said)s") % {"code": row["code"], "said": error.message}
        raise DomainError(told, code=error.code) from error


def read_content(row: Mapping[str, Any]) -> Content:
    """What a row of the file says: amounts as `300 万元`, rates as `4.35`. Raises DomainError."""
    text: dict[str, Any] = {"is_example": True}
    for key, value in row.items():
        if key in _AMOUNTS:
            text[_AMOUNTS[key]] = parse_money(value)
        elif key in _RATES:
            text[key] = parse_rate(value)
        elif key in TEXT_FIELDS:
            text[key] = value
        elif key not in _AROUND:
            raise DomainError(_("不认识字段“%(key)s”。") % {"key": key}, code="unknown_field")
    return Content(text, row.get("conditions"))
