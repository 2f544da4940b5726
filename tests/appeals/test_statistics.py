"""Statistics: every figure names its population; nobody is counted twice, silence is no satisfaction."""

import csv
import datetime as dt
import io

import pytest
from django.db.models import Value
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from appeals import handling, intake, surveying
from appeals.dispatching import Target, dispatch
from appeals.enums import Outcome, Satisfaction
from appeals.filing import withdraw
from appeals.models import Appeal, Promise, WorkOrder
from appeals.statistics.dimensions import DIMENSIONS
from appeals.statistics.export import Sheet
from appeals.statistics.figures import FIGURES, Share, counted, with_last
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel.spreadsheets import as_csv, as_xlsx, harmless
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.finished import finished
from tests.clients import signed_in

pytestmark = pytest.mark.django_db
EMPTY = {figure.key: (0, 0) for figure in FIGURES}


@pytest.fixture
def lights():
    return DepartmentFactory(short_name="县经信委")


@pytest.fixture
def centre():
    return DepartmentFactory()


@pytest.fixture
def client(centre):
    return signed_in(make.official(Role.SUPERVISOR, centre))


def figures(rows=None):
    rows = with_last(Appeal.objects.all() if rows is None else rows)
    return {
        share.figure.key: (share.part, share.whole) for share in counted(rows, Value(1), timezone.now())[1]
    }


def told(client, department, **query):
    """The figures of the page."""
    answer = client.get(reverse("desk_statistics", args=[department.pk]), query)
    assert answer.status_code == 200
    return {share.figure.key: (share.part, share.whole) for share in answer.context["total"]}


def closed(department, satisfaction=Satisfaction.SATISFIED, solved=True, **fields):
    order = make.answered(department, **fields)
    surveying.survey(order, satisfaction, solved, "", by=None)
    return order


def silent(department):
    order = make.answered(department)
    surveying.close_unrated(order.clocks.get(target="survey").due_at)
    return order


def test_an_empty_county_says_so_and_divides_by_nothing(client, centre):
    assert figures() == EMPTY
    page = client.get(reverse("desk_statistics", args=[centre.pk])).content.decode()
    assert "这段时间没有诉求" in page
    share = Share(FIGURES[2], 0, 0)
    assert (share.words, share.percent, share.bar) == ("—", None, 0)


def test_what_was_accepted_stays_so_when_merged_or_withdrawn_and_is_not_to_be_closed(lights):
    withdrawn, into = make.handling(lights), make.handling(lights)
    merged = make.handling(lights, enterprise=into.appeal.enterprise)
    withdraw(withdrawn.appeal, "不用了", by=None)
    intake.merge(merged.appeal, into.appeal, by=None)
    known = figures()
    assert (known["accepted"], known["closed"]) == ((3, 3), (0, 1))


def test_what_is_not_accepted_is_received_and_no_more(lights):
    make.file()
    refused, withdrawn, merged = make.file(), make.handling(lights), make.file()
    intake.refuse(refused, "请找物业。", by=None)
    withdraw(withdrawn.appeal, "不用了", by=None)
    intake.merge(merged, make.file(merged.enterprise), by=None)
    assert figures() == EMPTY | {"received": (5, 5), "accepted": (1, 5)}


def test_closed_solved_and_satisfied_are_told_apart(lights):
    closed(lights)
    closed(lights, Satisfaction.NEUTRAL, solved=False)
    make.answered(lights)
    make.handling(lights)
    known = figures()
    assert known["received"] == (4, 4)
    assert known["accepted"] == (4, 4)
    assert known["closed"] == (2, 4)
    assert known["answered_solved"] == (2, 2)
    assert known["solved"] == (1, 2)
    assert known["satisfied"] == (2, 2)
    assert known["on_time"] == (3, 3)


def test_silence_is_neither_satisfied_nor_rated(lights):
    silent(lights)
    closed(lights)
    known = figures()
    assert known["closed"] == (2, 2)
    assert (known["rated"], known["silent"]) == ((1, 2), (1, 2))
    assert known["satisfied"] == known["solved"] == (1, 1)


def test_rated_and_silent_are_all_that_is_closed(lights):
    for make_one in (silent, closed, silent):
        make_one(lights)
    known = figures()
    assert known["rated"][0] + known["silent"][0] == known["closed"][0] == known["rated"][1]


