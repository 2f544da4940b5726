"""From draft to shelf and off it: four eyes, one version at a time, a form opened too early."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.models import Bank, CreditProduct, ProductVersion
from finance.products import book, publishing, writing
from finance.products.writing import content_of
from matching.models import RuleVersion
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import PostingFactory, UserFactory
from tests.finance import factories as make

pytestmark = pytest.mark.django_db


def refusal(of):
    with pytest.raises(DomainError) as refused:
        of()
    return refused.value.code


def successor(of, *, by=None, **changes):
    """A draft that says the same, but for some changes."""
    content = content_of(of)
    said = writing.Content({**content.text, **changes}, content.conditions)
    return writing.start_version(of.product, said, by=by or make.editor())


def put_on_shelf(version):
    publishing.submit(version, by=version.edited_by)
    publishing.publish(version, by=make.publisher())
    version.refresh_from_db()


def test_a_published_version_is_what_the_product_says_and_its_conditions_hold():
    version = make.published()
    (entry,) = book.in_force(timezone.localdate()).entries
    assert (entry.version_id, entry.rate_low) == (version.pk, Decimal("3.4500"))
    assert RuleVersion.objects.in_force(timezone.localdate()).get() == version.rule_version
    assert version.product.rule.label == version.name
    assert [event.name for event in version.events.all()] == ["submit", "publish"]


def test_products_of_a_bank_that_left_are_not_offered():
    version = make.published()
    Bank.objects.update(live=False)
    assert book.in_force(timezone.localdate()).entries == ()
    assert refusal(lambda: book.offered(version.pk)) == "product_withdrawn"


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_successor_supersedes_and_its_conditions_follow_on(monkeypatch, days):
    today = timezone.localdate()
    monkeypatch.setattr(timezone, "localdate", lambda *_a: today - dt.timedelta(days=days))
    first = make.published()
    monkeypatch.undo()
    second = successor(first, name="云税快贷（新）")
    assert first.product.rule.label == "云税快贷"
    put_on_shelf(second)
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "published")
    assert RuleVersion.objects.in_force(today).get() == second.rule_version
    assert (first.rule_version.retracted_at is None) is (days > 0)
    assert CreditProduct.objects.get().name == "云税快贷（新）"


def test_conditions_may_be_dropped_and_come_back():
    first = make.published()
    second = successor(first)
    writing.revise(second, writing.Content(content_of(second).text, None), seen=0, by=second.edited_by)
    assert RuleVersion.objects.count() == 1
    put_on_shelf(second)
    assert not RuleVersion.objects.in_force(timezone.localdate()).exists()
    third = writing.start_version(
        second.product, writing.Content(content_of(second).text, make.IN_COUNTY), by=make.editor()
    )
    put_on_shelf(third)
    assert RuleVersion.objects.in_force(timezone.localdate()).get() == third.rule_version


def test_nobody_publishes_what_they_wrote_even_after_another_edited_it():
    author, other = make.editor(), make.editor()
    PostingFactory(user=author, department=make.office(), role=Role.PUBLISHER)
    version = make.draft(by=author)
    version = writing.revise(version, content_of(version), seen=0, by=other)
    publishing.submit(version, by=other)
    assert refusal(lambda: publishing.publish(version, by=author)) == "four_eyes"


def test_who_holds_no_role_writes_and_publishes_nothing():
    stranger, waiting, offered = UserFactory(), make.submitted(), make.published()
    bank, said = make.BankFactory(), make.content()
    elsewhere = PostingFactory(role=Role.EDITOR).user
    steps = (
        lambda: writing.create_product("P-X", bank, said, by=elsewhere),
        lambda: writing.start_version(offered.product, said, by=stranger),
        lambda: writing.revise(waiting, said, seen=0, by=stranger),
        lambda: publishing.submit(waiting, by=stranger),
        lambda: publishing.return_to_draft(waiting, by=stranger, reason="改"),
        lambda: publishing.publish(waiting, by=stranger),
        lambda: publishing.withdraw(offered, by=stranger, reason="停办"),
    )
    assert {refusal(step) for step in steps} == {"no_role"}


def test_a_draft_changed_while_a_form_was_open_is_not_overwritten():
    version = make.draft()
    opened = version.revision
    writing.revise(version, make.content(name="先改的"), seen=opened, by=make.editor())
    with pytest.raises(DomainError, match="改过“先改的”") as refused:
        writing.revise(version, make.content(name="后改的"), seen=opened, by=make.editor())
    assert refused.value.code == "changed_meanwhile"
    assert ProductVersion.objects.get().name == "先改的"


def test_a_form_opened_with_an_old_version_is_told_what_changed():
    first = make.published()
    assert book.offered(first.pk) == first
    second = successor(first, rate_high=Decimal("5.0000"))
    put_on_shelf(second)
    with pytest.raises(DomainError, match="刚刚更新") as refused:
        book.offered(first.pk)
    assert refused.value.code == "product_changed"
    publishing.withdraw(second, by=make.publisher(), reason="银行停办")
    assert refusal(lambda: book.offered(second.pk)) == "product_withdrawn"
    assert refusal(lambda: book.offered(0)) == "no_product"
    second.rule_version.refresh_from_db()
    assert second.rule_version.retraction_reason == "银行停办"


def test_a_version_is_not_submitted_while_something_is_missing():
    author = make.editor()
    unclear = {
        "amount_max_fen": None,
        "rate_low": None,
        "rate_high": None,
        "term_max": None,
        "securities": [],
    }
    version = make.draft(
        by=author, **unclear, conditions={"all": [{"fact": "nonsense", "op": "=", "value": 1}]}
    )
    with pytest.raises(DomainError) as refused:
        publishing.submit(version, by=author)
    for word in ("条件", "金额", "利率", "期限", "担保方式"):
        assert word in refused.value.message
    assert refused.value.code == "not_ready"


def test_what_was_returned_can_be_changed_and_submitted_again():
    author = make.editor()
    version = make.submitted(by=author)
    assert refusal(lambda: writing.revise(version, make.content(), seen=0, by=author)) == "not_a_draft"
    assert (
        refusal(lambda: publishing.return_to_draft(version, by=make.publisher(), reason=" ")) == "no_reason"
    )
    publishing.return_to_draft(version, by=make.publisher(), reason="利率写错了")
    version = writing.revise(version, make.content(name="改好了"), seen=0, by=author)
    put_on_shelf(version)
    assert refusal(lambda: publishing.withdraw(version, by=make.publisher(), reason="")) == "no_reason"


def test_one_version_at_a_time_and_a_code_once():
    version = make.draft(code="P-ONE")
    assert refusal(lambda: successor(version)) == "in_preparation"
    assert refusal(lambda: make.draft(code="P-ONE")) == "code_taken"
