"""Two providers in two browsers: one wins a grab, the other sees who won without reloading."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from appeals.models import ProviderMember, WorkOrder
from tests.appeals.factories import (
    AppealFactory,
    CategoryFactory,
    OrderFactory,
    ProviderFactory,
    ProviderMemberFactory,
    ServiceItemFactory,
)
from tests.appeals.finished import finished, rated
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)
LIVE_MS = 15_000
TITLE = "两项实用新型专利想尽快申请"


@pytest.fixture
def rivals(live_server: Any) -> list[ProviderMember]:
    """Two who may take the one order in the hall."""
    category = CategoryFactory(market=True, label="专利")
    order, now = OrderFactory(appeal=AppealFactory(category=category, title=TITLE)), timezone.now()
    window = {"window_from": now, "window_to": now + dt.timedelta(minutes=20)}
    WorkOrder.objects.filter(pk=order.pk).update(state="open", **window)
    return [ProviderMemberFactory(provider=ProviderFactory(categories=[category])) for _ in range(2)]


def test_one_wins_and_the_other_sees_it_live(
    browser: Browser, live_server: Any, rivals: list[ProviderMember]
) -> None:
    first, second = (browser.new_context(base_url=live_server.url, locale="zh-CN") for _ in range(2))
    winner, watcher = first.new_page(), second.new_page()
    sign_in(winner, rivals[0].user)
    sign_in(watcher, rivals[1].user)
    expect(watcher.get_by_role("button", name="抢单")).to_be_visible()
    expect(watcher.locator("[data-until]").first).to_contain_text("分")
    statuses: list[int] = []
    watcher.on("response", lambda answer: statuses.append(answer.status) if "/live/" in answer.url else None)
    expect.set_options(timeout=LIVE_MS)
    watcher.wait_for_event("response", lambda answer: answer.status == 304, timeout=LIVE_MS)
    winner.get_by_role("button", name="抢单").click()
    expect(winner.get_by_role("heading", name="抢到了！")).to_be_visible()
    expect(watcher.locator("section[aria-live]")).to_contain_text(rivals[0].provider.name)
    expect(watcher.get_by_role("button", name="抢单")).to_have_count(0)
    assert 200 in statuses
    for context in (first, second):
        context.close()


@WIDE
def test_pages_are_clean_and_photographed(page: Page, look_twice: Look, rivals: list[ProviderMember]) -> None:
    member = rivals[0]
    service = ServiceItemFactory(provider=member.provider, name="实用新型专利申请", price_low_fen=160_000)
    rated(member.provider, 4)
    order = finished(member.provider, "handling")
    look_twice("services", "/services/")
    look_twice("service", f"/services/{service.pk}/")
    sign_in(page, member.user)
    look_twice("provider-hall", f"/p/{member.provider.pk}/hall/")
    look_twice("provider-orders", f"/p/{member.provider.pk}/orders/")
    look_twice("provider-order", f"/p/{member.provider.pk}/orders/{order.pk}/")
