"""Every page of visits, photographed and looked through by axe-core."""

import pytest
from playwright.sync_api import Page

from appeals.models import Visit
from portal.accounts.roles import Role
from tests.appeals.factories import official
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.e2e.visits.form import address

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@WIDE
def test_pages_are_clean_and_photographed(page: Page, look_twice: Look, visit: Visit) -> None:
    sign_in(page, visit.pairing.officer.user)
    look_twice("visits-mine", f"/desk/{visit.pairing.officer.department_id}/visits/")
    look_twice("visits-form", address(visit))
    page.context.clear_cookies()
    desk = official(Role.SUPERVISOR)
    sign_in(page, desk)
    at = f"/desk/{desk.postings.get().department_id}/visits"
    for name in ("all", "pairings", "coverage", "problems", str(visit.pk)):
        look_twice(f"visits-{name if name.isalpha() else 'one'}", f"{at}/{name}/")
