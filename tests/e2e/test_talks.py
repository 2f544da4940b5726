"""Pages of talks in a real Chromium: clean at both widths and themes."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from appeals.models import Talk
from appeals.talks import following, holding, signing
from enterprises.actors import Actor
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.enterprises.factories import actor_of
from tests.field.factories import TalkFactory
from tests.rows import change

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@pytest.fixture
def keeper(transactional_db: None) -> User:
    return official(Role.DISPATCHER, DepartmentFactory(short_name="县工商联（测试）"))


@pytest.fixture
def talks(keeper: User) -> tuple[Talk, Talk, Actor]:
    """One to come, one held with a topic handed over and one left; and a firm with a part in both."""
    host, firm = keeper.postings.get().department, actor_of()
    made = [TalkFactory(host=host, title=title) for title in ("用工恳谈会", "融资恳谈会")]
    for talk in made:
        holding.publish(talk, by=keeper)
        signing.answer(firm, talk, coming=True, name="陈明远", phone="13800000000")
        topics = [
            signing.hand_in(firm, talk, title, "去年入统，奖励还没到。") for title in ("升规奖励", "缺焊工")
        ]
    change(made[1], held_at=timezone.now() - dt.timedelta(days=1), state="held", minutes="谈了融资。")
    following.hand_over(topics[0], None, by=keeper)
    return made[0], made[1], firm


@WIDE
def test_pages_are_clean_and_photographed(
    page: Page,
    look_twice: Look,
    keeper: User,
    talks: tuple[Talk, Talk, Actor],
    live_server: Any,
) -> None:
    coming, held, firm = talks
    sign_in(page, keeper)
    at = f"/desk/{coming.host_id}/talks"
    look_twice("talks", f"{at}/")
    look_twice("talks-new", f"{at}/new/")
    look_twice("talks-coming", f"{at}/{coming.pk}/")
    look_twice("talks-held", f"{at}/{held.pk}/")
    look_twice("talks-follow", f"{at}/follow/")
    page.context.clear_cookies()
    sign_in(page, firm.user)
    at = f"/e/{firm.enterprise.pk}"
    look_twice("firm-talks", f"{at}/talks/")
    look_twice("firm-talk", f"{at}/talks/{coming.pk}/")
    look_twice("firm-talk-held", f"{at}/talks/{held.pk}/")
    look_twice("firm-visits", f"{at}/visits/")
