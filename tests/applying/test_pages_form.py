"""The form: started once, saved as typed in few statements, never over a colleague's words, sent once."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.actors import Actor
from policies.applying import drafts, sending
from policies.models import AmendmentPoint, Application
from tests.accounts.factories import UserFactory
from tests.applying import factories as make
from tests.applying.pages import form_of, login, text
from tests.enterprises.factories import MembershipFactory, actor_of
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
MOST_QUERIES, MOST_TO_SAVE = 15, 4
JSON = {"headers": {"accept": "application/json"}}


def asked(captured):
    """Statements of the page itself; the frame of its transaction is none."""
    said = [one["sql"] for one in captured]
    return [sql for sql in said if "SAVEPOINT" not in sql and not sql.startswith(("SET ", "BEGIN", "COMMIT"))]


def start_at(application):
    return f"/e/{application.enterprise_id}/policies/{application.item.code}/apply/"


class TestStarting:
    def test_the_item_s_button_leads_to_the_form_and_back_to_it(self, client):
        version, actor = make.version(), actor_of()
        client.force_login(actor.user)
        own = f"/e/{actor.enterprise.pk}/policies/{version.item.code}/"
        page = text(client.get(own))
        assert f'action="{own}apply/"' in page
        assert "还没有开通" not in page
        first = client.post(f"{own}apply/")
        again = client.post(f"{own}apply/")
        application = Application.objects.get()
        assert first.url == again.url == application.get_absolute_url()
        assert "继续填报" in text(client.get(own))
        assert "还要您填的" in text(client.get(first.url))

    @pytest.mark.parametrize(
        ("conditions", "materials", "once"),
        [
            (make.CONDITIONS["all"][0], [], True),
            (make.CONDITIONS["all"][0], make.MATERIALS[:1], True),
            (make.CONDITIONS["all"][0], make.MATERIALS, False),
            ({"all": make.CONDITIONS["all"][:2]}, [], False),
            ({"all": make.CONDITIONS["all"][::2]}, [], False),
        ],
    )
    def test_one_click_is_promised_only_with_nothing_to_answer_or_bring(
        self, client, conditions, materials, once
    ):
        given = {"rule_conditions": conditions, "rule_amount": policies.TEN_WAN, "materials": materials}
        version, actor = make.version(mode="quick", **given), make.applicant()
        client.force_login(actor.user)
        page = text(client.get(f"/e/{actor.enterprise.pk}/policies/{version.item.code}/"))
        assert "/apply/" in page
        assert ("一键申报" in page) is once

    def test_the_phone_given_last_for_the_enterprise_is_there_again(self):
        earlier = make.drafted()
        actor, colleague = make.actor_for(earlier), UserFactory(mobile=None)
        type(actor.user).objects.filter(pk=actor.user.pk).update(mobile=None)
        actor.user.refresh_from_db()
        again = drafts.start(actor, make.version(), at=make.now())
        assert again.contact_phone == "13800000000"
        first = drafts.start(Actor(colleague, actor.enterprise, "owner"), make.version(), at=make.now())
        assert first.contact_phone == ""

    def test_what_was_tried_out_is_taken_along(self, client):
        version, actor = make.version(), actor_of()
        client.force_login(actor.user)
        own = f"/e/{actor.enterprise.pk}/policies/{version.item.code}/"
        tried = "answer-equipment_invest=200"
        assert f'action="{own}apply/?{tried}"' in text(client.get(f"{own}?{tried}"))
        client.post(f"{own}apply/?{tried}")
        assert Application.objects.get().answers == {"equipment_invest": "200"}

    @pytest.mark.parametrize("mode", ["offline", "elsewhere", "enjoy"])
    def test_elsewhere_it_says_where_whom_and_what(self, client, mode):
        contacts = [{"name": "企业科", "phone": "023-74512345"}]
        version = make.version(mode=mode, where="政务大厅三楼 12 号窗口", contacts=contacts)
        actor = actor_of()
        client.force_login(actor.user)
        own = f"/e/{actor.enterprise.pk}/policies/{version.item.code}/"
        page = text(client.get(own))
        assert "政务大厅三楼" in page
        assert page.count("tel:023-74512345") >= 2
        assert "设备发票" in page
        assert "/apply/" not in page
        answer = client.post(f"{own}apply/", follow=True)
        assert "不在本平台填报" in text(answer)
        assert not Application.objects.exists()

    def test_a_closed_window_says_until_when_and_whom_to_ask(self, client):
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        contacts = [{"name": "企业科", "phone": "023-74512345"}]
        version, actor = make.version(window_to=yesterday, contacts=contacts), actor_of()
        client.force_login(actor.user)
        own = f"/e/{actor.enterprise.pk}/policies/{version.item.code}/"
        page = text(client.get(own))
        assert f"申报已于 {yesterday.isoformat()} 截止" in page
        assert "/apply/" not in page
        assert "截止" in text(client.post(f"{own}apply/", follow=True))
        assert not Application.objects.exists()

    def test_another_enterprise_cannot_be_applied_for(self, client):
        version = make.version()
        client.force_login(actor_of().user)
        other = actor_of().enterprise
        assert client.post(f"/e/{other.pk}/policies/{version.item.code}/apply/").status_code == 404


class TestTheForm:
    def test_it_asks_only_what_nobody_knows(self, client):
        application = make.drafted()
        login(client, application)
        page = text(client.get(application.get_absolute_url()))
        year = timezone.localdate().year - 1
        assert 'name="answer-equipment_invest"' in page
        assert f'name="answer-employees@{year}"' in page
        assert 'name="answer-region"' not in page
        assert "系统已有，不用交" in page
        assert f'href="#answer-employees@{year}"' in page

    @pytest.mark.parametrize("made", [make.drafted, make.filled, make.returned])
    def test_it_is_cheap(self, client, made):
        application = made()
        login(client, application)
        client.get(application.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(application.get_absolute_url())
        assert answer.status_code == 200
        assert len(asked(captured)) <= MOST_QUERIES, [sql[:100] for sql in asked(captured)]

    def test_figures_follow_what_was_saved(self, client):
        application = make.drafted()
        login(client, application)
        base = application.get_absolute_url()
        client.post(f"{base}save/", form_of(application, **{"answer-equipment_invest": "200"}))
        year = timezone.localdate().year - 1
        fresh = Application.objects.get()
        client.post(f"{base}save/", form_of(fresh, **{f"answer-employees@{year}": "20"}))
        part = text(client.get(f"{base}figures/"))
        assert "20 万元" in part
        assert 'id="apply-head"' in part
        assert "<html" not in part

    def test_an_answer_that_is_none_says_so_at_its_field(self, client):
        application = make.drafted()
        login(client, application)
        base = application.get_absolute_url()
        client.post(f"{base}save/", form_of(application, **{"answer-equipment_invest": "很多"}))
        page = text(client.get(base))
        assert 'value="很多"' in page
        assert 'id="answer-equipment_invest-error" role="alert"></p>' not in page


class TestSaving:
    @pytest.mark.parametrize("made", [make.drafted, make.returned])
    def test_autosave_takes_few_statements(self, client, made):
        application = made()
        login(client, application)
        client.get(application.get_absolute_url())
        data = form_of(application, **{"answer-equipment_invest": "300"})
        if point := AmendmentPoint.objects.first():
            data[f"reply-{point.pk}"] = "已盖章"
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(f"{application.get_absolute_url()}save/", data, **JSON)
        assert answer.json()["revision"] == application.revision + 1
        assert len(asked(captured)) <= MOST_TO_SAVE, [sql[:100] for sql in asked(captured)]
        application.refresh_from_db()
        assert application.answers["equipment_invest"] == "300"
        if point:
            point.refresh_from_db()
            assert point.reply == "已盖章"

    def test_a_whole_form_without_script(self, client):
        application = make.drafted()
        login(client, application)
        base = application.get_absolute_url()
        data = form_of(
            application,
            **{
                "answer-equipment_invest": "200",
                "material-1": "设备发票",
                "note-1": "还没开",
                "file-1": [make.pdf(), make.pdf("二.pdf", b"2")],
                "contact_name": "李四",
                "contact_phone": "13900000000",
                "then": "check",
            },
        )
        assert client.post(f"{base}save/", data).url == f"{base}send/"
        application.refresh_from_db()
        assert application.notes == {"设备发票": "还没开"}
        assert (application.contact_name, application.files.count()) == ("李四", 2)
        assert "还差 1 项" in text(client.get(f"{base}send/"))

    def test_a_stale_page_keeps_what_was_typed_in_sight(self, client):
        application = make.drafted()
        colleague = UserFactory(name="王会计")
        drafts.save(
            application,
            drafts.Saving({"equipment_invest": "900"}),
            revision=application.revision,
            by=colleague,
            at=timezone.now(),
        )
        login(client, application)
        base = application.get_absolute_url()
        data = form_of(application, **{"answer-equipment_invest": "200", "contact_name": "赵六"})
        told = client.post(f"{base}save/", data, **JSON)
        assert (told.status_code, told.json()["code"]) == (409, "stale")
        answer = client.post(f"{base}save/", data)
        page = text(answer)
        assert answer.status_code == 409
        assert "王会计刚才在别处保存过" in page
        assert 'value="200"' in page
        assert "900" in page
        assert 'value="赵六"' in page
        fresh = Application.objects.get()
        assert fresh.answers == {"equipment_invest": "900"}
        assert f'name="revision" value="{fresh.revision}"' in page
        again = form_of(fresh, **{"answer-equipment_invest": "200"})
        assert client.post(f"{base}save/", again).status_code == 302

    def test_the_same_form_posted_twice_is_saved_once(self, client):
        application = make.drafted()
        login(client, application)
        base = application.get_absolute_url()
        data = form_of(application, **{"answer-equipment_invest": "200"})
        answers = [client.post(f"{base}save/", data, **JSON).json() for _ in range(2)]
        assert answers[0]["revision"] == answers[1]["revision"]

    def test_saving_what_a_colleague_has_sent_loses_nothing(self, client):
        application = make.filled()
        before = form_of(application, **{"answer-equipment_invest": "321"})
        sending.send(application, make.actor_for(application), at=timezone.now())
        login(client, application)
        answer = client.post(f"{application.get_absolute_url()}save/", before)
        assert answer.status_code == 409
        assert "不能再修改" in text(answer)
        assert "321" in text(answer)

    @pytest.mark.parametrize(
        "bad",
        [
            {"answer-equipment_invest": "9" * 501},
            {"contact_phone": "1" * 31},
            {f"answer-x{number}": "1" for number in range(201)},
        ],
    )
    def test_what_is_too_much_is_refused_and_shown(self, client, bad):
        application = make.drafted()
        login(client, application)
        answer = client.post(f"{application.get_absolute_url()}save/", form_of(application, **bad))
        assert answer.status_code == 422
        assert Application.objects.get().revision == application.revision

    @pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 18, "²"])
    def test_an_odd_revision_is_stale(self, client, revision):
        application = make.drafted()
        login(client, application)
        data = {"revision": revision, "answer-equipment_invest": "5"}
        assert client.post(f"{application.get_absolute_url()}save/", data).status_code == 409

    def test_a_nul_is_dropped(self, client):
        application = make.drafted()
        login(client, application)
        data = form_of(application, **{"answer-equipment_invest": "2\x0000"})
        assert client.post(f"{application.get_absolute_url()}save/", data).status_code == 302
        assert Application.objects.get().answers["equipment_invest"] == "200"

    def test_a_reply_goes_to_an_own_open_point_alone(self, client):
        application, other = make.returned(), make.returned(make.sent(actor=actor_of()))
        theirs = AmendmentPoint.objects.get(amendment__application=other)
        login(client, application)
        data = form_of(application, **{f"reply-{theirs.pk}": "不是我的"})
        client.post(f"{application.get_absolute_url()}save/", data)
        theirs.refresh_from_db()
        assert theirs.reply == ""

    def test_another_enterprise_saves_nothing(self, client):
        application = make.drafted()
        stranger = actor_of()
        client.force_login(stranger.user)
        there = application.get_absolute_url()
        here = f"/e/{stranger.enterprise.pk}/applications/{application.number}/"
        for base in (there, here):
            for word in ("", "figures/", "send/", "receipt/"):
                assert client.get(f"{base}{word}").status_code == 404, word
            for word in ("save/", "send/", "withdraw/", "discard/", "move/", "rate/", "files/"):
                data = form_of(application, reason="x", stars="5")
                assert client.post(f"{base}{word}", data).status_code == 404, word
        assert Application.objects.get().revision == application.revision

    def test_a_colleague_takes_over(self, client):
        application = make.drafted()
        colleague = MembershipFactory(enterprise=application.enterprise).user
        client.force_login(colleague)
        base = application.get_absolute_url()
        assert "由您接手" in text(client.get(base))
        client.post(f"{base}save/", form_of(application, **{"answer-equipment_invest": "5"}))
        assert Application.objects.get().filler == colleague
        assert "由您接手" not in text(client.get(base))


def test_a_draft_is_thrown_away_and_what_was_sent_is_not(client):
    application = make.filled()
    firm = application.enterprise_id
    login(client, application)
    base = application.get_absolute_url()
    answer = client.post(f"{base}discard/")
    assert answer.url == f"/e/{firm}/applications/"
    assert not Application.objects.exists()
    sent = make.sent(application.version, actor_of())
    login(client, sent)
    client.post(f"{sent.get_absolute_url()}discard/")
    assert Application.objects.filter(pk=sent.pk).exists()
