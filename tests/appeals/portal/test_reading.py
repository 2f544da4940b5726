"""An enterprise finds and reads its appeals: its own alone, every status in words, and cheap."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appeals.dispatching import Target, add_co, dispatch
from appeals.enums import OrderState, Satisfaction, Status
from appeals.filing import attach
from appeals.handling import accept, ask, keep_promise, note
from appeals.intake import ask_back
from appeals.models import Appeal, Promise
from appeals.surveying import survey
from portal.accounts.models.officers import Rank
from portal.kernel.models import OutboxEntry
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    CategoryFactory,
    OfficerFactory,
    SectionFactory,
    answered,
    file,
    handling,
    lead,
)
from tests.appeals.portal.pages import as_status, base, page, picture, text
from tests.clients import cheap
from tests.papers import PDF

pytestmark = pytest.mark.django_db


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
        paper = SimpleUploadedFile("合同.pdf", PDF)
        read = at_work.get(f"{page(appeal)}files/{attach(appeal, paper, by=None).pk}/")
        assert read["Content-Type"] == "application/pdf"
        assert shown["Content-Disposition"].startswith("inline")
        assert read["Content-Disposition"].startswith("inline")
        for sent in (shown, read):
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
            dispatch(second, Target(OfficerFactory(rank=Rank.HEAD).department), by=None)
        accept(second, by=None)
        attach(appeal, picture(), by=None)
        shown = text(cheap(at_work, page(appeal)))
        assert "承诺已兑现" in shown
        assert "已换新灯。" in shown
        assert "又坏了" in shown
        assert "第 2 次办理" in shown
        assert "不满意，转二次办理" in shown
        assert "<li>二次办理" in shown or "二次办理</" in shown

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