def test_a_reopened_appeal_counts_once_by_its_last_handling(lights):
    other = DepartmentFactory()
    order = closed(lights)
    for _time in range(2):
        again = surveying.reopen(order.appeal, "灯又坏了", by=None)
        dispatch(again, Target(other), by=None)
        handling.accept(again, by=None)
        handling.answer(again, Outcome.EXPLAINED, "没办法", by=None)
        surveying.survey(again, Satisfaction.NEUTRAL, False, "", by=None)
    known = figures()
    assert known["received"] == known["closed"] == known["reopened"] == (1, 1)
    assert known["solved"] == (0, 1)
    assert known["answered_solved"] == (0, 1)
    lines, _total = counted(with_last(Appeal.objects.all()), DIMENSIONS["department"].group, timezone.now())
    assert [place for place, _shares in lines] == [other.pk]


def test_an_open_reopened_one_was_closed_but_is_not(lights):
    order = closed(lights)
    surveying.reopen(order.appeal, "灯又坏了", by=None)
    known = figures()
    assert known["closed"] == (0, 1)
    assert known["reopened"] == (1, 1)
    assert known["satisfied"] == (0, 0)


def test_one_late_round_makes_the_appeal_late_and_an_order_without_clock_is_not_judged(lights):
    make.OfficerFactory(department=lights, rank=Rank.HEAD)
    first = make.answered(lights)
    surveying.survey(first, Satisfaction.DISSATISFIED, False, "", by=None)
    second = make.lead(first.appeal)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.SOLVED, "修好了", by=None)
    without = make.answered(lights)
    without.clocks.all().delete()
    assert figures()["on_time"] == (1, 1)
    clock = first.clocks.get(target="single")
    first.clocks.filter(pk=clock.pk).update(due_at=clock.met_at, warn_at=clock.started_at)
    assert figures()["on_time"] == (0, 1)


def test_promises_are_kept_by_their_day_or_not(lights):
    today = timezone.localdate()
    kept, late, open_, overdue = (make.handling(lights) for _number in range(4))
    for order in (kept, late, open_, overdue):
        promise = ("换灯", today + dt.timedelta(days=3))
        handling.answer(order, Outcome.PROMISED, "会换", by=None, promise=promise)
    for order in (kept, late):
        handling.keep_promise(order.promises.get(), "换了", by=None)
    Promise.objects.filter(order=kept).update(due_on=today)
    Promise.objects.filter(order__in=[late, overdue]).update(due_on=today - dt.timedelta(days=1))
    assert figures()["promises"] == (1, 3)
    Promise.objects.filter(order=overdue).update(due_on=today)
    assert figures()["promises"] == (1, 2)


@pytest.mark.parametrize("key", list(DIMENSIONS))
def test_the_parts_of_every_dimension_add_up(client, centre, lights, key):
    category = make.CategoryFactory()
    closed(lights, category=category)
    silent(DepartmentFactory())
    make.file()
    finished(make.ProviderFactory())
    answer = client.get(reverse("desk_statistics", args=[centre.pk]), {"by": key})
    total = [(share.part, share.whole) for share in answer.context["total"]]
    lines = [[(share.part, share.whole) for share in shares] for _name, shares in answer.context["page"]]
    added = [(sum(each[0] for each in row), sum(each[1] for each in row)) for row in zip(*lines, strict=True)]
    assert added == total
    assert total[0] == (4, 4)
    assert all(name for name, _shares in answer.context["page"])


def test_names_of_lines(client, centre, lights):
    category = make.CategoryFactory(label="用电增容")
    order = make.handling(lights, category=category)
    provider = make.ProviderFactory(name="某某咨询公司")
    finished(provider)
    Appeal.objects.filter(pk=order.appeal_id).update(
        submitted_at=timezone.make_aware(
            dt.datetime.combine(timezone.localdate().replace(day=1), dt.time.min)
        )
    )
    month = f"{timezone.localdate():%Y-%m}"
    for key, expected in [
        ("department", {"县经信委", "机构承办或尚未派出"}),
        ("provider", {"某某咨询公司", "部门承办或尚未派出"}),
        ("team", {"纯市场化队伍", "部门承办或尚未派出"}),
        ("category", {"用电增容", "未分类"}),
        ("month", {month}),
        ("source", {"门户提交"}),
    ]:
        answer = client.get(reverse("desk_statistics", args=[centre.pk]), {"by": key})
        assert {name for name, _shares in answer.context["page"]} == expected


class TestWho:
    def test_a_leader_sees_what_the_department_has(self, lights):
        closed(lights)
        closed(DepartmentFactory())
        client = signed_in(make.official(Role.LEADER, lights))
        assert told(client, lights)["received"] == (1, 1)

    def test_a_complaint_is_not_counted_for_the_department_complained_of(self, client, centre, lights):
        make.dispatched(lights, about=centre)
        assert told(client, centre)["received"] == (0, 0)
        text = client.get(reverse("desk_statistics_export", args=[centre.pk, "csv"])).content.decode(
            "utf-8-sig"
        )
        assert "县经信委" not in text

    @pytest.mark.parametrize("role", [Role.HANDLER, Role.EDITOR])
    def test_others_have_none(self, role, centre):
        client = signed_in(make.official(role, centre))
        assert client.get(reverse("desk_statistics", args=[centre.pk])).status_code == 404
        assert client.get(reverse("desk_statistics_export", args=[centre.pk, "csv"])).status_code == 404

    def test_nobody_is_sent_to_sign_in(self, centre):
        assert "/accounts/login/" in Client().get(reverse("desk_statistics", args=[centre.pk])).url


