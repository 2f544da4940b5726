"""Two people at one product at the same moment: one is through, the other is told."""

import pytest
from django.db import transaction

from finance.products import book, publishing, writing
from portal.kernel.errors import DomainError
from tests.finance import factories as make
from tests.races import behind

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(outcome):
    assert isinstance(outcome, DomainError), outcome
    return outcome.code


def test_of_two_drafts_begun_at_once_there_is_one():
    version, by = make.published(), make.editor()

    def start():
        return writing.start_version(version.product, writing.content_of(version), by=by)

    assert code_of(behind(start, start)) == "in_preparation"


def test_of_two_changes_to_a_draft_the_second_is_told():
    version, by = make.draft(), make.editor()

    def change(name):
        return lambda: writing.revise(version, make.content(name=name), seen=0, by=by)

    assert code_of(behind(change("先"), change("后"))) == "changed_meanwhile"
    version.refresh_from_db()
    assert version.name == "先"


def test_a_version_is_published_once():
    version, boss, other = make.submitted(), make.publisher(), make.publisher()
    again = type(version).objects.get(pk=version.pk)
    outcome = behind(
        lambda: publishing.publish(version, by=boss), lambda: publishing.publish(again, by=other)
    )
    assert code_of(outcome) == "not_in_review"


def test_a_form_handed_in_while_the_product_is_withdrawn_waits_and_is_told():
    version, boss = make.published(), make.publisher()

    def hand_in():
        with transaction.atomic():
            return book.offered(version.pk)

    outcome = behind(lambda: publishing.withdraw(version, by=boss, reason="停办"), hand_in)
    assert code_of(outcome) == "product_withdrawn"
