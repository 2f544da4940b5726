"""What the platform recommends (平台推荐): products that fit the enterprise and can meet what it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from enterprises.models import Enterprise
from finance.models import ProductVersion
from finance.products.costing import Wish, obstacles
from finance.products.fitting import fit, ranked
from finance.products.forms import WishForm, shown_wish

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Recommended:
    """A product that fits, the best first."""

    version: ProductVersion


def recommended(enterprise: Enterprise, asked: Mapping[str, str]) -> list[Recommended]:
    """At most `MOST` products that fit the enterprise and can meet the wish, by what it wants most.

    `asked`: amount, months and order as the pages of products write them in their addresses.
    """
    form = WishForm({**shown_wish(Wish()), **{key: value for key, value in asked.items() if value}})
    wish = form.wish()
    fitting = fit(enterprise, timezone.localdate())
    found = ranked(fitting.groups["fits"], asked.get("order", ""), wish)
    best = [one.entry.version_id for one in found if not obstacles(one.entry, wish)][:MOST]
    rows = ProductVersion.objects.offered().select_related("product__bank__grantee", "product__rule")
    versions = rows.in_bulk(best)
    return [Recommended(versions[pk]) for pk in best if pk in versions]
