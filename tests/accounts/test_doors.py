"""Sign-in, the second factor and the admin's door."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import (
    TOTP_PERIOD,
    current_totp_code,
    enable_totp,
    prove_totp,
    totp_code_at,
    use_up,
)
from portal.kernel.errors import DomainError
from tests.accounts.factories import PASSWORD, PostingFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client, login):
    return client.post(LOGIN, {"login": login, "password": PASSWORD})


@pytest.mark.parametrize("path", ["/desk/", "/desk/5/", "/desk/5/applications/"])
def test_who_holds_no_post_is_told_that_a_desk_is_not_for_them(client, path):
    client.force_login(UserFactory())
    answer = client.get(path)
    assert answer.status_code == 403
    assert "工作人员" in answer.content.decode()
    assert "企业账号不能进入" in answer.content.decode()


def test_an_official_is_sent_to_set_up_the_second_factor(client):
    client.force_login(PostingFactory(role=Role.REVIEWER).user)
    assert client.get("/desk/").url == reverse("mfa_activate_totp")


@pytest.mark.parametrize("login", ["zhang", "13812345678", "zhang@example.com"])
def test_the_sign_in_page_takes_any_identifier(client, login):
    user = UserFactory(username="zhang", mobile="13812345678", email="zhang@example.com")
    response = sign_in(client, login)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_wrong_password_is_a_sentence(client):
    UserFactory(username="zhang")
    response = client.post(LOGIN, {"login": "zhang", "password": "wrong"})
    assert response.status_code == 200
    assert response.context["form"].errors


def test_guesses_count_against_the_person_however_the_name_is_written(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}
    cache.clear()
    UserFactory(username="zhang", mobile="13812345678", email="zhang@example.com")
    spellings = ["13812345678", "138 1234 5678", "+8613812345678", "zhang", "ZHANG@example.com"]
    errors = [
        client.post(LOGIN, {"login": login, "password": "wrong"}).context["form"].errors.as_data()
        for login in spellings
    ]
    codes = [error["__all__"][0].code for error in errors]
    assert "too_many_login_attempts" not in codes[:3]
    assert codes[3:] == ["too_many_login_attempts"] * 2


def test_with_an_authenticator_the_password_alone_is_not_enough(client):
    user = StaffFactory()
    response = sign_in(client, user.username)
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == 302
    client.post(
        reverse("mfa_authenticate"), {"code": "000000" if current_totp_code(user) != "000000" else "1"}
    )
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": current_totp_code(user)})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/admin/").status_code == 200


def enter(user, code):
    """Sign in from a new browser; whether that opened the door."""
    browser = Client()
    sign_in(browser, user.username)
    browser.post(reverse("mfa_authenticate"), {"code": code})
    return "_auth_user_id" in browser.session


def test_the_code_that_let_somebody_in_signs_nothing():
    user = StaffFactory()
    code, other = (
        totp_code_at(user, timezone.now() + dt.timedelta(seconds=ahead)) for ahead in (0, TOTP_PERIOD)
    )
    assert enter(user, code)
    with pytest.raises(DomainError) as refusal:
        prove_totp(user, code, at=timezone.now())
    assert refusal.value.code == "used_code"
    assert prove_totp(user, other, at=timezone.now()), "the next one does"


def test_the_code_that_let_somebody_in_is_remembered_as_long_as_it_is_shown(monkeypatch):
    user = StaffFactory()
    code = totp_code_at(user, timezone.now() + dt.timedelta(seconds=TOTP_PERIOD))
    assert enter(user, code)
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda self, code: True)  # as after allauth's 30 seconds
    assert not enter(user, code)


def test_the_code_that_signed_opens_no_door(django_capture_on_commit_callbacks):
    user = StaffFactory()
    code = totp_code_at(user, timezone.now() + dt.timedelta(seconds=TOTP_PERIOD))
    with django_capture_on_commit_callbacks(execute=True):
        prove_totp(user, code, at=timezone.now())
    browser = Client()
    sign_in(browser, user.username)
    page = browser.post(reverse("mfa_authenticate"), {"code": code})
    assert "已经用过" in page.content.decode()
    assert "_auth_user_id" not in browser.session


def test_a_signature_that_was_rolled_back_leaves_the_code_unused():
    user = StaffFactory()
    code = totp_code_at(user, timezone.now() + dt.timedelta(seconds=TOTP_PERIOD))
    prove_totp(user, code, at=timezone.now())  # the test's own transaction never commits
    assert enter(user, code)


def test_who_is_in_already_shows_a_fresh_code(client):
    user = StaffFactory(is_superuser=True, second_factor=False)
    sign_in(client, user.username)
    enable_totp(user)
    address = client.get("/admin/accounts/user/").url
    code = totp_code_at(user, timezone.now() + dt.timedelta(seconds=TOTP_PERIOD))
    assert use_up(Authenticator.objects.get(user=user), code, at=timezone.now())
    assert "已经用过" in client.post(address, {"code": code}).content.decode()


def test_the_admins_own_login_page_is_the_same_door(client):
    user = StaffFactory(is_superuser=True)
    response = client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    assert response.status_code == 302
    assert response.url.startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_staff_without_second_factor_are_sent_to_set_it_up(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    response = client.get("/admin/accounts/user/")
    assert response.status_code == 302
    assert response.url == reverse("mfa_activate_totp")
    assert client.get(response.url).status_code in (200, 302)


def test_a_session_that_began_with_a_password_alone_shows_the_code_first(client):
    user = StaffFactory(is_superuser=True, second_factor=False)
    assert sign_in(client, user.username).status_code == 302
    enable_totp(user)
    response = client.get("/admin/accounts/user/")
    assert response.status_code == 302
    assert response.url.startswith(reverse("mfa_reauthenticate"))
    assert client.get(response.url).status_code == 200
    answer = client.post(response.url, {"code": current_totp_code(user)})
    assert (answer.status_code, answer.url) == (302, "/admin/accounts/user/")
    assert client.get("/admin/accounts/user/").status_code == 200


def test_setting_up_an_authenticator_ends_every_other_session(client, monkeypatch):
    monkeypatch.setattr(transaction, "on_commit", lambda act, **options: act())  # as without a test around
    user = StaffFactory(is_superuser=True, second_factor=False)
    elsewhere = Client()
    for browser in (elsewhere, client):
        sign_in(browser, user.username)
    address = reverse("mfa_activate_totp")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(address).status_code == 200
    counter = int(timezone.now().timestamp()) // TOTP_PERIOD
    code = format_hotp_value(hotp_value(client.session["mfa.totp.secret"], counter))
    assert client.post(address, {"code": code}).status_code == 302
    with pytest.raises(DomainError) as refusal:
        prove_totp(user, code, at=timezone.now())
    assert refusal.value.code == "used_code", "it has shown what it could"
    assert client.get("/admin/accounts/user/").status_code == 200
    assert elsewhere.get("/admin/accounts/user/").url.startswith(LOGIN)


def test_people_who_are_no_staff_do_not_enter_the_admin(client):
    client.force_login(UserFactory(second_factor=True))
    assert client.get("/admin/", follow=True).status_code == 403


def test_sign_up_makes_an_account(client):
    form = {
        "name": "李四",
        "mobile": "+86 139 0000 0001",
        "username": "lisi",
        "email": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 302, response.context["form"].errors
    user = User.objects.get(username="lisi")
    assert (user.name, user.mobile) == ("李四", "13900000001")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mobile", "139 0000 0002"),
        ("mobile", "123"),
        ("username", "13700000000"),
        ("name", "12"),
        ("email", "TAKEN@example.com"),
    ],
)
def test_sign_up_refuses_what_is_taken_or_no_identity(client, field, value):
    UserFactory(mobile="13900000002", email="taken@example.com")
    form = {"name": "李四", "mobile": "13900000001", "username": "lisi", "email": "li@example.com"}
    form |= {"password1": PASSWORD, "password2": PASSWORD, field: value}
    client.post("/accounts/signup/", form)
    assert User.objects.count() == 1
