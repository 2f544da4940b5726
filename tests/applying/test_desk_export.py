"""The queue of the review desk as a file: what it holds, for whom, and that no name is a formula."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from policies.reviewing import deciding, opinions
from portal.accounts.models import Department
from portal.kernel.money import format_money
from tests.applying import factories as make
from tests.applying.desks import queue, signed_in
from tests.applying.factories import now
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


class TestExport:
    def test_what_the_page_shows_with_what_was_counted(self, client):
        application = make.proposed()
        make.sent()
        url = reverse("desk_applications_export", args=[economy().pk, "csv"])
        answer = client.get(url, {"basket": "proposed"})
        assert answer.content.startswith(b"\xef\xbb\xbf")
        head, line, *notes = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        told = dict(zip(head, line, strict=True))
        assert told["编号"] == application.number
        assert (told["测算上限（元）"], told["核定金额（元）"]) == ("200000.00", "200000.00")
        assert "待审定，共 1 件" in "".join(cell for row in notes for cell in row)

    def test_who_was_asked_is_not_told_what_is_proposed(self, user):
        application, tax = make.reviewing(by=user), Department.objects.get(code="tax")
        (opinion,) = opinions.consult(application, {tax: "核发票"}, by=user, at=now())
        theirs = make.reviewer(tax)
        opinions.give(opinion, "agree", "", by=theirs, at=now())
        proposal = deciding.Proposal("approve", 12_345_600, "第九条", "内部理由")
        deciding.propose(application, proposal, by=user, at=now())
        for place, told in ((economy(), True), (tax, False)):
            client = signed_in(theirs if place == tax else user)
            url = reverse("desk_applications_export", args=[place.pk, "csv"])
            text = client.get(url, {"q": application.number}).content.decode()
            assert application.number in text
            assert all((words in text) is told for words in ("123456", "第九条", "内部理由"))
            listed = queue(client, place, q=application.number).content.decode()
            assert (format_money(12_345_600) in listed) is told
            found = queue(client, place, q=application.number, least="20").context["slice"].rows
            assert bool(found) is not told

    @pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1+1", "＝1+1"])
    def test_a_name_is_no_formula(self, client, name):
        application = make.sent()
        type(application.enterprise).objects.filter(pk=application.enterprise_id).update(name=name)
        url = reverse("desk_applications_export", args=[economy().pk, "csv"])
        assert f",'{name}," in client.get(url).content.decode()
        url = reverse("desk_applications_export", args=[economy().pk, "xlsx"])
        sheet = load_workbook(io.BytesIO(client.get(url).content)).active
        (cell,) = [cell for row in sheet for cell in row if cell.value == name]
        assert cell.data_type == "s"

    def test_deadlines_are_dates_that_sort_and_not_words(self, client):
        application = make.sent()
        due = timezone.localtime(application.clocks.get().due_at)
        book, told = self.read(client, "new")
        assert told["时限"] == "受理"
        assert told["到期时间"] == f"{due:%Y-%m-%d %H:%M}"
        assert told["时限状态"] == "正常"
        assert book["到期时间"].is_date
        assert book["到期时间"].value == due.replace(tzinfo=None)
        sent = timezone.localtime(application.submitted_at)
        assert book["提交时间"].value == sent.replace(tzinfo=None, second=0, microsecond=0)
        assert told["决定时间"] == book["决定时间"].value == "—"

    def test_a_deadline_that_stands_still_has_no_date(self, client, user):
        application = make.reviewing(by=user)
        for clock in application.clocks.filter(met_at=None):
            type(clock).objects.filter(pk=clock.pk).update(paused_at=now())
        _book, told = self.read(client, "reviewing")
        assert (told["到期时间"], told["时限状态"]) == ("—", "暂停计时")

    def read(self, client, basket):
        """The one line as a workbook's cells and as text, by column."""
        book, text = (
            client.get(reverse("desk_applications_export", args=[economy().pk, kind]), {"basket": basket})
            for kind in ("xlsx", "csv")
        )
        head, line, *_rest = csv.reader(io.StringIO(text.content.decode("utf-8-sig")))
        cells = list(load_workbook(io.BytesIO(book.content)).active)[1]
        return dict(zip(head, cells, strict=True)), dict(zip(head, line, strict=True))

    def test_as_a_workbook_and_as_nothing_else(self, client):
        make.sent()
        address = [economy().pk, "xlsx"]
        assert client.get(reverse("desk_applications_export", args=address)).content[:2] == b"PK"
        address = [economy().pk, "pdf"]
        assert client.get(reverse("desk_applications_export", args=address)).status_code == 404
