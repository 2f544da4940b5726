"""Lists as they are drawn up, confirmed and pushed, for tests."""

from typing import Any

from django.utils import timezone

from finance.models import Bank, Whitelist
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from finance.whitelists.excluding import exclude
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import office
from tests.finance.pools.factories import now, official


def drawn_list(*firms: Any) -> Whitelist:
    """A draft of these enterprises, or of three new ones, in the county."""
    for firm in firms or EnterpriseFactory.create_batch(3):
        give_value(firm, "region", text="500231101")
    rule = products.published(conditions=products.IN_COUNTY).rule_version
    plan = Plan("首贷培育名单", office(), rule, timezone.localdate())
    return draw_up(plan, by=official(Role.EDITOR))


def pushed_list(*banks: Bank, firms: Any = (), excluded: int = 0) -> Whitelist:
    """A list that the banks have; so many of its enterprises were taken off."""
    held, boss = drawn_list(*firms), official(Role.LEADER)
    for entry in held.entries.all()[:excluded]:
        exclude(entry, "已注销", by=held.drafted_by, at=now())
    pushing.confirm(held, by=boss, at=now())
    pushing.push(held, banks, by=boss, at=now())
    return held