def test_the_page_says_each_population_in_words(client, centre, lights):
    closed(lights)
    silent(lights)
    page = client.get(reverse("desk_statistics", args=[centre.pk])).content.decode()
    assert "已办结且已评价的 1 件中，满意或基本满意 1 件" in page
    assert "已办结的 2 件中，企业没有评价，不算满意也不算不满意 1 件" in page


def test_narrowed_by_category_and_period(client, centre, lights):
    category = make.CategoryFactory()
    closed(lights, category=category)
    closed(lights)
    assert told(client, centre, category=category.pk)["closed"] == (1, 1)
    assert told(client, centre, until="2001-01-01") == EMPTY
    assert told(client, centre, by="nonsense", page="x", since="x")["received"] == (2, 2)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "—"),
        (0, 3, "0%"),
        (3, 3, "100%"),
        (1, 3, "33.3%"),
        (1, 2, "50%"),
        (9999, 10000, "99.9%"),
        (1, 10000, "0.1%"),
    ],
)
def test_all_and_none_are_said_only_of_all_and_of_none(part, whole, words):
    assert Share(FIGURES[1], part, whole).words == words


class TestExport:
    def lines(self, client, centre, **query):
        answer = client.get(reverse("desk_statistics_export", args=[centre.pk, "csv"]), query)
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert "attachment" in answer["Content-Disposition"]
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    def test_csv_holds_the_table_its_sum_and_what_was_counted(self, client, centre, lights):
        closed(lights)
        head, line, total, *notes = self.lines(client, centre)
        assert head[:5] == ["部门", "收到（件）", "受理（件）", "其分母：收到的（件）", "受理占比"]
        assert line[:5] == ["县经信委", "1", "1", "1", "100%"]
        assert total[0] == "合计"
        assert line[1:] == total[1:]
        assert len(head) == len(line) == 2 + 3 * (len(FIGURES) - 1)
        assert line[-1] == "—"
        text = "".join(cell for row in notes for cell in row)
        assert "全县" in text
        assert "满意：已办结且已评价的诉求中，满意或基本满意的。" in text

    def test_xlsx_is_a_table_of_numbers(self, client, centre, lights):
        closed(lights)
        answer = client.get(reverse("desk_statistics_export", args=[centre.pk, "xlsx"]))
        book = load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == ["统计", "口径"]
        rows = list(book["统计"].iter_rows(values_only=True))
        assert rows[1][:5] == ("县经信委", 1, 1, 1, 1)
        assert rows[1][-1] == "—"
        assert book["统计"]["E2"].number_format == "0.0%"

    @pytest.mark.parametrize(
        "name", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", '=HYPERLINK("http://x")']
    )
    def test_a_name_is_never_a_formula(self, name):
        shares = [Share(figure, 0, 0) for figure in FIGURES]
        sheet = Sheet("部门", [(name, shares)], ["=1"])
        row = list(csv.reader(io.StringIO(as_csv(sheet.table).decode("utf-8-sig"))))[1]
        assert row[0] == "'" + name
        table = load_workbook(io.BytesIO(as_xlsx(sheet.table)))["统计"]
        assert (table["A2"].data_type, table["A2"].value) == ("s", name)

    def test_plain_names_stay_as_they_are(self):
        assert harmless("县经信委") == "县经信委"
        assert harmless("") == ""

    def test_signs_that_no_sheet_can_hold_are_left_out(self):
        shares = [Share(figure, 0, 0) for figure in FIGURES]
        table = load_workbook(io.BytesIO(as_xlsx(Sheet("部门", [("甲\x01乙", shares)], []).table)))["统计"]
        assert table["A2"].value == "甲乙"

    def test_another_kind_is_not_found(self, client, centre):
        assert client.get(reverse("desk_statistics_export", args=[centre.pk, "pdf"])).status_code == 404


def test_the_page_takes_few_queries_however_many_lines(client, centre, django_assert_max_num_queries):
    for _number in range(4):
        closed(DepartmentFactory())
    client.get(reverse("desk_statistics", args=[centre.pk]))
    with django_assert_max_num_queries(13):  # with the SET TRANSACTION of every page
        told(client, centre)
    assert WorkOrder.objects.count() == 4
