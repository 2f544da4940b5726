"""The life of a version: who may move it where, and what stands afterwards."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg2.extras import DateRange

from matching.models import RuleVersion
from policies import services
from policies.checklist import checklist
from policies.drafting import content_of
from policies.enums import PushKind, VersionState
from policies.models import ItemVersion, PolicyItem, Push, VersionEditor
from portal.kernel.errors import DomainError
from tests.accounts.factories import UserFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def run_sql(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


class _Violation:
    """An IntegrityError of the constraint of that name."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert kind is not None, f"nothing refused; {self.name} should have"
        assert issubclass(kind, IntegrityError), error
        assert error.__cause__.diag.constraint_name == self.name
        return True


def test_a_version_goes_from_draft_to_published():
    version = make.published()
    assert version.state == VersionState.PUBLISHED
    assert version.amount_max_fen == 10_000_000
    assert version.rule_version.published_at
    assert list(version.events.values_list("name", flat=True)) == ["submit", "publish"]
    assert list(ItemVersion.objects.in_force(TODAY())) == [version]


def test_publishing_starts_one_push():
    version = make.published()
    push = Push.objects.get(version=version)
    assert push.kind == PushKind.PUBLICATION
    assert push.run.version == version.rule_version


def test_an_editor_cannot_publish_what_they_wrote():
    both = make.editor()
    make.PostingFactory(user=both, department=make.economy(), role="publisher")
    version = make.submitted(both)
    with pytest.raises(DomainError, match="编写人不能发布"):
        services.publish(version, by=both)
    version.refresh_from_db()
    assert version.state == VersionState.IN_REVIEW
    assert not Push.objects.exists()


def test_an_earlier_editor_cannot_publish_either():
    first, second = make.editor(), make.editor()
    make.PostingFactory(user=first, department=make.economy(), role="publisher")
    version = make.draft(first)
    services.revise(version, content_of(version), by=second)
    assert set(version.editors.values_list("user", flat=True)) == {first.pk, second.pk}
    services.submit(version, by=second)
    with pytest.raises(DomainError, match="编写人不能发布"):
        services.publish(version, by=first)


@pytest.mark.parametrize("who", ["first", "second"])
def test_the_database_keeps_four_eyes(who):
    editors = {"first": make.editor(), "second": make.editor()}
    version = make.draft(editors["first"])
    services.revise(version, content_of(version), by=editors["second"])
    services.submit(version, by=editors["second"])
    with _Violation("policies_version_four_eyes"):
        run_sql(
            "UPDATE policies_itemversion SET state = 'published', published_at = now(), published_by_id = %s"
            " WHERE id = %s",
            editors[who].pk,
            version.pk,
        )


def test_a_publisher_is_named_in_the_database():
    version = make.submitted()
    with _Violation("policies_version_four_eyes"):
        run_sql("UPDATE policies_itemversion SET state = 'published' WHERE id = %s", version.pk)


@pytest.mark.parametrize("state", ["in_review", "published", "superseded", "withdrawn", "expired"])
def test_a_version_is_born_a_draft(state):
    version = make.draft()
    with _Violation("policies_itemversion_state_transitions"):
        run_sql("UPDATE policies_itemversion SET state = 'draft' WHERE id = %s", version.pk)
        run_sql(
            "INSERT INTO policies_itemversion SELECT (jsonb_populate_record(v, jsonb_build_object("
            "'id', v.id + 1000, 'number', 99, 'state', %s::text))).* FROM policies_itemversion v",
            state,
        )


@pytest.mark.parametrize("state", ["published", "withdrawn", "superseded", "nonsense"])
def test_a_draft_does_not_jump(state):
    version = make.draft()
    with _Violation("policies_itemversion_state_transitions"):
        run_sql("UPDATE policies_itemversion SET state = %s WHERE id = %s", state, version.pk)


@pytest.mark.parametrize(
    "change",
    [
        "title = 'x'",
        "window_to = '2030-01-01'",
        "materials = '[{}]'",
        "mode = 'enjoy'",
        "item_id = item_id + 1",
    ],
)
def test_what_left_the_draft_stands(change):
    version = make.submitted()
    with _Violation("policies_version_stands"):
        run_sql(f"UPDATE policies_itemversion SET {change} WHERE id = %s", version.pk)


