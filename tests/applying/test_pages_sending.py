"""Checking a form and sending it: what is missing, late or changed meanwhile is told and loses nothing."""

import datetime as dt

import pytest
from django.utils import timezone

from policies import services
from policies.applying import drafts
from policies.models import AmendmentPoint
from tests.applying import factories as make
from tests.applying.pages import form_of, login, succeed, text
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
MOST_QUERIES, MOST_TO_SAVE = 15, 4
JSON = {"headers": {"accept": "application/json"}}


class TestSending:
    def test_checked_and_sent_once_however_often_pressed(self, client):
        application = make.filled(equipment_invest="1200")
        login(client, application)
        base = application.get_absolute_url()
        page = text(client.get(f"{base}send/"))
        assert "确认提交" in page
        assert "<dd>1,200 万元</dd>" in page
        assert "发票.pdf" in page
        for _ in range(2):
            answer = client.post(f"{base}send/", {"revision": application.revision})
            assert answer.url == base
        application.refresh_from_db()
        assert (application.state, application.evidence.count()) == ("submitted", 1)
        assert "正在等主管部门受理" in text(client.get(base))

    def test_what_is_missing_leads_to_its_field(self, client):
        application = make.drafted()
        login(client, application)
        base = application.get_absolute_url()
        answer = client.post(f"{base}send/", {"revision": application.revision})
        assert answer.status_code == 422
        assert f'href="{base}#answer-equipment_invest"' in text(answer)
        assert f'href="{base}#material-1"' in text(answer)

    def test_what_fails_wants_a_reason(self, client):
        application = make.filled(equipment_invest="50")
        login(client, application)
        base = application.get_absolute_url()
        data = {"revision": application.revision}
        assert "看是哪一条" in text(client.get(base))
        assert client.post(f"{base}send/", data).status_code == 422
        assert client.post(f"{base}send/", data | {"insisting": "发票未到齐"}).status_code == 302
        assert application.events.get().comment == "发票未到齐"

    def test_what_was_changed_since_it_was_checked_is_checked_again(self, client):
        application = make.filled()
        login(client, application)
        drafts.save(
            application,
            drafts.Saving({"equipment_invest": "300"}),
            revision=application.revision,
            by=None,
            at=timezone.now(),
        )
        answer = client.post(f"{application.get_absolute_url()}send/", {"revision": application.revision})
        assert answer.status_code == 409
        assert "刚才又有改动" in text(answer)

    def test_a_window_that_closed_while_the_form_was_open(self, client, monkeypatch):
        application = make.filled(make.version(window_to=timezone.localdate()))
        login(client, application)
        base = application.get_absolute_url()
        tomorrow = timezone.now() + dt.timedelta(days=1)
        monkeypatch.setattr(timezone, "now", lambda: tomorrow)
        login(client, application)
        answer = client.post(f"{base}send/", {"revision": application.revision})
        assert answer.status_code == 409
        assert "已填内容仍保留" in text(answer)
        page = text(client.get(base))
        assert "已填内容仍保留" in page
        assert 'value="200"' in page

    def test_a_rule_that_changed_is_moved_to_with_all_that_was_typed(self, client):
        application = make.filled()
        newer = succeed(application.version)
        login(client, application)
        base = application.get_absolute_url()
        answer = client.post(f"{base}send/", {"revision": application.revision})
        assert answer.status_code == 409
        assert f"第 {newer.number} 版" in text(answer)
        assert "换到新版继续填" in text(client.get(base))
        data = form_of(application, **{"answer-equipment_invest": "260"})
        assert client.post(f"{base}move/", data).url == base
        application.refresh_from_db()
        assert application.version == newer
        assert application.answers["equipment_invest"] == "260"
        assert "换到新版继续填" not in text(client.get(base))

    def test_a_withdrawn_item_keeps_the_draft(self, client):
        application = make.filled()
        services.withdraw(application.version, by=policies.publisher(), reason="写错了")
        login(client, application)
        base = application.get_absolute_url()
        assert "已经结束或还没有开始执行" in text(client.get(base))
        assert client.post(f"{base}send/", {"revision": application.revision}).status_code == 409

    def test_a_list_answered_half_is_not_sent(self, client):
        application = make.returned()
        login(client, application)
        base = application.get_absolute_url()
        page = text(client.get(base))
        assert "补盖章的发票" in page
        assert "原件没有章" in page
        point = AmendmentPoint.objects.get()
        answer = client.post(f"{base}send/", {"revision": application.revision})
        assert answer.status_code == 422
        assert f"#point-{point.pk}" in text(answer)
        client.post(f"{base}save/", form_of(application, **{f"reply-{point.pk}": "章在第二页"}))
        application.refresh_from_db()
        assert client.post(f"{base}send/", {"revision": application.revision}).url == base
        point.refresh_from_db()
        assert (point.reply, point.done) == ("章在第二页", True)
