"""The enterprise's pages of visits: read, confirmed or disputed, told on its home."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import Visit
from appeals.talks import signing
from appeals.visits.recording import record_visit
from tests.appeals.messages import told
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.field.factories import PROBLEM, agree, record
from tests.rows import change

pytestmark = pytest.mark.django_db


class TestEnterprise:
    @pytest.fixture
    def member(self, visit):
        return MembershipFactory(enterprise=visit.pairing.enterprise).user

    def there(self, visit, name, *more):
        return reverse(name, args=[visit.pairing.enterprise_id, *more])

    def test_one_tap_confirms_and_a_second_does_no_harm(self, visit, by, member):
        record_visit(visit, record(problems=(PROBLEM,)), by=by)
        client = signed_in(member)
        listed = client.get(self.there(visit, "enterprise_visits")).content.decode()
        assert "看记录并确认" in listed
        confirming = self.there(visit, "enterprise_visit_confirm", visit.pk)
        assert confirming not in listed  # not before the record was read
        page = client.get(self.there(visit, "enterprise_visit", visit.pk)).content.decode()
        assert PROBLEM.title in page
        client.post(confirming)
        assert Visit.objects.get(pk=visit.pk).state == "done"
        seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
        for _time in range(2):
            client.post(confirming, {"seen": seen})
        assert visit.events.filter(name="confirm").count() == 1
        assert "企业已确认走访" in told(by)

    def test_not_so_with_words(self, visit, by, member):
        record_visit(visit, record(), by=by)
        client = signed_in(member)
        address = self.there(visit, "enterprise_visit_dispute", visit.pk)
        assert client.post(address, {"text": " "}).status_code == 422
        assert client.post(address, {"text": "没来过"}).status_code == 302
        assert Visit.objects.get(pk=visit.pk).state == "disputed"

    def test_planned_visits_and_other_firms_visits_are_not_found(self, visit, by, member):
        client = signed_in(member)
        assert client.get(self.there(visit, "enterprise_visit", visit.pk)).status_code == 404
        record_visit(visit, record(), by=by)
        stranger = MembershipFactory()
        other = signed_in(stranger.user)
        assert other.get(self.there(visit, "enterprise_visit", visit.pk)).status_code == 404
        own = reverse("enterprise_visit", args=[stranger.enterprise_id, visit.pk])
        assert other.get(own).status_code == 404
        assert other.post(own + "confirm/").status_code == 404

    def test_home_asks_to_confirm_and_to_reply(self, visit, by, member, talk):
        client, home = signed_in(member), self.there(visit, "enterprise_home")

        def asked():
            return [each.url for each in client.get(home).context["todos"]]

        visit_page = self.there(visit, "enterprise_visit", visit.pk)
        talk_page = self.there(visit, "enterprise_talk", talk.pk) + "#answer"
        assert not {visit_page, talk_page} & set(asked())
        written = record_visit(visit, record(), by=by)
        signing.invite(talk, [visit.pairing.enterprise, EnterpriseFactory()])
        assert {visit_page, talk_page} <= set(asked())
        agree(written, by=by)
        change(talk, held_at=timezone.now() - dt.timedelta(hours=1))  # too late to reply
        assert not {visit_page, talk_page} & set(asked())
