"""Permissions follow from postings, groups follow from the code."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from portal.accounts.models import User
from portal.accounts.permissions import seed_role_permissions
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory

pytestmark = pytest.mark.django_db


def test_a_posting_gives_the_permissions_of_its_role():
    user = PostingFactory(role=Role.SECURITY_ADMIN).user
    assert user.has_perm("accounts.add_posting")
    assert not user.has_perm("accounts.change_user")
    user.postings.all().delete()
    assert not User.objects.get(pk=user.pk).has_perm("accounts.add_posting")


def test_groups_put_by_hand_count_as_well():
    user = PostingFactory(role=Role.EDITOR).user
    group = Group.objects.create(name="extra")
    group.permissions.add(Permission.objects.get(codename="view_department"))
    user.groups.add(group)
    assert user.has_perm("accounts.view_department")


def test_seeding_again_restores_what_was_changed():
    group = Group.objects.get(name=Role.SECURITY_ADMIN)
    before = set(group.permissions.values_list("codename", flat=True))
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    group.permissions.remove(Permission.objects.get(codename="add_posting"))
    seed_role_permissions(apps.get_app_config("accounts"))
    assert set(group.permissions.values_list("codename", flat=True)) == before


@pytest.mark.parametrize("declared", [{"king": ["view_user"]}, {"editor": ["view_nothing"]}])
def test_misspelt_declarations_are_seen(declared, monkeypatch):
    config = apps.get_app_config("accounts")
    monkeypatch.setattr(config, "role_permissions", declared)
    with pytest.raises(ValueError, match="role|permission"):
        seed_role_permissions(config)
