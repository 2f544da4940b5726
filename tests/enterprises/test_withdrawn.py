"""What a source gives no longer is in force no longer, from then on."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.models import Enterprise, FactValue
from enterprises.services import knowledge_of, record_registry
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, firm, take_in

pytestmark = pytest.mark.django_db

OWNED = [*HEADER, "所有制", "住所", "法定代表人", "登记状态"]


def owned(*cells, day="2015-03-01"):
    return [OWNED, [*firm(1, day=day), *cells]]


def test_an_emptied_column_is_no_longer_in_force():
    given = owned("民营", "桂溪街道1号", "张三", "歇业")
    take_in("enterprises", given, as_of=dt.date(2024, 1, 1))
    before = timezone.now()
    emptied = owned("", "", "", "", day="")
    assert take_in("enterprises", emptied, as_of=dt.date(2025, 1, 1)).changed == 1
    enterprise = Enterprise.objects.get()
    assert (enterprise.ownership, enterprise.established_on) == ("", None)
    assert (enterprise.address, enterprise.legal_person, enterprise.status) == ("", "", "suspended")
    now = knowledge_of(enterprise, as_of=dt.date(2025, 6, 1))
    assert (now.value("ownership"), now.value("established_on")) == (None, None)
    assert now.value("industry").value == "36"
    assert knowledge_of(enterprise, as_of=dt.date(2024, 6, 1)).value("ownership").value == "private"
    then = knowledge_of(enterprise, as_of=dt.date(2025, 6, 1), known_at=before)
    assert then.value("ownership").value == "private"
    rows = FactValue.objects.count()
    assert take_in("enterprises", emptied, as_of=dt.date(2025, 1, 1)).unchanged == 1
    assert take_in("enterprises", emptied, as_of=dt.date(2025, 2, 1)).unchanged == 1
    assert FactValue.objects.count() == rows
    take_in("enterprises", given, as_of=dt.date(2025, 3, 1))
    assert knowledge_of(enterprise, as_of=dt.date(2025, 6, 1)).value("ownership").value == "private"


def test_an_older_registry_does_not_withdraw():
    take_in("enterprises", owned("民营", "", "", ""), as_of=dt.date(2025, 1, 1))
    take_in("enterprises", owned("", "", "", ""), as_of=dt.date(2024, 1, 1))
    assert (
        knowledge_of(Enterprise.objects.get(), as_of=dt.date(2025, 6, 1)).value("ownership").value
        == "private"
    )
    assert not FactValue.objects.filter(withdrawn=True).exists()


def test_what_another_file_told_stays_when_the_registry_has_no_such_column():
    take_in("enterprises", [HEADER, firm(1)], as_of=dt.date(2024, 1, 1))
    rows = [FACT_HEADER, [uscc_of(1), "ownership", "", "国有"]]
    take_in("facts", rows, as_of=dt.date(2024, 2, 1))
    take_in("enterprises", [HEADER, firm(1, industry="51")], as_of=dt.date(2025, 1, 1))
    assert (
        knowledge_of(Enterprise.objects.get(), as_of=dt.date(2025, 6, 1)).value("ownership").value == "state"
    )


def test_an_official_empties_a_column():
    enterprise = EnterpriseFactory()
    assert record_registry([enterprise], as_of=dt.date(2024, 1, 1)) == 5
    Enterprise.objects.filter(pk=enterprise.pk).update(ownership="", established_on=None)
    enterprise.refresh_from_db()
    assert record_registry([enterprise], as_of=dt.date(2025, 1, 1), only={"ownership"}) == 1
    known = knowledge_of(enterprise, as_of=dt.date(2025, 1, 1))
    assert known.value("ownership") is None
    assert known.value("established_on") is not None
    assert record_registry([enterprise], as_of=dt.date(2025, 2, 1), only={"ownership"}) == 0
    assert knowledge_of(enterprise, as_of=dt.date(2024, 6, 1)).value("ownership").value == "private"
