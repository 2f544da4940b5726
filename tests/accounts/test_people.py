"""Who a person is, and what the database refuses to believe."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from portal.accounts.identifiers import mask_mobile, mask_name, parse_mobile
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import PASSWORD, DepartmentFactory, PostingFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 13812345678",
        "008613812345678",
        "１３８１２３４５６７８",
    ],
)
def test_mobile_is_read_as_people_write_it(text):
    assert parse_mobile(text) == "13812345678"


@pytest.mark.parametrize(
    "text", ["", "12812345678", "1381234567", "138123456789", "023-74512345", "1381234567x", "१३८१२३४५६७८"]
)
def test_what_is_no_mobile_is_refused(text):
    with pytest.raises(DomainError, match="11 位"):
        parse_mobile(text)


def test_masks_hide_the_middle():
    assert mask_mobile("13812345678") == "138****5678"
    assert mask_mobile(None) == ""
    assert mask_name("欧阳娜") == "欧**"


@pytest.mark.parametrize("identifier", ["zhang", "138 1234 5678", "Zhang@Example.com"])
def test_username_mobile_and_email_all_sign_in(identifier):
    user = UserFactory(username="zhang", mobile="13812345678", email="zhang@example.com")
    assert authenticate(username=identifier, password=PASSWORD) == user
    assert authenticate(username=identifier, password="wrong") is None


def test_inactive_people_do_not_sign_in():
    UserFactory(username="gone", is_active=False)
    assert authenticate(username="gone", password=PASSWORD) is None


def test_mobile_is_stored_in_canonical_form():
    user = UserFactory.build(mobile="+86 138-1234-5678", username="zhang", email="")
    user.full_clean(exclude=["password"])
    assert user.mobile == "13812345678"
    user.mobile = ""
    user.save()
    user.refresh_from_db()
    assert user.mobile is None


@pytest.mark.parametrize(
    ("name", "good"),
    [("张三", True), ("阿依古丽·买买提", True), ("John Smith", True), ("张3", False), (" ", False)],
)
def test_names_are_names(name, good):
    field = User._meta.get_field("name")
    if good:
        field.clean(name, None)
    else:
        with pytest.raises(ValidationError):
            field.run_validators(name)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("mobile", "12345678901", "accounts_user_mobile_form"),
        ("mobile", "13812345678\n", "accounts_user_mobile_form"),
        ("username", "13812345678", "accounts_user_username_is_no_mobile_or_email"),
        ("username", "a@b.c", "accounts_user_username_is_no_mobile_or_email"),
        ("email", "TAKEN@example.com", "accounts_user_email_unique"),
        ("mobile", "13900000000", "accounts_user_mobile_key"),
    ],
)
def test_the_database_refuses_nonsense(column, value, constraint):
    UserFactory(email="taken@example.com", mobile="13900000000")
    user = UserFactory()
    if value == "13812345678\n":
        value = "1381234567\n"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {column} = %s WHERE id = %s", [value, user.pk])


def test_people_without_mobile_or_email_do_not_collide():
    UserFactory(mobile=None, email="")
    UserFactory(mobile=None, email="")
    assert User.objects.filter(mobile=None, email="").count() == 2


def test_roles_are_held_in_a_department():
    here, there = DepartmentFactory(), DepartmentFactory()
    user = PostingFactory(department=here, role=Role.EDITOR).user
    assert user.has_role(Role.EDITOR)
    assert user.has_role(Role.EDITOR, here)
    assert user.has_role("editor", here.pk)
    assert not user.has_role(Role.EDITOR, there)
    assert not user.has_role(Role.PUBLISHER)
    PostingFactory(user=user, department=there, role=Role.PUBLISHER)
    assert user.has_role(Role.PUBLISHER, there)
    assert user.departments_as(Role.PUBLISHER) == [there.pk]
    user.is_active = False
    assert not user.has_role(Role.EDITOR)


EXCLUDING = [
    (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN),
    (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN),
    (Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN),
    (Role.SYSTEM_ADMIN, Role.PAYMENT_PREPARER),
    (Role.AUDIT_ADMIN, Role.PAYMENT_CONFIRMER),
    (Role.PAYMENT_RELEASER, Role.SECURITY_ADMIN),
]


@pytest.mark.parametrize(("first", "second"), EXCLUDING)
def test_administrators_exclude_each_other_and_money(first, second):
    user = PostingFactory(role=first).user
    posting = PostingFactory.build(user=user, department=DepartmentFactory(), role=second)
    with pytest.raises(ValidationError, match="不同的人"):
        posting.full_clean()
    with pytest.raises(IntegrityError, match="accounts_posting_separated_duties"), transaction.atomic():
        posting.save()


def test_other_roles_go_together_and_administrators_may_serve_two_departments():
    user = PostingFactory(role=Role.SYSTEM_ADMIN).user
    PostingFactory(user=user, role=Role.SYSTEM_ADMIN)
    PostingFactory(user=user, role=Role.EDITOR)
    PostingFactory(role=Role.AUDIT_ADMIN)
    cashier = PostingFactory(role=Role.PAYMENT_PREPARER).user
    PostingFactory(user=cashier, role=Role.PAYMENT_RELEASER)


def test_a_posting_is_held_once_and_its_role_is_known():
    posting = PostingFactory()
    with pytest.raises(IntegrityError, match="accounts_posting_once"), transaction.atomic():
        PostingFactory(user=posting.user, department=posting.department)
    with pytest.raises(IntegrityError, match="accounts_posting_role_known"), transaction.atomic():
        PostingFactory(role="king")


def test_a_department_does_not_stand_above_itself():
    top = DepartmentFactory()
    below = DepartmentFactory(parent=top)
    top.parent = below
    with pytest.raises(ValidationError, match="上级"):
        top.full_clean()
    top.parent = top
    with pytest.raises(IntegrityError, match="accounts_department_not_its_own_parent"), transaction.atomic():
        top.save()


def test_departments_are_looked_for_by_pinyin():
    names = [f"甲{name}" for name in ("财政局", "公安局", "经信委", "税务局", "医保局", "自然资源局")]
    made = {DepartmentFactory(short_name=name).pk for name in reversed(names)}
    assert [each.short_name for each in Department.objects.filter(pk__in=made)] == names


def test_the_admin_lists_departments_and_what_hangs_on_them(client):
    client.force_login(StaffFactory(is_superuser=True))
    for address in ("department/", "department/?q=局", "posting/", "posting/?o=2", "officer/?o=3"):
        assert client.get(f"/admin/accounts/{address}").status_code == 200, address
