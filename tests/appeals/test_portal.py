"""An enterprise files, follows and judges its appeals: once each, its own alone, told what to do."""

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from appeals.dispatching import Target, add_co, dispatch
from appeals.enums import Intake, OrderState, Outcome, Satisfaction, Secrecy, Status
from appeals.filing import attach, chase, withdraw
from appeals.handling import accept, answer, ask, keep_promise, note
from appeals.intake import accept_appeal, ask_back, merge, refuse
from appeals.models import Appeal, IntakeRule, Promise
from appeals.surveying import supervise, survey
from portal.kernel.models import OutboxEntry
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    CategoryFactory,
    OfficerFactory,
    SectionFactory,
    answered,
    dispatched,
    file,
    handling,
    lead,
)
from tests.enterprises.factories import MembershipFactory

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def firm(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return MembershipFactory().enterprise


@pytest.fixture
def at_work(client, firm):
    client.force_login(firm.memberships.get().user)
    return client


def picture(name="现场.png", colour="red"):
    content = BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def base(firm):
    return f"/e/{firm.pk}/appeals/"


def page(appeal):
    return f"{base(appeal.enterprise)}{appeal.number}/"


def text(answer):
    return answer.content.decode()


def cheap(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, address
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "SET "))]
    assert len(asked) <= MOST_QUERIES, [sql[:120] for sql in asked]
    return answer


def written(**fields):
    return {
        "title": "厂区频繁停电",
        "text": "本周停了三次，机床停摆，请协调。",
        "contact_name": "张三",
        "contact_phone": "13800000000",
        "key": "a" * 32,
    } | fields


class TestFiling:
    def test_two_boxes_are_enough_the_rest_is_known(self, at_work, firm):
        form = cheap(at_work, f"{base(firm)}new/").context["form"]
        assert form["contact_name"].value() == firm.memberships.get().user.name
        sent = written(documents=[picture()], camera=[picture("2.png", "blue")])
        answer = at_work.post(f"{base(firm)}new/", sent)
        appeal = Appeal.objects.get()
        assert answer.url == page(appeal)
        assert appeal.enterprise == firm
        assert sorted(appeal.attachments.values_list("name", flat=True)) == ["2.png", "现场.png"]
        assert appeal.number in text(at_work.get(answer.url))

    def test_sent_twice_is_filed_once(self, at_work, firm):
        for _ in range(2):
            answer = at_work.post(f"{base(firm)}new/", written(documents=[picture()]))
            assert answer.status_code == 302
        appeal = Appeal.objects.get()
        assert appeal.attachments.count() == 1
        at_work.post(f"{base(firm)}new/", written(key="b" * 32))
        assert Appeal.objects.count() == 2

    def test_the_same_form_with_other_words_says_which_counts(self, at_work, firm):
        at_work.post(f"{base(firm)}new/", written())
        answer = at_work.post(f"{base(firm)}new/", written(text="另一件事。"), follow=True)
        assert "内容以第一次为准" in text(answer)
        assert Appeal.objects.get().text == written()["text"]

    def test_a_complaint_with_its_choices(self, at_work, firm):
        department = DepartmentFactory()
        sent = written(about=department.pk, anonymous="on", confidential="on", urgent="on")
        at_work.post(f"{base(firm)}new/", sent)
        appeal = Appeal.objects.get()
        assert (appeal.about, appeal.anonymous, appeal.urgent) == (department, True, True)
        assert appeal.secrecy == Secrecy.CONFIDENTIAL
        assert department.name in text(at_work.get(page(appeal)))

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "格式"),
            ("a.html", b"<html><script>alert(1)</script></html>", "格式"),
            ("a.png", b"<html><script>alert(1)</script></html>", "格式"),
            ("a.jpg", picture().read(), "与扩展名不符"),
            ("a.png", b"", "文件是空的"),
            ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "图片已损坏"),
            ("a.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024), "不能超过 20 MB"),
        ],
    )
    def test_hostile_files_are_refused_in_words_and_nothing_is_filed(
        self, at_work, firm, name, content, words
    ):
        answer = at_work.post(f"{base(firm)}new/", written(documents=[SimpleUploadedFile(name, content)]))
        assert answer.status_code == 422
        assert words in text(answer)
        assert name in text(answer)
        assert "重新选一次" in text(answer)
        assert not Appeal.objects.exists()

    def test_too_many_files(self, at_work, firm):
        files = [picture(f"{n}.png", (n, n, n)) for n in range(13)]
        answer = at_work.post(f"{base(firm)}new/", written(documents=files))
        assert "最多附 12 个" in text(answer)
        files = {"documents": files[:7], "camera": files[7:]}  # each few enough, together too many
        for one in (*files["documents"], *files["camera"]):
            one.seek(0)
        answer = at_work.post(f"{base(firm)}new/", written(**files))
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    @pytest.mark.parametrize("missing", ["title", "text", "contact_phone"])
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, at_work, firm, missing):
        answer = at_work.post(f"{base(firm)}new/", written(**{missing: " "}))
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {missing}
        assert "张三" in text(answer)

    def test_what_is_not_handled_is_told_early_and_not_refused(self, at_work, firm):
        IntakeRule.objects.all().delete()
        IntakeRule.objects.create(
            handled=False, title="诉讼中的争议", words=["开庭"], advice="请找法院 12368。"
        )
        assert "12368" in text(cheap(at_work, f"{base(firm)}new/"))
        told = at_work.post(f"{base(firm)}new/advice/", {"title": "下周开庭", "text": ""})
        assert "12368" in text(told)
        assert "12368" not in text(at_work.post(f"{base(firm)}new/advice/", {"title": "停电", "text": ""}))
        answer = at_work.post(f"{base(firm)}new/", written(title="下周开庭"), follow=True)
        assert Appeal.objects.filter(title="下周开庭").exists()
        assert "12368" in text(answer)


