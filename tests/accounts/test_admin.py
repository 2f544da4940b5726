"""The three administrators cannot help themselves."""

import pytest
from django.urls import reverse

from portal.accounts.models import Posting, User
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory, UserFactory
from tests.notifications.factories import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_role(client):
    def sign_in(role):
        user = StaffFactory()
        PostingFactory(user=user, role=role)
        client.force_login(user)
        return user

    return sign_in


def page(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def test_messages_and_the_outbox_are_only_looked_at(client):
    client.force_login(StaffFactory(is_superuser=True))
    message = MessageFactory()
    for model in (type(message), OutboxEntry):
        assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(type(message), "change", message.pk), {"title": "x"}).status_code == 403
    assert client.post(page(type(message), "delete", message.pk), {"post": "yes"}).status_code == 403


def test_the_system_administrator_keeps_accounts_and_gives_no_powers(client, as_role):
    as_role(Role.SYSTEM_ADMIN)
    form = {"username": "new", "name": "王五", "mobile": "139 0000 0009", "is_staff": "on"}
    form |= {"usable_password": "true", "password1": "a long pass phrase", "password2": "a long pass phrase"}
    response = client.post(page(User, "add"), form)
    assert response.status_code == 302, response.context["adminform"].errors
    user = User.objects.get(username="new")
    assert user.mobile == "13900000009"
    form = {"username": "new", "name": "王五", "is_superuser": "on", "is_active": "on", "groups": [1]}
    form |= {"postings-TOTAL_FORMS": 0, "postings-INITIAL_FORMS": 0}
    assert client.post(page(User, "change", user.pk), form).status_code == 302
    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.groups.exists()
    assert client.get(page(Posting, "add")).status_code == 403
    assert client.post(page(User, "delete", user.pk), {"post": "yes"}).status_code == 403


def test_nobody_but_a_superuser_touches_a_superuser(client, as_role):
    as_role(Role.SYSTEM_ADMIN)
    root = UserFactory(is_superuser=True)
    before = root.password
    secret = {"password1": "a long pass phrase", "password2": "a long pass phrase", "usable_password": "true"}
    assert client.post(f"/admin/accounts/user/{root.pk}/password/", secret).status_code == 403
    assert client.post(page(User, "change", root.pk), {"username": "x"}).status_code == 403
    root.refresh_from_db()
    assert root.password == before


def test_the_security_administrator_gives_roles_to_others_only(client, as_role):
    me = as_role(Role.SECURITY_ADMIN)
    other, department = UserFactory(), DepartmentFactory()
    form = {"user": other.pk, "department": department.pk, "role": Role.EDITOR}
    assert client.post(page(Posting, "add"), form).status_code == 302
    assert other.has_role(Role.EDITOR, department)
    response = client.post(page(Posting, "add"), form | {"user": me.pk})
    assert "不能给自己" in str(response.context["adminform"].form.errors)
    own = me.postings.get()
    assert client.post(page(Posting, "delete", own.pk), {"post": "yes"}).status_code == 403
    everything = {"action": "delete_selected", "_selected_action": [own.pk], "post": "yes"}
    client.post(page(Posting, "changelist"), everything)
    assert me.postings.exists()


def test_duties_that_exclude_each_other_are_a_sentence_in_the_form(client, as_role):
    as_role(Role.SECURITY_ADMIN)
    posting = PostingFactory(role=Role.AUDIT_ADMIN)
    form = {"user": posting.user_id, "department": posting.department_id, "role": Role.PAYMENT_RELEASER}
    response = client.post(page(Posting, "add"), form)
    assert "须由不同的人担任" in str(response.context["adminform"].form.errors)


def test_the_audit_administrator_only_looks(client, as_role):
    as_role(Role.AUDIT_ADMIN)
    user = UserFactory()
    assert client.get(page(User, "change", user.pk)).status_code == 200
    assert client.post(page(User, "change", user.pk), {"username": "x"}).status_code == 403
