"""Items of which an enterprise may enjoy one only (就高不重复): the others of each are named beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from policies.models import ItemVersion


def name_rivals(versions: Iterable[ItemVersion], day: dt.date) -> None:
    """Fill `rivals` of each version with the others of its group in force on a day: one query, or none."""
    grouped = [version for version in versions if version.exclusivity_group]
    if not grouped:
        return
    groups = {version.exclusivity_group for version in grouped}
    standing = ItemVersion.objects.visible_to(None).in_force(day).filter(exclusivity_group__in=groups)
    rivals = list(standing.select_related("item").only("title", "item__code", "exclusivity_group"))
    for version in grouped:
        version.rivals = tuple(
            rival
            for rival in rivals
            if rival.exclusivity_group == version.exclusivity_group and rival.item_id != version.item_id
        )
