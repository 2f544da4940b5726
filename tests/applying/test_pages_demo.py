"""The form of every item of the demo that is applied for here and open today, for one firm."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.applying.access import applied_for_here
from policies.models import Application, ItemVersion
from tests.applying.pages import text
from tests.applying.test_pages_form import MOST_QUERIES, asked
from tests.pages.world import make_world

pytestmark = pytest.mark.django_db


def test_each_form_opens_asks_and_is_cheap(client):
    world = make_world()
    client.force_login(world.member)
    today = timezone.localdate()
    versions = [
        version
        for version in ItemVersion.objects.in_force(today).open_on(today).select_related("item")
        if applied_for_here(version)
    ]
    assert len(versions) >= 20
    for version in versions:
        own = f"/e/{world.firm.pk}/policies/{version.item.code}/"
        answer = client.post(f"{own}apply/")
        application = Application.objects.get(item=version.item)
        assert answer.url == application.get_absolute_url(), version.title
        client.get(answer.url)
        with CaptureQueriesContext(connection) as captured:
            form = client.get(answer.url)
        assert form.status_code == 200, version.title
        assert len(asked(captured)) <= MOST_QUERIES, [sql[:100] for sql in asked(captured)]
        page = text(form)
        for problem in form.context["problems"]:
            assert f'id="{problem.field}"' in page, (version.title, problem)
        assert text(client.get(own)).count("继续填报") == 1
