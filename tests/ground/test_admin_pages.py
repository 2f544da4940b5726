"""Every page of every registered admin opens for a superuser with a second factor, with rows and without."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.accounts.factories import StaffFactory

pytestmark = pytest.mark.django_db
MODELS = sorted(
    (model for model in admin.site._registry if not model.__module__.startswith("tests.")),
    key=lambda model: model._meta.label,
)


def page(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def opens(client: Client, address: str) -> None:
    """It answers 200 itself: a redirect with a message is what the admin does for an error too."""
    response = client.get(address)
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert (response.status_code, said) == (200, []), address


def test_every_page_with_rows_opens(
    client: Client, superuser: User, rows: None, subtests: pytest.Subtests
) -> None:
    request = client.get(reverse("admin:index")).wsgi_request
    for model in MODELS:
        with subtests.test(model=model._meta.label):
            desk = admin.site._registry[model]
            opens(client, page(model, "changelist"))
            if desk.search_fields:
                opens(client, page(model, "changelist") + "?q=1")
            if desk.has_add_permission(request):
                opens(client, page(model, "add"))
            row = desk.get_queryset(request).order_by("-pk").first()
            assert row is not None, f"the fixture makes no {model._meta.label}"
            opens(client, page(model, "change", row.pk))
            opens(client, page(model, "history", row.pk))
            if desk.has_delete_permission(request, row):
                opens(client, page(model, "delete", row.pk))


def test_every_list_without_rows_opens(client: Client, superuser: User, subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model=model._meta.label):
            opens(client, page(model, "changelist"))


def test_the_admin_without_a_second_factor_is_closed(client: Client) -> None:
    client.force_login(StaffFactory(is_superuser=True, second_factor=False))
    for model in MODELS:
        assert client.get(page(model, "changelist")).status_code == 302


@pytest.mark.parametrize(
    ("label", "name", "words"),
    [
        ("appeals.AppealEvent", "chase", "企业催办"),
        ("appeals.OrderEvent", "note", "记录"),
        ("appeals.VisitEvent", "move", "改期"),
        ("appeals.TalkEvent", "create", "创建"),
        ("policies.EnjoyRunEvent", "objection", "收到异议"),
        ("policies.PaymentBatchEvent", "draft", "起草"),
        ("policies.PaymentEvent", "prepare", "加入批次"),
    ],
)
def test_what_is_no_transition_is_told_in_words_too(label: str, name: str, words: str) -> None:
    event = apps.get_model(label)(name=name)
    (told,) = (
        inline(desk.model, admin.site).step(event)
        for desk in admin.site._registry.values()
        for inline in desk.inlines
        if inline.model is type(event)
    )
    assert told == words
