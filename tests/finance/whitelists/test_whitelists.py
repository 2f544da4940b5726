"""A whitelist is found by a rule, confirmed by somebody else, and answered by the banks it was pushed to."""

import pytest
from django.utils import timezone

from finance.models import WhitelistResult
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from finance.whitelists.excluding import exclude
from finance.whitelists.pushing import Report
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import BankFactory, office
from tests.finance.pools.factories import WAN, actor, now, official
from tests.money.refusing import refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db


def plan(conditions=None, **values):
    rule = products.published(conditions=conditions or products.IN_COUNTY).rule_version
    given = {"title": "首贷培育名单", "department": office(), "rule_version": rule}
    return Plan(**given | {"as_of": timezone.localdate()} | values)


@pytest.fixture
def firms():
    made = EnterpriseFactory.create_batch(3)
    for firm in made:
        give_value(firm, "region", text="500231101")
    EnterpriseFactory()  # of which nobody knows where it is
    return made


@pytest.fixture
def drawn(firms):
    return draw_up(plan(), by=official(Role.EDITOR))


@pytest.fixture
def banks():
    return BankFactory.create_batch(2)


def pushed(drawn, banks):
    boss = official(Role.LEADER)
    pushing.confirm(drawn, by=boss, at=now())
    pushing.push(drawn, banks, by=boss, at=now())
    return drawn


def test_all_whom_the_rule_fits_are_on_it(drawn, firms):
    assert set(drawn.entries.values_list("enterprise", flat=True)) == {firm.pk for firm in firms}
    assert drawn.population == 4


def test_drawing_up_is_refused_in_words(firms):
    told("no_role", lambda: draw_up(plan(), by=official(Role.LEADER)))
    nobody = plan({"all": [{"fact": "region", "op": "within", "value": ["110000"]}]})
    assert "没有企业符合" in str(told("not_drawn", lambda: draw_up(nobody, by=official(Role.EDITOR))))
    open_rule = products.draft().rule_version
    told("not_published", lambda: draw_up(plan(rule_version=open_rule), by=official(Role.EDITOR)))


def test_two_people_confirm_and_then_it_stands(drawn):
    entry, boss = drawn.entries.first(), official(Role.REVIEWER)
    exclude(entry, "已注销", by=drawn.drafted_by, at=now())
    told("no_role", lambda: pushing.confirm(drawn, by=official(Role.EDITOR), at=now()))
    pushing.confirm(drawn, by=boss, at=now())
    told("confirmed", lambda: exclude(drawn.entries.last(), "x", by=boss, at=now()))
    entry.refresh_from_db()
    refused("finance_whitelistentry_stands", lambda: change(entry, excluded=""))
    refused("finance_whitelistentry_stands", lambda: delete(entry))
    refused("finance_whitelist_stands", lambda: change(drawn, title="x"))


def test_who_drew_it_up_does_not_confirm(firms):
    both = official(Role.EDITOR, Role.LEADER)
    mine = draw_up(plan(), by=both)
    told("four_eyes", lambda: pushing.confirm(mine, by=both, at=now()))
    refused(
        "finance_whitelist_four_eyes",
        lambda: change(mine, state="confirmed", confirmed_by_id=both.pk, confirmed_at=now()),
    )


def test_an_empty_list_goes_nowhere(drawn, banks):
    boss = official(Role.LEADER)
    told("transition_refused", lambda: pushing.push(drawn, banks, by=boss, at=now()))
    told("no_bank", lambda: pushing.push(drawn, [], by=boss, at=now()))
    for entry in drawn.entries.all():
        exclude(entry, "已注销", by=drawn.drafted_by, at=now())
    told("empty", lambda: pushing.confirm(drawn, by=boss, at=now()))


def test_banks_are_told_and_answer_for_their_own(drawn, banks):
    who = actor(banks[0])
    pushed(drawn, banks[:1])
    assert OutboxEntry.objects.filter(payload__mailbox=who.user.mailbox.pk).exists()
    entry = drawn.entries.first()
    told("no_outcome", lambda: pushing.report(entry, Report("x"), by=who, at=now()))
    told("amount", lambda: pushing.report(entry, Report("granted"), by=who, at=now()))
    told("amount", lambda: pushing.report(entry, Report("refused", WAN), by=who, at=now()))
    told("not_yours", lambda: pushing.report(entry, Report("contacted"), by=actor(banks[1]), at=now()))
    pushing.report(entry, Report("contacted"), by=who, at=now())
    pushing.report(entry, Report("granted", 50 * WAN), by=who, at=now())
    result = WhitelistResult.objects.get()
    assert (result.outcome, result.amount_fen) == ("granted", 50 * WAN)
    refused("finance_whitelistresult_asked", lambda: copy(result, bank_id=banks[1].pk))
    refused("finance_whitelistresult_once", lambda: copy(result))
    pushing.close(drawn, by=official(Role.LEADER), at=now())
    told("closed", lambda: pushing.report(entry, Report("contacted"), by=who, at=now()))
