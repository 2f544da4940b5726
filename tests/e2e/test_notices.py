"""Public notices in a real Chromium: clean at both widths and themes; objected to without signing in."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from policies.models import PublicNotice
from policies.reviewing import deciding
from tests.applying import factories as make
from tests.e2e.conftest import Look

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def notice(transactional_db: None) -> PublicNotice:
    """One that runs, beside one that is over."""
    application, over = make.noticed()
    after = timezone.now() + dt.timedelta(seconds=1)
    deciding.rework(application, "核实设备清单", by=make.leader(), at=after)
    assert PublicNotice.objects.filter(pk=over.pk, ended_at=after).exists()
    return make.noticed()[1]


def test_every_page_is_clean_and_anybody_objects(page: Page, look: Look, notice: PublicNotice) -> None:
    look("notices", "/notices/")
    look("notices-none", "/notices/?q=没有这家")
    look("notice-over", f"/notices/{notice.pk - 1}/")
    look("notice", notice.get_absolute_url())
    page.get_by_label("姓名或单位").fill("李四")
    page.get_by_label("联系电话").fill("023-74510000")
    page.get_by_label("对什么有异议，为什么").fill("这台设备去年已经报过")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_text("异议已收到")).to_be_visible()
    assert notice.objections.get().name == "李四"
