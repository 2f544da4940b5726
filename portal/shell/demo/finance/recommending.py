"""One whitelist of the demo: drawn up by a product's rule, confirmed, pushed to banks, partly answered."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Final

from django.utils import timezone

from finance.acting import BankActor
from finance.keepers import OFFICE
from finance.models import Bank, EntryOutcome, ProductVersion, Whitelist
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from finance.whitelists.excluding import exclude
from finance.whitelists.pushing import Report
from portal.accounts.models import Department, User
from portal.kernel.errors import DomainError
from portal.kernel.money import WAN

PRODUCTS: Final = ("L07", "L09", "L01")
"""By whose conditions; the first that fits anybody."""
TITLE: Final = "科技型企业融资白名单"
BANKS: Final = ("CQRCB", "ABC", "ICBC")
ANSWERED: Final = 24
"""Entries that some bank has answered for; of the others nobody has said anything yet."""
SAID: Final = (
    Report(EntryOutcome.GRANTED, 80 * WAN, "科技积分授信"),
    Report(EntryOutcome.CONTACTED, note="已约下周上门"),
    Report(EntryOutcome.NO_NEED),
    Report(EntryOutcome.REFUSED, note="成立不满一年"),
    Report(EntryOutcome.GRANTED, 30 * WAN),
)


def recommend(people: Mapping[str, User], bankers: Mapping[int, list[BankActor]]) -> int:
    """Bring the list to the banks by what is known now; how many enterprises there are on it."""
    drawn = _drawn(people["editor"])
    if drawn is None:
        return 0
    entries = list(drawn.entries.select_related("whitelist__department"))
    if len(entries) > 1:
        exclude(entries.pop(), "已列入经营异常名录", by=people["editor"], at=timezone.now())
    pushing.confirm(drawn, by=people["pool_leader"], at=timezone.now())
    banks = list(Bank.objects.live().filter(code__in=BANKS))
    pushing.push(drawn, banks, by=people["pool_leader"], at=timezone.now())
    asked = entries[: min(ANSWERED, len(entries) // 2)]
    for entry, bank, said in zip(asked, cycle(banks), cycle(SAID), strict=False):
        pushing.report(entry, said, by=bankers[bank.pk][-1], at=timezone.now())
    return len(entries)


def _drawn(editor: User) -> Whitelist | None:
    office, today = Department.objects.get(code=OFFICE), timezone.localdate()
    versions = ProductVersion.objects.filter(state="published", rule_version__isnull=False)
    found = {version.product.code: version for version in versions.select_related("product", "rule_version")}
    for code in PRODUCTS:
        rule = found[code].rule_version if code in found else None
        if rule is None:
            continue
        try:
            return draw_up(Plan(TITLE, office, rule, today), by=editor)
        except DomainError:  # it fits nobody in a small county
            continue
    return None
