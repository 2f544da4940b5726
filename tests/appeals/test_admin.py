"""The admin of appeals: looked at only, and nothing that is hidden at the desk."""

import pytest
from django.test import Client
from django.urls import reverse

from appeals.models import Appeal, SharedProblem, WorkOrder
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory
from tests.appeals.factories import answered, dispatched, file

pytestmark = pytest.mark.django_db
MODELS = ("appeal", "workorder", "sharedproblem")


def address(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:appeals_{model}_{page}", args=args)


def posted(role: str) -> User:
    """An official who may enter the admin."""
    user: User = StaffFactory()
    PostingFactory(user=user, role=role)
    return user


def test_a_complaint_is_hidden_from_a_dispatcher_of_the_department(client: Client) -> None:
    accused = DepartmentFactory()
    dispatcher = posted(Role.DISPATCHER)
    PostingFactory(user=dispatcher, department=accused, role=Role.HANDLER)
    hidden, open_one = file(title="窗口推诿", about=accused), file(title="路灯坏了")
    SharedProblem.objects.create(title="都说窗口推诿", lead=hidden)
    client.force_login(dispatcher)
    for model, pk in (
        ("appeal", hidden.pk),
        ("workorder", hidden.orders.get().pk),
        ("sharedproblem", SharedProblem.objects.get().pk),
    ):
        assert "窗口推诿" not in client.get(address(model, "changelist")).content.decode()
        assert client.get(address(model, "change", pk)).status_code == 302, "as if it were not there"
    assert "路灯坏了" in client.get(address("appeal", "changelist")).content.decode()
    assert client.get(address("appeal", "change", open_one.pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nobody_changes_anything_here(client: Client, model: str) -> None:
    order = answered()
    SharedProblem.objects.create(title="用电", lead=order.appeal)
    pk = {"appeal": order.appeal_id, "workorder": order.pk}.get(model) or SharedProblem.objects.get().pk
    client.force_login(StaffFactory(is_superuser=True))
    assert client.get(address(model, "change", pk)).status_code == 200
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "change", pk), {"title": "改了"}).status_code == 403
    assert client.post(address(model, "delete", pk), {"post": "yes"}).status_code == 403
    assert (Appeal.objects.count(), WorkOrder.objects.count()) == (1, 1)


@pytest.mark.parametrize("model", ["appeal", "workorder"])
def test_lists_take_few_queries_however_many_rows(
    client: Client, model: str, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        dispatched(title=f"第 {number} 件")
    client.force_login(StaffFactory(is_superuser=True))
    client.get(address(model, "changelist"))
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get(address(model, "changelist"))


def test_a_handler_has_no_business_in_the_admin_of_appeals(client: Client) -> None:
    client.force_login(posted(Role.HANDLER))
    assert client.get(address("appeal", "changelist")).status_code == 403


def test_deadlines_are_named_in_words(client: Client) -> None:
    client.force_login(StaffFactory(is_superuser=True))
    page = client.get(address("workorder", "change", dispatched().pk)).content.decode()
    assert "单部门件办理" in page
    assert ">single<" not in page