class TestWhose:
    def addresses(self, appeal):
        kept = attach(appeal, picture(), by=None)
        return [page(appeal), f"{page(appeal)}files/{kept.pk}/"]

    def test_anothers_appeal_is_404_by_every_address(self, at_work, firm):
        theirs = file()
        mine = file(firm)
        for address in self.addresses(theirs):
            assert at_work.get(address).status_code == 404
            under_mine = address.replace(f"/e/{theirs.enterprise_id}/", f"/e/{firm.pk}/")
            assert at_work.get(under_mine).status_code == 404
        kept = theirs.attachments.get()
        assert at_work.get(f"{page(mine)}files/{kept.pk}/").status_code == 404
        for step in ("chase", "withdraw", "rate"):
            assert at_work.post(f"{base(firm)}{theirs.number}/{step}/", {"text": "x"}).status_code == 404
        theirs.refresh_from_db()
        assert theirs.chased_at is None

    def test_nobody_signed_in_sees_nothing(self, client, firm):
        for address in [base(firm), f"{base(firm)}new/", *self.addresses(file(firm))]:
            assert client.get(address).status_code == 302

    def test_what_the_desk_keeps_to_itself_is_404(self, at_work, firm):
        appeal = file(firm)
        kept = attach(appeal, picture(), by=None, public=False)
        assert at_work.get(f"{page(appeal)}files/{kept.pk}/").status_code == 404
        assert kept.name not in text(at_work.get(page(appeal)))

    def test_a_file_is_handed_out_so_that_nothing_runs(self, at_work, firm):
        appeal = file(firm)
        shown = at_work.get(f"{page(appeal)}files/{attach(appeal, picture(), by=None).pk}/")
        assert shown["Content-Type"] == "image/png"
        paper = SimpleUploadedFile("合同.pdf", b"%PDF-1.4 x")
        saved = at_work.get(f"{page(appeal)}files/{attach(appeal, paper, by=None).pk}/")
        assert saved["Content-Disposition"].startswith("attachment")
        for sent in (shown, saved):
            assert sent["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in sent["Content-Security-Policy"]
            assert sent["Cache-Control"].startswith("private")
            sent.close()

    def test_a_message_leads_to_the_page(self, at_work, firm):
        appeal = file(firm)
        ask_back(appeal, "停电从哪天开始？", by=None)
        url = OutboxEntry.objects.filter(payload__mailbox=firm.mailbox_id).latest("pk").payload["url"]
        assert url == page(appeal)
        assert at_work.get(url).status_code == 200


class TestList:
    def test_empty_says_what_to_do(self, at_work, firm):
        assert f"{base(firm)}new/" in text(cheap(at_work, base(firm)))

    def test_tabs_search_and_cost(self, at_work, firm):
        asked = file(firm, title="要补充")
        ask_back(asked, "哪天？", by=None)
        order = handling(enterprise=firm, title="在办")
        asking = handling(enterprise=firm, title="承办在问")
        ask(asking, "在哪？", by=None)
        done = answered(enterprise=firm, title="待评")
        file(title="别家的")

        def rows(query):
            return {row.title for row, _colour in at_work.get(f"{base(firm)}{query}").context["rows"]}

        assert rows("") == {"要补充", "承办在问", "待评"}
        assert rows("?tab=open") == {"在办"}
        survey(done, Satisfaction.SATISFIED, True, "", by=None)
        assert rows("?tab=closed") == {"待评"}
        assert rows("?tab=all&q=在办") == {"在办"}
        assert rows(f"?tab=all&q={order.appeal.number}") == {"在办"}
        assert rows("?tab=all&q=没有") == set()
        for query in ("?page=999", "?page=x", "?tab=nonsense", "?q=%25%27"):
            assert at_work.get(base(firm) + query).status_code == 200

    def test_many_cost_no_more(self, at_work, firm):
        for n in range(25):
            handling(enterprise=firm, title=f"第 {n} 件")
        answer = cheap(at_work, f"{base(firm)}?tab=open")
        assert len(answer.context["rows"]) == 20
        assert "page=2" in text(answer)


def as_status(status, firm):
    """An appeal of the firm that has come to the status the real way."""
    if status == Status.RECEIVED:
        return file(firm)
    if status == Status.ASKED:
        appeal = file(firm)
        ask_back(appeal, "停电从哪天开始？", by=None)
    elif status == Status.REFUSED:
        appeal = file(firm)
        refuse(appeal, "请拨 12368。", by=None)
    elif status == Status.MERGED:
        appeal = file(firm)
        merge(appeal, file(firm, title="合并到的"), by=None)
    elif status == Status.WITHDRAWN:
        appeal = file(firm)
        withdraw(appeal, "已自行解决", by=None)
    elif status == Status.ROUTING:
        appeal = file(firm)
        accept_appeal(appeal, by=None)
    elif status == Status.OFFERED:
        appeal = dispatched(enterprise=firm).appeal
    elif status == Status.HANDLING:
        appeal = handling(enterprise=firm).appeal
    elif status == Status.PROMISED:
        order = handling(enterprise=firm)
        due = timezone.localdate() + dt.timedelta(days=10)
        answer(order, Outcome.PROMISED, "月底前修好。", by=None, promise=("更换路灯", due))
        appeal = order.appeal
    elif status == Status.ANSWERED:
        appeal = answered(enterprise=firm).appeal
    else:
        order = answered(enterprise=firm)
        survey(order, Satisfaction.SATISFIED, True, "很快", by=None)
        appeal = order.appeal
        if status == Status.SUPERVISED:
            supervise(appeal, "群众反映强烈", by=None)
    appeal.refresh_from_db()
    return appeal


class TestPage:
    @pytest.mark.parametrize("status", Status.values)
    def test_every_status_has_a_page_in_words_and_is_cheap(self, at_work, firm, status):
        appeal = as_status(status, firm)
        assert appeal.status == status
        shown = text(cheap(at_work, page(appeal)))
        assert appeal.get_status_display() in shown
        assert appeal.title in text(at_work.get(f"{base(firm)}?tab=all"))

    def test_the_fullest_page_is_cheap_too(self, at_work, firm):
        appeal = as_status(Status.PROMISED, firm)
        promise = Promise.objects.get()
        keep_promise(promise, "已换新灯。", by=None)
        survey(lead(appeal), Satisfaction.DISSATISFIED, False, "又坏了", by=None)
        second = lead(appeal)
        if second.state == OrderState.WAITING:
            dispatch(second, Target(DepartmentFactory()), by=None)
        accept(second, by=None)
        attach(appeal, picture(), by=None)
        shown = text(cheap(at_work, page(appeal)))
        assert "承诺已兑现" in shown
        assert "已换新灯。" in shown
        assert "又坏了" in shown
        assert "第 2 次办理" in shown

    def test_who_holds_it_until_when_and_what_is_public(self, at_work, firm):
        section = SectionFactory(phone="023-74500001")
        chief = OfficerFactory(
            department=section.department, name="李主任", title="分管领导", phone="023-74500002"
        )
        order = lead(file(firm))
        dispatch(order, Target(section.department, section, chief), by=None)
        accept(order, by=None)
        add_co(order, Target(DepartmentFactory(short_name="协办局")), by=None)
        note(order, "内部：先缓一缓", by=None)
        note(order, "已派人到现场", by=None, public=True)
        shown = text(at_work.get(page(order.appeal)))
        assert str(section) in shown
        assert "李主任" in shown
        assert 'href="tel:023-74500001"' in shown
        assert "协办局" in shown
        assert "已派人到现场" in shown
        assert "先缓一缓" not in shown
        assert "个工作日" in shown
        assert "前答复" in shown

    def test_a_promise_with_its_day(self, at_work, firm):
        appeal = as_status(Status.PROMISED, firm)
        shown = text(at_work.get(page(appeal)))
        assert "更换路灯" in shown
        assert "承诺限时解决" in shown


class TestSteps:
    def take(self, client, appeal, step, **sent):
        return client.post(f"{page(appeal)}{step}/", sent)

    def test_supplement_with_a_photograph(self, at_work, firm):
        appeal = as_status(Status.ASKED, firm)
        assert "停电从哪天开始？" in text(at_work.get(page(appeal)))
        assert self.take(at_work, appeal, "supplement", text="周一", camera=[picture()]).status_code == 302
        appeal.refresh_from_db()
        assert appeal.intake == Intake.SUBMITTED
        assert appeal.attachments.count() == 1
        refused = self.take(at_work, appeal, "supplement", text="再说一遍")
        assert refused.status_code == 422

    def test_reply_to_the_handler(self, at_work, firm):
        order = handling(enterprise=firm)
        ask(order, "哪盏灯？", by=None)
        assert "哪盏灯？" in text(at_work.get(page(order.appeal)))
        assert self.take(at_work, order.appeal, "reply", text=" ").status_code == 422
        assert self.take(at_work, order.appeal, "reply", text="东门那盏").status_code == 302
        order.refresh_from_db()
        assert order.state == OrderState.HANDLING
        assert self.take(at_work, order.appeal, "reply", text="东门那盏").status_code == 422

    def test_a_refused_file_leaves_the_question_open(self, at_work, firm):
        appeal = as_status(Status.ASKED, firm)
        bad = SimpleUploadedFile("a.svg", b"<svg/>")
        answer = self.take(at_work, appeal, "supplement", text="周一", documents=[bad])
        assert answer.status_code == 422
        appeal.refresh_from_db()
        assert appeal.intake == Intake.ASKED

    def test_add_a_photograph_once(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "attach").status_code == 422
        assert self.take(at_work, appeal, "attach", documents=[picture()]).status_code == 302
        again = self.take(at_work, appeal, "attach", documents=[picture()])
        assert "已经上传过" in text(again)
        closed = as_status(Status.CLOSED, firm)
        assert "已经结束" in text(self.take(at_work, closed, "attach", documents=[picture()]))

    def test_chase_once(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert "step-chase" in text(at_work.get(page(appeal)))
        assert self.take(at_work, appeal, "chase").status_code == 302
        assert "step-chase" not in text(at_work.get(page(appeal)))
        again = self.take(at_work, appeal, "chase")
        assert again.status_code == 422
        assert "已经催办过" in text(again)

    def test_withdraw_only_before_the_answer(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "withdraw", text="").status_code == 422
        assert self.take(at_work, appeal, "withdraw", text="已解决").status_code == 302
        done = as_status(Status.ANSWERED, firm)
        assert "不能撤回" in text(self.take(at_work, done, "withdraw", text="已解决"))

    def test_rate_once_and_dissatisfied_goes_higher(self, at_work, firm):
        appeal = as_status(Status.ANSWERED, firm)
        assert self.take(at_work, appeal, "rate", satisfaction="satisfied").status_code == 422  # solved?
        assert self.take(at_work, appeal, "rate", satisfaction="great", solved="yes").status_code == 422
        sent = {"satisfaction": "dissatisfied", "solved": "no", "comment": "没修好"}
        assert self.take(at_work, appeal, "rate", **sent).status_code == 302
        appeal.refresh_from_db()
        assert appeal.round == 2
        assert self.take(at_work, appeal, "rate", **sent).status_code == 422
        assert "没修好" in text(at_work.get(page(appeal)))

    def test_reopen_what_is_closed(self, at_work, firm):
        appeal = as_status(Status.CLOSED, firm)
        assert self.take(at_work, appeal, "reopen", text="又坏了").status_code == 302
        appeal.refresh_from_db()
        assert appeal.round == 2
        assert self.take(at_work, appeal, "reopen", text="又坏了").status_code == 422

    def test_odd_steps_and_reading_change_nothing(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "explode").status_code == 404
        assert at_work.get(f"{page(appeal)}chase/").status_code == 405
        chase(appeal, by=None)  # the one chase is still to be had


class TestPlaces:
    def test_the_home_shows_what_waits_for_the_enterprise(self, at_work, firm):
        for title, status in (
            ("要补充的", Status.ASKED),
            ("要评价的", Status.ANSWERED),
            ("在办的", Status.HANDLING),
        ):
            Appeal.objects.filter(pk=as_status(status, firm).pk).update(title=title)
        file(title="别家的")
        shown = [todo.title for todo in at_work.get(f"/e/{firm.pk}/").context["todos"]]
        assert shown[:2] == ["补充“要补充的”的情况", "评价“要评价的”的答复"]
        assert not [title for title in shown if "在办的" in title or "别家的" in title]

    def test_appeals_are_in_the_navigation_and_a_phone_shows_five(self, at_work, firm):
        shell = at_work.get(base(firm)).context["shell"]
        assert [place.label for place in shell.nav if place.current] == ["诉求"]
        assert len(shell.tabbar) == 5
        assert "诉求" in {place.label for place in shell.tabbar}

    def test_a_category_is_offered_with_its_hint(self, at_work, firm):
        category = CategoryFactory(hint="贷款、续贷")
        assert f"{category.label}（贷款、续贷）" in text(at_work.get(f"{base(firm)}new/"))
