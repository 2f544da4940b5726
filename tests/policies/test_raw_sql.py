"""Four eyes and published versions against raw SQL: what no single table can refuse is refused together."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from policies import services
from policies.drafting import next_content
from policies.enums import VersionState
from policies.models import ItemVersion, PolicyDocument
from tests.matching.factories import RuleVersionFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


def refused(constraint, *statements):
    """The statements, as one transaction, break that constraint; at its end the deferred ones speak."""
    whole = "; ".join([*statements, "SET CONSTRAINTS ALL IMMEDIATE"])
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(whole)
    assert refusal.value.__cause__.diag.constraint_name == constraint


def agree():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture(params=[make.draft, make.submitted], ids=["draft", "in review"])
def prepared(request):
    return request.param()


def test_a_rule_is_not_put_in_force_behind_the_reviewers_back(prepared):
    refused(
        "policies_version_rule_agrees",
        f"UPDATE matching_ruleversion SET published_at = now() WHERE id = {prepared.rule_version_id}",
    )


def test_a_version_is_not_published_without_its_rule():
    version, boss = make.submitted(), make.publisher()
    refused(
        "policies_version_rule_agrees",
        f"UPDATE policies_itemversion SET state = 'published', published_at = now(),"
        f" published_by_id = {boss.pk} WHERE id = {version.pk}",
    )


def test_a_rule_is_retracted_with_its_version_and_a_version_with_its_rule():
    version = make.published()
    retract = (
        f"UPDATE matching_ruleversion SET retracted_at = now(), retraction_reason = 'x'"
        f" WHERE id = {version.rule_version_id}"
    )
    withdraw = (
        "UPDATE policies_itemversion SET state = 'withdrawn', withdrawal_reason = 'x'"
        f" WHERE id = {version.pk}"
    )
    for alone in (retract, withdraw):
        refused("policies_version_rule_agrees", alone)
    services.withdraw(version, by=make.publisher(), reason="金额有误")
    agree()


def test_a_version_takes_no_rule_of_another_item():
    version, other = make.draft(), make.draft()
    stray = RuleVersionFactory(rule=other.item.rule, number=99)
    refused(
        "policies_version_rule_agrees",
        f"UPDATE policies_itemversion SET rule_version_id = {stray.pk} WHERE id = {version.pk}",
    )


def test_the_services_leave_both_in_agreement():
    first = make.published()
    author, boss = make.editor(), make.publisher()
    content = next_content(first, timezone.localdate())
    second = services.start_version(first.item, content, by=author)
    services.submit(second, by=author)
    services.return_to_draft(second, by=boss, reason="改")
    agree()
    services.withdraw(first, by=boss, reason="错")
    agree()


def test_the_period_under_review_stands():
    version = make.submitted()
    refused(
        "policies_version_stands",
        "UPDATE matching_ruleversion SET valid = daterange('2020-01-01', NULL)"
        f" WHERE id = {version.rule_version_id}",
    )


@pytest.mark.parametrize("state", [state.value for state in VersionState])
def test_a_version_is_not_deleted_and_written_anew(state):
    version = make.published() if state == "published" else make.draft()
    table = ItemVersion._meta.db_table
    refused(
        "policies_itemversion_state_transitions",
        f"CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM {table} WHERE id = {version.pk}",
        f"DELETE FROM {table} WHERE id = {version.pk}",
        f"UPDATE kept SET state = '{state}'",
        f"INSERT INTO {table} SELECT * FROM kept",
    )


@pytest.mark.parametrize("column", ["published_by_id", "author_id"])
def test_who_wrote_and_who_published_a_document_stands(column):
    document, somebody = make.DocumentFactory(), make.editor()
    refused(
        "policies_document_publication_stands",
        f"UPDATE policies_policydocument SET {column} = {somebody.pk} WHERE id = {document.pk}",
    )
    PolicyDocument.objects.filter(pk=document.pk).update(title="勘误后的标题")


def test_a_document_is_neither_born_published_nor_deleted_once_it_was():
    document = make.DocumentFactory()
    born = "jsonb_populate_record(d, jsonb_build_object('id', d.id + 1000, 'code', 'X'))"
    for statement in (
        f"DELETE FROM policies_policydocument WHERE id = {document.pk}",
        f"INSERT INTO policies_policydocument SELECT ({born}).* FROM policies_policydocument d",
    ):
        refused("policies_policydocument_state_transitions", statement)


def test_the_editors_of_a_version_are_written_by_the_database_and_stay():
    """Changing the name on the draft does not free the one who wrote it."""
    author = make.editor()
    make.PostingFactory(user=author, department=make.economy(), role="publisher")
    version = make.submitted(author)
    somebody = make.editor()
    refused(
        "policies_version_four_eyes",
        f"UPDATE policies_itemversion SET state = 'draft' WHERE id = {version.pk}",
        f"UPDATE policies_itemversion SET edited_by_id = {somebody.pk} WHERE id = {version.pk}",
        f"UPDATE matching_ruleversion SET author_id = NULL WHERE id = {version.rule_version_id}",
        f"UPDATE policies_itemversion SET state = 'in_review' WHERE id = {version.pk}",
        f"UPDATE matching_ruleversion SET published_at = now() WHERE id = {version.rule_version_id}",
        f"UPDATE policies_itemversion SET state = 'published', published_at = now(),"
        f" published_by_id = {author.pk} WHERE id = {version.pk}",
    )
