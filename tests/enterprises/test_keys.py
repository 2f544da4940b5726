"""Keys of the API: made and revoked by managers, shown once, opening one enterprise, no more than asked."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises.keys import make_key
from enterprises.models import ApiKey, MemberRole, Membership, Scope
from enterprises.models.api_keys import MOST_KEYS
from enterprises.tasks import note_key_use
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.appeals.factories import file
from tests.enterprises.factories import MembershipFactory, actor_of

pytestmark = pytest.mark.django_db
API = "/api/appeals/"


@pytest.fixture
def manager():
    return actor_of(role=MemberRole.MANAGER)


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


JSON = "application/json"


def call(client, token, method="get", path=API, **more):
    return getattr(client, method)(path, headers={"Authorization": f"Bearer {token}"}, **more)


def page(actor):
    return f"/e/{actor.enterprise.pk}/keys/"


def test_a_manager_makes_a_key_that_is_shown_once_and_kept_as_a_hash(client, manager):
    client.force_login(manager.user)
    given = {"make": "1", "name": "ERP", "scopes": Scope.values, "days": "365"}
    shown = client.post(page(manager), given)
    token = shown.context["token"]
    assert token in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    key = ApiKey.objects.get()
    assert token not in str(ApiKey.objects.values().get())
    assert (key.enterprise, key.made_by) == (manager.enterprise, manager.user)
    again = client.get(page(manager)).content.decode()
    assert token not in again
    assert key.start in again
    client.logout()
    assert call(client, token).status_code == 200
    client.force_login(manager.user)
    client.post(page(manager), {"revoke": key.pk})
    client.logout()
    assert call(client, token).status_code == 401


def test_others_neither_see_nor_make_nor_revoke(client, manager):
    key, _token = make_key(manager, "ERP", Scope.values)
    agent = MembershipFactory(enterprise=manager.enterprise, role=MemberRole.AGENT)
    client.force_login(agent.user)
    assert "ERP" not in client.get(page(manager)).content.decode()
    client.post(page(manager), {"make": "1", "name": "x", "scopes": Scope.values, "days": "0"})
    client.post(page(manager), {"revoke": key.pk})
    stranger = actor_of(role=MemberRole.MANAGER)
    client.force_login(stranger.user)
    assert client.get(page(manager)).status_code == 404
    client.post(page(stranger), {"revoke": key.pk})
    assert ApiKey.objects.valid().get() == key


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["all"]}, {"name": ""}, {"days": "x"}])
def test_nonsense_makes_no_key(client, manager, wrong):
    client.force_login(manager.user)
    given = {"make": "1", "name": "x", "scopes": Scope.values, "days": "0"} | wrong
    assert client.post(page(manager), given).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_key_opens_its_enterprise_alone_even_if_its_maker_has_others(client, manager):
    other = MembershipFactory(user=manager.user, role=MemberRole.MANAGER).enterprise
    mine, theirs = file(manager.enterprise), file(other)
    _key, token = make_key(manager, "ERP", Scope.values)
    assert [row["number"] for row in call(client, token).json()["results"]] == [mine.number]
    assert call(client, token, path=f"{API}{theirs.number}/").status_code == 404
    words = {"title": "a", "text": "b", "contact_name": "c", "contact_phone": "d", "enterprise": other.pk}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
    assert client.post(API, words, content_type="application/json", headers=headers).status_code == 404
    del words["enterprise"]
    assert client.post(API, words, content_type="application/json", headers=headers).status_code == 201


def test_no_scope_is_ticked_beforehand_and_both_uses_are_named(client, manager):
    client.force_login(manager.user)
    shown = client.get(page(manager)).content.decode()
    assert "提交和跟踪诉求、申报" in shown
    assert "checked" not in shown


def test_scopes_hold(client, manager):
    appeal = file(manager.enterprise)
    for scope, reads, chases in ((Scope.READ, 200, 403), (Scope.WRITE, 403, 200)):
        _key, token = make_key(manager, "x", [scope])
        assert call(client, token).status_code == reads
        assert (
            call(client, token, "post", f"{API}{appeal.number}/chase/", content_type=JSON).status_code
            == chases
        )


def test_a_key_opens_nothing_else(client, manager):
    _key, token = make_key(manager, "x", Scope.values)
    assert call(client, token, path="/api/policies/").status_code in (302, 401, 403)
    assert call(client, token, path=page(manager)).status_code == 302


def test_a_key_dies_with_its_maker_s_power(client, manager):
    _key, token = make_key(manager, "x", Scope.values)
    rows = Membership.objects.filter(user=manager.user)
    rows.update(role=MemberRole.AGENT)
    assert call(client, token).status_code == 401
    rows.update(role=MemberRole.MANAGER, until=timezone.localdate() - dt.timedelta(days=1))
    assert call(client, token).status_code == 401
    rows.update(until=None)
    assert call(client, token).status_code == 200
    manager.user.is_active = False
    manager.user.save()
    assert call(client, token).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "dxe_", "dxe_" + "a" * 43, "dxe_ñ", "a b"])
def test_what_is_no_key_opens_nothing(client, token):
    assert call(client, token).status_code == 401


def test_an_expired_key_opens_nothing_and_no_key_is_one_too_many(client, manager):
    _key, token = make_key(manager, "x", Scope.values, timezone.now() - dt.timedelta(seconds=1))
    assert call(client, token).status_code == 401
    for _ in range(MOST_KEYS):
        make_key(manager, "x", Scope.values)
    with pytest.raises(Exception, match="最多同时有"):
        make_key(manager, "x", Scope.values)


def test_calls_of_a_key_are_counted(client, manager, monkeypatch):
    monkeypatch.setattr("enterprises.keys.KeyThrottle.rate", "3/min")
    _key, token = make_key(manager, "x", Scope.values)
    assert [call(client, token).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_use_of_a_key_is_noted(client, manager, monkeypatch):
    rung = []
    monkeypatch.setattr(
        "enterprises.keys.current_app.send_task", lambda name, **more: rung.append((name, more["args"]))
    )
    key, token = make_key(manager, "x", Scope.values)
    for _ in range(3):
        call(client, token)
    assert rung == [("enterprises.tasks.note_key_use", (key.pk,))]
    note_key_use(key.pk)
    key.refresh_from_db()
    assert key.used_at is not None


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"digest": "dxe_plain"}, "digest")],
)
def test_the_database_refuses_nonsense(manager, changes, constraint):
    make_key(manager, "x", Scope.values)
    with pytest.raises(IntegrityError, match=f"enterprises_apikey_{constraint}"), transaction.atomic():
        ApiKey.objects.update(**changes)


def test_the_security_administrator_ends_a_key_that_leaked(client, manager):
    key, token = make_key(manager, "x", Scope.values)
    for role, ended in ((Role.AUDIT_ADMIN, False), (Role.SECURITY_ADMIN, True)):
        official = StaffFactory()
        PostingFactory(user=official, role=role)
        client.force_login(official)
        shown = client.get("/admin/enterprises/apikey/")
        assert key.start in shown.content.decode()
        client.post("/admin/enterprises/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
        key.refresh_from_db()
        assert (key.revoked_at is not None) == ended
    client.logout()
    assert call(client, token).status_code == 401
