"""The back office's menu and desk: what somebody may see, what waits for them."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.shell.backoffice import MENU, desk, navigation
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.clients import signed_in
from tests.policies import factories as make

OURS = {"kernel", "accounts", "notifications", "enterprises", "matching", "policies"}


def request_of(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def titles(user):
    return {item["title"] for group in navigation(request_of(user)) for item in group["items"]}


def test_every_page_of_ours_is_in_the_menu():
    listed = {apps.get_model(label) for _title, _folded, models in MENU for label in models}
    registered = {model for model in admin.site._registry if model._meta.app_label in OURS}
    assert registered <= listed
    assert listed <= set(admin.site._registry)


@pytest.mark.django_db
def test_the_menu_shows_what_the_role_may_see():
    editor = PostingFactory(user=StaffFactory(), department=make.economy(), role=Role.EDITOR).user
    guard = PostingFactory(user=StaffFactory(), role=Role.SECURITY_ADMIN).user
    assert {"事项版本", "推送", "企业"} <= titles(editor)
    assert "岗位" not in titles(editor)
    assert "岗位" in titles(guard)
    assert "事项版本" not in titles(guard)
    assert titles(StaffFactory()) == set()


@pytest.mark.django_db
def test_who_keeps_finance_finds_its_desk_in_the_menu_and_at_the_head_of_the_site():
    pages = {"普惠金融总览", "评分监测", "银行赛马"}
    office = Department.objects.get(code="financial_services")
    editor = PostingFactory(user=StaffFactory(), department=office, role=Role.EDITOR).user
    other = PostingFactory(user=StaffFactory(), department=make.economy(), role=Role.EDITOR).user
    (own,) = (group["items"] for group in navigation(request_of(editor)) if group["title"] == "金融")
    assert [item["title"] for item in own[:3]] == ["普惠金融总览", "评分监测", "银行赛马"]
    assert own[1]["link"] == reverse("desk_scoring", args=[office.pk])
    assert not pages & titles(other)
    address = reverse("desk_finance", args=[office.pk])
    assert address in signed_in(editor).get("/").content.decode()
    assert address not in signed_in(other).get("/").content.decode()


@pytest.mark.django_db
def test_the_desk_counts_what_waits_in_ones_own_departments():
    make.submitted()
    make.draft()
    user = PostingFactory(user=StaffFactory(), department=make.economy(), role=Role.PUBLISHER).user
    counts = [one.count for one in desk(request_of(user), {})["waiting"]]
    assert counts[:2] == [1, 1]
    other = PostingFactory(user=StaffFactory(), role=Role.PUBLISHER).user
    assert [one.count for one in desk(request_of(other), {})["waiting"]][:2] == [0, 0]


@pytest.mark.django_db
def test_the_first_page_opens_for_every_role(client):
    for role in Role.values:
        client.force_login(PostingFactory(user=StaffFactory(), department=make.economy(), role=role).user)
        assert client.get("/admin/", follow=True).status_code == 200
