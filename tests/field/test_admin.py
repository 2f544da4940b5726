"""The admin of pairings, visits and talks: pairings change by steps, the rest is looked at."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals.models import Pairing
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.appeals.factories import OfficerFactory
from tests.enterprises.factories import EnterpriseFactory
from tests.field.factories import PairingFactory, TalkFactory, VisitFactory

pytestmark = pytest.mark.django_db


def client_of(role=None):
    cache.clear()
    user = StaffFactory(is_superuser=role is None)
    if role:
        PostingFactory(user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def there(name, *args):
    return reverse(f"admin:appeals_{name}", args=args)


@pytest.mark.parametrize("name", ["pairing", "visit", "talk", "talktopic", "pairinghistory"])
def test_lists_and_rows_open(name):
    VisitFactory()
    TalkFactory()
    client = client_of()
    assert client.get(there(f"{name}_changelist") + "?q=x").status_code == 200
    page = client.get(there(f"{name}_changelist"))
    assert page.status_code == 200
    for row in page.context["cl"].result_list[:1]:
        assert client.get(there(f"{name}_change", row.pk)).status_code == 200


def test_officers_and_sections_open():
    OfficerFactory()
    client = client_of()
    for name in ("officer", "section"):
        assert client.get(reverse(f"admin:accounts_{name}_changelist")).status_code == 200


def test_paired_by_the_form_once():
    officer, firm = OfficerFactory(), EnterpriseFactory()
    client = client_of(Role.DISPATCHER)
    given = {"officer": officer.pk, "enterprise": firm.pk, "since": timezone.localdate().isoformat()}
    assert client.post(there("pairing_add"), given).status_code == 302
    again = client.post(there("pairing_add"), given | {"officer": OfficerFactory().pk})
    assert (again.status_code, "已有结对干部" in again.content.decode()) == (200, True)
    other = client.post(there("pairing_add"), given | {"enterprise": EnterpriseFactory().pk})
    assert "另一家企业结对" in other.content.decode()
    assert Pairing.objects.count() == 1


def test_who_has_left_is_not_paired():
    officer, today = OfficerFactory(left_on=timezone.localdate()), timezone.localdate().isoformat()
    given = {"officer": officer.pk, "enterprise": EnterpriseFactory().pk, "since": today}
    page = client_of(Role.DISPATCHER).post(there("pairing_add"), given)
    assert "已离任" in page.content.decode()
    assert not Pairing.objects.exists()


def test_another_official_takes_over_and_the_end():
    old, new = PairingFactory(), OfficerFactory(name="新干部")
    client = client_of()
    address = f"/admin/appeals/pairing/{old.pk}/successor/"
    assert (
        "没有这位干部"
        in client.post(
            address, {"official": "没有", "day": timezone.localdate().isoformat()}
        ).content.decode()
    )
    client.post(address, {"official": "新干部", "day": timezone.localdate().isoformat()})
    live = Pairing.objects.live().get()
    assert (live.officer, live.enterprise) == (new, old.enterprise)
    client.post(f"/admin/appeals/pairing/{live.pk}/end/", {"day": timezone.localdate().isoformat()})
    assert not Pairing.objects.live().exists()


def test_who_may():
    pairing = PairingFactory()
    assert client_of(Role.SUPERVISOR).get(there("pairing_changelist")).status_code == 200
    assert client_of(Role.SUPERVISOR).get(there("pairing_add")).status_code == 403
    assert client_of(Role.EDITOR).get(there("pairing_changelist")).status_code == 403
    step = f"/admin/appeals/pairing/{pairing.pk}/end/"
    assert client_of(Role.SUPERVISOR).post(step, {"day": "2026-01-06"}).status_code == 403