@pytest.mark.parametrize(
    "change", ["published_at = now()", "amount_max_fen = 1", "published_by_id = edited_by_id"]
)
def test_who_published_and_when_stands(change):
    version = make.published()
    with _Violation("policies_version_stands"):
        run_sql(f"UPDATE policies_itemversion SET {change} WHERE id = %s", version.pk)


def test_sources_stand_with_their_version():
    version = make.submitted()
    with _Violation("policies_version_stands"):
        run_sql("UPDATE policies_versionsource SET clause = 'x' WHERE version_id = %s", version.pk)
    with _Violation("policies_version_stands"):
        run_sql("DELETE FROM policies_versionsource WHERE version_id = %s", version.pk)


def test_the_rule_under_review_stands():
    version = make.submitted()
    with _Violation("policies_version_stands"):
        run_sql("UPDATE matching_ruleversion SET conditions = '{}' WHERE id = %s", version.rule_version_id)


def test_editors_are_never_forgotten():
    version = make.draft()
    with pytest.raises(TypeError):
        VersionEditor.objects.filter(version=version).delete()


def test_a_version_is_never_deleted():
    version = make.draft()
    with _Violation("policies_itemversion_state_transitions"):
        run_sql("DELETE FROM policies_itemversion WHERE id = %s", version.pk)


def test_one_version_in_preparation_an_item():
    version = make.draft()
    with pytest.raises(DomainError, match="正在编写"):
        services.start_version(version.item, content_of(version), by=make.editor())


def test_a_stranger_neither_submits_nor_publishes():
    author = make.editor()
    version = make.draft(author)
    with pytest.raises(DomainError, match="政策编辑"):
        services.submit(version, by=UserFactory())
    services.submit(version, by=author)
    with pytest.raises(DomainError, match="政策发布"):
        services.publish(version, by=make.publisher(make.Department.objects.get(code="science")))


def test_what_is_returned_can_be_mended():
    author, boss = make.editor(), make.publisher()
    version = make.submitted(author)
    with pytest.raises(DomainError, match="退回原因"):
        services.return_to_draft(version, by=boss, reason=" ")
    services.return_to_draft(version, by=boss, reason="金额不对")
    services.revise(version, make.content(title="改好了"), by=author)
    services.submit(version, by=author)
    services.publish(version, by=boss)
    version.refresh_from_db()
    assert version.title == "改好了"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule_conditions": {"fact": "no_such", "op": "=", "value": "1"}}, "no_such"),
        ({"rule_amount": None}, "奖补标准"),
        ({"rule_amount": {"fixed": "NaN", "unit": "万元"}}, "NaN"),
        ({"rule_valid": DateRange(dt.date(2020, 1, 1), dt.date(2020, 12, 31))}, "有效期"),
        ({"rule_valid": None}, "从哪一天起有效"),
        ({"sources": []}, "出自哪份文件"),
        (
            {"rule_examples": [{"name": "外县", "facts": {"region": "500230"}, "verdict": "eligible"}]},
            "外县：应为“符合”",
        ),
    ],
)
def test_what_is_not_in_order_is_not_submitted(changes, said):
    author = make.editor()
    version = make.draft(author, **changes)
    with pytest.raises(DomainError, match=said):
        services.submit(version, by=author)


def test_an_unpublished_document_is_no_source():
    author = make.editor()
    version = make.draft(author, sources=[make.Source(make.DocumentFactory(published=False))])
    with pytest.raises(DomainError, match="还没有发布"):
        services.submit(version, by=author)


def test_a_document_is_published_by_somebody_else():
    document = make.DocumentFactory(published=False)
    with pytest.raises(DomainError, match="编写人不能发布"):
        services.publish_document(document, by=_superuser(document.author))
    with _Violation("policies_document_four_eyes"):
        run_sql(
            "UPDATE policies_policydocument SET state = 'published', published_at = now(),"
            " published_by_id = author_id WHERE id = %s",
            document.pk,
        )


def _superuser(user):
    user.is_superuser = True
    user.save()
    return user


