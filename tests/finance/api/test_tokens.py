"""A token for credentials, for an hour, for what the client may do; not a moment longer."""

import base64
import datetime as dt

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from finance.api import clients
from finance.models import BankClient, BankOfficer, BankToken
from portal.kernel.errors import DomainError
from tests.accounts.factories import UserFactory
from tests.finance.api.systems import TOKEN, System
from tests.finance.factories import BankOfficerFactory
from tests.finance.lending.factories import bank
from tests.money.refusing import refused
from tests.rows import copy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def system():
    return System(bank())


def opens(system):
    return system.get("loans/").status_code


def test_a_token_opens_for_an_hour_and_no_secret_is_kept(system):
    answer = system.ask()
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "Bearer", 3600)
    assert answer["Cache-Control"] == "no-store"
    assert opens(system) == 200
    kept = str(list(BankClient.objects.values()) + list(BankToken.objects.values()))
    assert system.secret not in kept
    assert told["access_token"] not in kept
    BankToken.objects.update(
        issued_at=timezone.now() - dt.timedelta(hours=1), expires_at=timezone.now() - dt.timedelta(seconds=1)
    )
    assert opens(system) == 401


def test_by_http_basic_too(system):
    pair = base64.b64encode(f"{system.client.client_id}:{system.secret}".encode()).decode()
    form = "application/x-www-form-urlencoded"
    answer = system.browser.post(
        TOKEN, "grant_type=client_credentials", content_type=form, headers={"Authorization": f"Basic {pair}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"secret": "dxs_wrong"}, 401, "invalid_client"),
        ({"secret": ""}, 401, "invalid_client"),
        ({"client_id": "dxb_nobody"}, 401, "invalid_client"),
        ({"client_id": "\0"}, 401, "invalid_client"),
        ({"scope": "loans:read everything"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_wrong_requests_are_refused_as_the_standard_says(system, wrong, status, error):
    answer = system.ask(**wrong)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert not BankToken.objects.exists()


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("loans:read", "loans/", 200),
        ("loans:read", "hall/", 200),
        ("records:write", "loans/", 403),
        ("loans:read", "loans/DK-1/facts/", 403),
        ("consents:read", "loans/DK-1/facts/", 404),
        ("loans:decide", "loans/DK-1/consent/", 403),
    ],
)
def test_a_token_does_what_its_scope_says(system, scope, path, status):
    system.token = system.ask(scope=scope).json()["access_token"]
    assert system.get(path).status_code == status


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [("loans:read", "loans/DK-1/accept/", 403), ("loans:decide", "drawdowns/", 403)],
)
def test_nor_does_it_change_what_it_may_not(system, scope, path, status):
    system.token = system.ask(scope=scope).json()["access_token"]
    assert system.send(path).status_code == status


def test_what_leaked_and_was_revoked_stops_at_once_with_its_tokens(system):
    assert opens(system) == 200
    clients.revoke(system.client, at=timezone.now())
    clients.revoke(system.client, at=timezone.now())
    assert opens(system) == 401
    assert system.ask().status_code == 401
    assert not BankToken.objects.exists()


def test_a_token_of_a_revoked_client_opens_nothing_even_if_it_is_there(system):
    assert opens(system) == 200
    BankClient.objects.update(revoked_at=timezone.now())
    assert BankToken.objects.exists()
    assert opens(system) == 401


def test_another_secret_ends_the_old_one_and_its_tokens(system):
    assert opens(system) == 200
    old, system.secret = system.secret, clients.renew_secret(system.client, at=timezone.now())
    assert opens(system) == 401
    assert system.ask(secret=old).status_code == 401
    system.token = ""
    assert opens(system) == 200


def test_what_was_revoked_gets_no_other_secret(system):
    clients.revoke(system.client, at=timezone.now())
    with pytest.raises(DomainError) as refused:
        clients.renew_secret(system.client, at=timezone.now())
    assert refused.value.code == "revoked"


@pytest.mark.parametrize("change", ["left", "viewer", "locked"])
def test_it_ends_with_the_post_it_acts_for(system, change):
    assert opens(system) == 200
    if change == "locked":
        type(system.post.user).objects.filter(pk=system.post.user_id).update(is_active=False)
    else:
        today = timezone.localdate()
        BankOfficer.objects.update(**({"until": today} if change == "left" else {"role": "viewer"}))
    assert opens(system) == 401
    assert system.ask().status_code == 401


def test_who_may_only_look_answers_for_nothing():
    with pytest.raises(DomainError) as refused:
        clients.make_client(BankOfficerFactory(role="viewer"), "x", ["loans:read"], by=UserFactory())
    assert refused.value.code == "viewer"


def test_a_scope_taken_from_the_client_is_taken_from_its_tokens(system):
    assert opens(system) == 200
    BankClient.objects.update(scopes=["records:write"])
    assert opens(system) == 403


def test_a_session_opens_nothing_here(system, client):
    client.force_login(system.post.user)
    assert client.get("/api/v1/bank/loans/").status_code == 401


def test_calls_are_counted_by_the_minute(system, monkeypatch):
    monkeypatch.setattr("finance.api.calls.time.time", lambda: 6_000_010.0)
    BankClient.objects.update(per_minute=2)
    assert [opens(system) for _call in range(3)] == [200, 200, 429]
    answer = system.get("loans/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "50")
    monkeypatch.setattr("finance.api.calls.time.time", lambda: 6_000_060.0)
    assert opens(system) == 200


def test_so_are_requests_for_tokens(system, monkeypatch):
    monkeypatch.setattr("finance.api.calls.TRIES_PER_MINUTE", 2)
    assert [system.ask(secret="x").status_code for _try in range(3)][-1] == 429


def test_where_calls_cannot_be_counted_none_is_let_through(system, monkeypatch):
    assert opens(system) == 200
    monkeypatch.setattr("finance.api.calls.cache.incr", _wiped)
    assert opens(system) == 429


def _wiped(name):
    raise ValueError("wiped")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"name": ""}, "finance_bankclient_named"),
        ({"scopes": []}, "finance_bankclient_scopes"),
        ({"scopes": ["everything"]}, "finance_bankclient_scopes"),
        ({"digest": "plain"}, "finance_bankclient_digest"),
        ({"per_minute": 0}, "finance_bankclient_per_minute"),
        ({"per_minute": 6001}, "finance_bankclient_per_minute"),
    ],
)
def test_what_the_database_refuses_of_a_client(system, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BankClient.objects.filter(pk=system.client.pk).update(**change)


def test_names_secrets_and_tokens_are_ones_own(system):
    client = system.client
    refused("finance_bankclient_client_id_key", lambda: copy(client, digest="0" * 64))
    refused("finance_bankclient_digest_key", lambda: copy(client, client_id="x"))
    system.get("loans/")
    refused("finance_banktoken_digest_key", lambda: copy(client.tokens.get()))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        (lambda token: {"digest": "plain"}, "finance_banktoken_digest"),
        (lambda token: {"expires_at": token.issued_at}, "finance_banktoken_hour"),
        (lambda token: {"expires_at": token.issued_at + dt.timedelta(hours=2)}, "finance_banktoken_hour"),
    ],
)
def test_what_the_database_refuses_of_a_token(system, change, constraint):
    system.ask()
    token = BankToken.objects.get()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BankToken.objects.filter(pk=token.pk).update(**change(token))
