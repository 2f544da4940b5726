"""Who may change whose items and documents."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from policies import services
from policies.exchange.checking import ExchangeRefused
from policies.exchange.importing import import_data
from policies.models import PolicyDocument, PolicyItem
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.policies import factories as make
from tests.policies.test_exchange import example

pytestmark = pytest.mark.django_db


def sign_in(client, role, code="economy"):
    user = StaffFactory()
    PostingFactory(user=user, department=Department.objects.get(code=code), role=role)
    client.force_login(user)
    return user


def hand_over(client, item, code):
    """The item's form, posted with another department; its versions are an inline without forms."""
    data = {"department": Department.objects.get(code=code).pk}
    data |= {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    response = client.post(reverse("admin:policies_policyitem_change", args=[item.pk]), data)
    return response, PolicyItem.objects.get(pk=item.pk).department.code


def test_an_editor_does_not_take_over_the_item_of_another_department(client):
    item = make.draft().item
    sign_in(client, Role.EDITOR, "finance")
    response, department = hand_over(client, item, "finance")
    assert (response.status_code, department) == (403, "economy")


def test_an_item_is_not_handed_to_a_department_of_which_one_is_no_editor(client):
    item = make.draft().item
    user = sign_in(client, Role.EDITOR)
    assert hand_over(client, item, "finance")[1] == "economy"
    PostingFactory(user=user, department=Department.objects.get(code="finance"), role=Role.EDITOR)
    assert hand_over(client, item, "finance")[1] == "finance"


def test_whoever_rewrote_a_draft_document_does_not_publish_it(client):
    """In the admin, through the service, and with raw SQL."""
    document = make.DocumentFactory(published=False)
    second = sign_in(client, Role.EDITOR)
    PostingFactory(user=second, department=make.economy(), role=Role.PUBLISHER)
    data = {"code": document.code, "title": "改写", "issuer": "x", "level": "county", "source": "{}"}
    data |= {"events-TOTAL_FORMS": 0, "events-INITIAL_FORMS": 0}
    address = reverse("admin:policies_policydocument_change", args=[document.pk])
    assert client.post(address, data).status_code == 302
    document.refresh_from_db()
    assert document.title == "改写"
    assert (
        client.post(reverse("admin:policies_policydocument_publish", args=[document.pk])).status_code == 403
    )
    with pytest.raises(DomainError, match="编写人不能发布"):
        services.publish_document(document, by=second)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        PolicyDocument.objects.filter(pk=document.pk).update(
            state="published", published_by=second, published_at=timezone.now()
        )
    assert refusal.value.__cause__.diag.constraint_name == "policies_document_four_eyes"
    services.publish_document(document, by=make.publisher())


def test_an_editor_without_the_post_does_not_publish_a_document():
    with pytest.raises(DomainError, match="没有政策发布岗位"):
        services.publish_document(make.DocumentFactory(published=False), by=make.editor())


def test_a_publisher_without_an_editors_post_does_not_change_documents(client):
    sign_in(client, Role.PUBLISHER)
    document = make.DocumentFactory(published=False)
    address = reverse("admin:policies_policydocument_change", args=[document.pk])
    assert client.post(address, {"title": "改写"}).status_code == 403


def test_a_published_document_is_corrected_by_two():
    document, author, boss = make.DocumentFactory(), make.editor(), make.publisher()
    document.title = "勘误"
    for editor, publisher in ((boss, boss), (author, make.editor())):
        with pytest.raises(DomainError):
            services.correct_document(document, editor=editor, publisher=publisher)
    assert PolicyDocument.objects.get(pk=document.pk).title != "勘误"
    services.correct_document(document, editor=author, publisher=boss)
    assert PolicyDocument.objects.get(pk=document.pk).title == "勘误"


def test_an_import_does_not_overwrite_a_published_document_for_one_who_may_not():
    boss, author = UserFactory(is_superuser=True), UserFactory(is_superuser=True)
    data = example()
    import_data({"a": data}, editor=author, publisher=boss)
    data["items"], data["documents"][0]["title"] = [], "改写"
    for editor, publisher in ((boss, boss), (author, make.editor()), (author, None)):
        with pytest.raises(ExchangeRefused):
            import_data({"a": data}, editor=editor, publisher=publisher)
    import_data({"a": data}, editor=author, publisher=boss)
    assert PolicyDocument.objects.get(code="DOC-A").title == "改写"
