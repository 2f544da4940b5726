"""Versions: one drafts, another publishes, one is in use; what is let go or retired stays."""

import pytest
from django.db import transaction
from django.utils import timezone

from portal.kernel import versions
from portal.kernel.versions import VersionState
from tests.accounts.factories import UserFactory
from tests.kernel.papers.models import Tariff, TariffVersion
from tests.money.refusing import refused, told
from tests.rows import change, copy

pytestmark = pytest.mark.django_db


def draft_of(tariff, by):
    with transaction.atomic():
        return versions.start_draft(tariff, by=by, copied=["price"])


def published(draft, by=None):
    versions.publish(draft, by=by or UserFactory(), require=lambda held: None)
    return draft


@pytest.fixture
def first():
    """A version in use that came with the system."""
    tariff = Tariff.objects.create(code="print", name="打印")
    return published(TariffVersion.objects.create(model=tariff, number=1, price=10, note="随系统提供"))


@pytest.fixture
def author():
    return UserFactory()


def test_a_draft_begins_as_the_version_in_use(first, author):
    draft, before = draft_of(first.model, author)
    assert before == first
    assert (draft.number, draft.price, draft.note, draft.edited_by) == (2, 10, "", author)
    assert (draft.is_draft, draft.is_by(author), draft.is_by(UserFactory())) == (True, True, False)
    assert (str(draft), draft.colour, first.colour) == ("第 2 版", "due", "done")
    assert TariffVersion.objects.draft_of("print") == draft
    told("in_preparation", lambda: draft_of(first.model, author))


def test_nothing_is_copied_from_what_never_was_in_use(author):
    tariff = Tariff.objects.create(code="scan", name="扫描")
    told("nothing_to_copy", lambda: draft_of(tariff, author))
    assert TariffVersion.objects.in_use("scan") is None


def test_published_by_another_it_takes_the_place_of_the_one_in_use(first, author):
    draft, _before = draft_of(first.model, author)
    told("four_eyes", lambda: published(draft, author))
    publisher = UserFactory()
    versions.publish(draft, by=publisher, require=lambda held: None, comment="年度修订")
    first.refresh_from_db()
    assert TariffVersion.objects.in_use("print") == draft
    assert (first.state, first.retired_at) == (VersionState.RETIRED, draft.published_at)
    event = draft.events.get()
    assert (event.actor, event.comment, draft.published_by) == (publisher, "年度修订", publisher)
    told("not_a_draft", lambda: published(draft))
    told("not_a_draft", lambda: versions.hold_draft(first))


def test_what_the_app_requires_is_asked_of_the_draft_as_it_stands(first, author):
    draft, _before = draft_of(first.model, author)
    TariffVersion.objects.filter(pk=draft.pk).update(price=20)

    def require(held):
        versions.require_seen(str(held.price), "10")

    told("changed", lambda: versions.publish(draft, by=UserFactory(), require=require))
    first.refresh_from_db()
    assert (first.state, draft.events.count()) == (VersionState.PUBLISHED, 0)


def test_a_draft_that_is_let_go_is_kept_and_another_one_begins(first, author):
    draft, _before = draft_of(first.model, author)
    told("no_reason", lambda: versions.discard(draft, by=author, reason=" "))
    versions.discard(draft, by=author, reason=" 编写人调离 " + "长" * 300)
    event = draft.events.get()
    assert (event.comment[:5], len(event.comment)) == ("编写人调离", versions.MOST_WORDS)
    told("transition_refused", lambda: versions.discard(draft, by=author, reason="再来一次"))
    another, before = draft_of(first.model, author)
    assert (another.number, before) == (3, first)


def test_after_one_is_retired_the_next_begins_as_that_was(first, author):
    told("no_reason", lambda: versions.retire(first, by=author, reason=""))
    versions.retire(first, by=author, reason="停用复核")
    assert TariffVersion.objects.in_use("print") is None
    assert first.events.last().comment == "停用复核"
    draft, before = draft_of(first.model, author)
    assert (draft.price, before) == (10, first)


def test_the_database_refuses_what_no_version_is(first, author):
    draft, _before = draft_of(first.model, author)
    now, signed = timezone.now(), {"published_by_id": UserFactory().pk, "published_at": timezone.now()}
    refused("papers_tariff_code", lambda: Tariff.objects.create(code="Print", name="x"))
    refused("papers_tariffversion_one_draft", lambda: copy(draft, number=3))
    refused("papers_tariffversion_number_positive", lambda: change(draft, number=0))
    refused("papers_tariffversion_number_once", lambda: change(draft, number=1))
    refused("papers_tariffversion_one_in_use", lambda: change(draft, state="published", **signed))
    refused("papers_tariffversion_state_transitions", lambda: copy(first, number=3))
    refused("papers_tariffversion_signed", lambda: change(draft, published_at=now))
    refused("papers_tariffversion_signed", lambda: change(first, state="retired"))
    change(first, state="retired", retired_at=now)
    refused("papers_tariffversion_signed", lambda: change(draft, state="published", published_at=now))
    refused("papers_tariffversion_signed", lambda: change(draft, state="discarded", retired_at=now))