def test_a_successor_closes_its_predecessor():
    first = make.published()
    author = make.editor()
    changed = make.content(title="第二版", rule_valid=DateRange(TODAY(), None))
    second = services.start_version(first.item, changed, by=author)
    services.submit(second, by=author)
    services.publish(second, by=make.publisher())
    first.refresh_from_db()
    first.rule_version.refresh_from_db()
    assert first.state == VersionState.SUPERSEDED
    assert first.rule_version.valid.upper == TODAY()
    assert list(ItemVersion.objects.in_force(TODAY())) == [second]


def test_a_successor_of_tomorrow_waits():
    first = make.published()
    tomorrow = TODAY() + dt.timedelta(days=1)
    author = make.editor()
    second = services.start_version(first.item, make.content(rule_valid=DateRange(tomorrow, None)), by=author)
    services.submit(second, by=author)
    services.publish(second, by=make.publisher())
    first.refresh_from_db()
    assert first.state == VersionState.PUBLISHED
    assert list(ItemVersion.objects.in_force(TODAY())) == [first]
    assert not Push.objects.filter(version=second).exists()
    assert services.end_versions(tomorrow) == 1
    first.refresh_from_db()
    assert first.state == VersionState.SUPERSEDED
    assert list(ItemVersion.objects.in_force(tomorrow)) == [second]


def test_a_version_without_successor_expires():
    version = make.published(rule_valid=DateRange(TODAY(), TODAY() + dt.timedelta(days=2)))
    assert services.end_versions(TODAY() + dt.timedelta(days=1)) == 0
    assert services.end_versions(TODAY() + dt.timedelta(days=2)) == 1
    version.refresh_from_db()
    assert version.state == VersionState.EXPIRED


def test_withdrawing_needs_a_reason_and_happens_once():
    version, boss = make.published(), make.publisher()
    with pytest.raises(DomainError, match="撤回原因"):
        services.withdraw(version, by=boss, reason="")
    services.withdraw(version, by=boss, reason="金额有误")
    assert RuleVersion.objects.get(pk=version.rule_version_id).retracted_at
    assert not ItemVersion.objects.in_force(TODAY()).exists()
    with pytest.raises(DomainError, match="不能撤回"):
        services.withdraw(version, by=boss, reason="再撤一次")


def test_withdrawn_without_reason_is_refused_by_the_database():
    version = make.published()
    with _Violation("policies_version_withdrawn_with_reason"):
        run_sql("UPDATE policies_itemversion SET state = 'withdrawn' WHERE id = %s", version.pk)


def test_a_taken_code_is_refused():
    old = make.published()
    with pytest.raises(DomainError, match="已被使用"):
        services.copy_item(old.item, old.item.code, by=make.editor())


def test_the_public_sees_only_what_was_published():
    hidden, shown = make.draft(), make.published()
    anyone = UserFactory()
    for actor in (None, anyone):
        assert list(PolicyItem.objects.visible_to(actor)) == [shown.item]
        assert list(ItemVersion.objects.visible_to(actor)) == [shown]
    author = make.editor()
    assert set(PolicyItem.objects.visible_to(author)) == {hidden.item, shown.item}
    elsewhere = make.editor(make.Department.objects.get(code="science"))
    assert list(PolicyItem.objects.visible_to(elsewhere)) == [shown.item]


def test_history_sees_every_change():
    author = make.editor()
    version = make.draft(author)
    services.revise(version, make.content(title="改了"), by=author)
    assert version.history.count() >= 2


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, True),
        ({"title": "别的名称"}, True),
        ({"rule_amount": {"fixed": "11", "unit": "万元"}}, True),
        ({"title": "别的名称", "rule_amount": {"fixed": "11", "unit": "万元"}}, False),
        ({"exclusivity_group": "专精特新"}, False),
        ({"exclusivity_group": "别的组"}, True),
    ],
)
def test_the_checklist_warns_of_the_same_money_twice_and_stops_nothing(changes, warned):
    first = make.published(exclusivity_group="专精特新")
    version = make.submitted(**changes)
    notes = [note for point in checklist(version) for note in point.notes if first.item.code in note]
    assert bool(notes) is warned
    services.publish(version, by=make.publisher())


def test_without_a_group_in_common_an_item_s_own_next_version_is_no_twin():
    first = make.published()
    twin = make.submitted()
    assert any(first.item.code in note for point in checklist(twin) for note in point.notes)
    following = services.start_version(first.item, content_of(first), by=make.editor())
    assert not any(first.item.code in note for point in checklist(following) for note in point.notes)
