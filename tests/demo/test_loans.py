"""The demo's loans: in every state, by the services, with the county's figures."""

import datetime as dt

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from enterprises.models import ConsentReading
from finance.models import (
    ClaimState,
    LoanApplication,
    LoanState,
    PoolClaim,
    PoolRecovery,
    RiskPool,
    Whitelist,
    WhitelistResult,
)
from finance.pools.invariants import broken
from portal.kernel.money import WAN
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.finance.history import tell_loans
from portal.shell.demo.finance.stories import FIRMS, TOTAL_FEN
from portal.shell.demo.loading import write
from portal.shell.demo.officials import appoint_officials
from portal.shell.demo.population import draw
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.showcase import online_lessons, wheel_hubs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LENT = 30


def test_a_small_county_has_loans_in_every_state_and_its_share_of_the_figures():
    today = timezone.localdate()
    with transaction.atomic():
        write([wheel_hubs(today), online_lessons(today), *draw(400, 1, today)], timezone.now())
    people = register_accounts()
    appoint_officials(people, DEMO_TODAY, DEMO_SEED)
    now = timezone.now()
    assert tell_loans(people, now, seed=DEMO_SEED, lent=LENT) > LENT

    states = set(LoanApplication.objects.values_list("state", flat=True))
    assert states >= {
        LoanState.SUBMITTED,
        LoanState.DECLINED,
        LoanState.LAPSED,
        LoanState.DUE_DILIGENCE,
        LoanState.REFUSED,
        LoanState.APPROVED,
        LoanState.SIGNED,
        LoanState.REPAYING,
        LoanState.REPAID,
        LoanState.WITHDRAWN,
    }
    half_year = timezone.localdate(now) - dt.timedelta(days=200)
    lately = LoanApplication.objects.lent().filter(drawn_on__gte=half_year)
    firms = lately.values("enterprise").distinct().count()
    assert LENT * 0.85 <= firms <= LENT + 3
    first = lately.filter(mark="first").count()
    assert 0.72 <= first / lately.count() <= 0.95
    fen = lately.aggregate(Sum("drawn_fen"))["drawn_fen__sum"]
    assert abs(fen - TOTAL_FEN * LENT // FIRMS) < 400 * WAN
    assert ConsentReading.objects.exists()
    assert not LoanApplication.objects.filter(submitted_at__gt=now).exists()
    claims_stand_in_every_state(now)
    a_list_is_partly_answered()


def claims_stand_in_every_state(now):
    assert set(PoolClaim.objects.values_list("state", flat=True)) == set(ClaimState)
    assert not PoolClaim.objects.filter(filed_at__gt=now).exists()
    assert PoolRecovery.objects.get().at <= now
    assert RiskPool.objects.filter(used_fen__gt=0, banks__isnull=False).distinct().count() == 2
    assert broken() == []


def a_list_is_partly_answered():
    listed = Whitelist.objects.get()
    assert listed.state == "pushed"
    said = WhitelistResult.objects.filter(entry__whitelist=listed).count()
    assert 0 < said < listed.entries.filter(excluded="").count()
