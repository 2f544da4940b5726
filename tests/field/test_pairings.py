"""Pairings: who has which enterprise, changes that keep history, and files taken in whole or not at all."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from appeals.models import Pairing
from appeals.pairings import end, pair
from appeals.pairings.importing import COLUMNS, take_in
from portal.accounts.models import Officer, User
from portal.kernel.errors import DomainError, ImportRefused
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import OfficerFactory
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import as_csv
from tests.field.factories import PairingFactory, VisitFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 2)
HEADER = ["统一社会信用代码", "结对干部", "部门", "联系电话", "新增干部", "结对日期"]


@pytest.fixture
def economy():
    return DepartmentFactory(name="县经信委（测试）", short_name="经信委", code="ec")


@pytest.fixture
def firms():
    return [EnterpriseFactory(uscc=uscc_of(number), name=f"第{number}家") for number in (1, 2, 3)]


def row(number, name, phone="", new="", since="", department="经信委"):
    return [uscc_of(number), name, department, phone, new, since]


def taken(*rows, encoding="utf-8-sig"):
    return take_in(as_csv([HEADER, *rows], encoding))


def refused(*rows):
    before = list(Pairing.objects.order_by("pk").values_list("pk", "until")), Officer.objects.count()
    with pytest.raises(ImportRefused) as refusal:
        taken(*rows)
    after = list(Pairing.objects.order_by("pk").values_list("pk", "until")), Officer.objects.count()
    assert before == after
    return [(error.row, error.column, error.message) for error in refusal.value.errors]


class TestChanging:
    def test_an_enterprise_changes_hands_and_history_stays(self, firms):
        first, second = OfficerFactory(), OfficerFactory()
        old = pair(firms[0], first, since=DAY)
        new = pair(firms[0], second, since=DAY + dt.timedelta(days=30))
        old.refresh_from_db()
        assert (old.officer, old.until, new.until) == (first, DAY + dt.timedelta(days=30), None)
        assert [entry.until for entry in old.events.order_by("pgh_id")] == [None, old.until]

    def test_the_same_pair_again_is_the_same_row(self, firms):
        officer = OfficerFactory()
        assert pair(firms[0], officer, since=DAY) == pair(firms[0], officer, since=DAY)

    def test_planned_visits_pass_on_and_made_ones_stay(self, firms):
        old = pair(firms[0], OfficerFactory(), since=DAY)
        before = VisitFactory(pairing=old, planned_on=dt.date(2026, 4, 1))
        after = VisitFactory(pairing=old, planned_on=dt.date(2026, 6, 1))
        new = pair(firms[0], OfficerFactory(), since=dt.date(2026, 5, 1))
        before.refresh_from_db()
        after.refresh_from_db()
        assert (before.pairing, after.pairing) == (old, new)

    def test_one_official_has_one_enterprise(self, firms):
        officer = OfficerFactory()
        pair(firms[0], officer, since=DAY)
        with pytest.raises(DomainError, match="第1家结对"):
            pair(firms[1], officer, since=DAY)

    @pytest.mark.parametrize(
        ("day", "words"), [(dt.date(2026, 3, 1), "不能早于"), (dt.date(2999, 1, 1), "不能晚于今天")]
    )
    def test_days_that_do_not_fit(self, firms, day, words):
        pair(firms[0], OfficerFactory(), since=DAY)
        with pytest.raises(DomainError, match=words):
            pair(firms[0], OfficerFactory(), since=day)

    def test_nobody_who_left_and_no_firm_that_is_gone(self, firms):
        with pytest.raises(DomainError, match="离任"):
            pair(firms[0], OfficerFactory(left_on=dt.date(2026, 1, 1)), since=DAY)
        firms[1].status = "cancelled"
        with pytest.raises(DomainError, match="注销"):
            pair(firms[1], OfficerFactory(), since=DAY)

    def test_an_end_calls_planned_visits_off(self):
        visit = VisitFactory()
        end(visit.pairing, on=timezone.localdate(), by=None)
        visit.refresh_from_db()
        assert (visit.state, visit.pairing.until) == ("cancelled", timezone.localdate())
        with pytest.raises(DomainError, match="已经结束"):
            end(visit.pairing, on=timezone.localdate(), by=None)

    def test_the_database_lets_none_overlap_and_a_day_follow_on(self):
        old = PairingFactory(until=DAY)
        PairingFactory(enterprise=old.enterprise, since=DAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            PairingFactory(enterprise=old.enterprise, since=dt.date(2026, 2, 1), until=dt.date(2026, 2, 2))
        with pytest.raises(IntegrityError), transaction.atomic():
            PairingFactory(officer=old.officer, since=DAY - dt.timedelta(days=1))


class TestImport:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
    def test_a_file_is_taken_in_and_twice_is_once(self, economy, firms, encoding):
        officer = OfficerFactory(name="刘建国", department=economy)
        rows = [row(1, "刘建国", since="2026-01-04"), row(2, "陈丽", "023-1", "是")]
        assert taken(*rows, encoding=encoding) == taken_of(2, 0, 0, 1)
        assert taken(*rows, encoding=encoding) == taken_of(0, 0, 2, 0)
        assert Pairing.objects.get(enterprise=firms[0]).since == dt.date(2026, 1, 4)
        assert Pairing.objects.get(officer=officer).enterprise == firms[0]
        added = Officer.objects.get(name="陈丽")
        assert (added.department, added.user, added.phone) == (economy, None, "023-1")
        assert not User.objects.exists()

    def test_officials_change_and_may_swap(self, economy, firms):
        one, two = (OfficerFactory(name=name, department=economy) for name in ("甲一", "乙二"))
        pair(firms[0], one, since=DAY)
        pair(firms[1], two, since=DAY)
        done = taken(row(1, "乙二", since="2026-04-01"), row(2, "甲一", since="2026/4/1"))
        assert done == taken_of(0, 2, 0, 0)
        live = dict(Pairing.objects.live().values_list("enterprise__name", "officer__name"))
        assert live == {"第1家": "乙二", "第2家": "甲一"}
        assert Pairing.objects.filter(until=dt.date(2026, 4, 1)).count() == 2

    def test_errors_come_all_at_once_by_row_and_column(self, economy, firms):
        OfficerFactory(name="甲一", department=economy)
        OfficerFactory(name="甲一", department=economy)
        errors = refused(
            row(1, "甲一"),
            row(2, "没有"),
            row(9, "新人", new="是"),
            row(3, "新人二", new="是", department="税务局"),
            row(3, "新人三", new="也许"),
            ["123", "=cmd()", "经信委", "", "", "2999-01-01"],
        )
        assert sorted((line, column) for line, column, _message in errors) == [
            (2, "结对干部"),
            (3, "结对干部"),
            (4, "统一社会信用代码"),
            (5, "部门"),
            (6, "新增干部"),
            (6, "结对干部"),
            (6, "统一社会信用代码"),
            (7, "结对干部"),
            (7, "结对日期"),
            (7, "统一社会信用代码"),
        ]
        words = {(line, column): message for line, column, message in errors}
        assert "2 位甲一" in words[2, "结对干部"]
        assert "新增干部" in words[3, "结对干部"]
        assert "名册中没有" in words[4, "统一社会信用代码"]
        assert "税务局" in words[5, "部门"]
        assert "第 5 行重复" in words[6, "统一社会信用代码"]
        assert "公式" in words[7, "结对干部"]

    def test_an_official_in_two_rows_is_refused(self, economy, firms):
        OfficerFactory(name="甲一", department=economy)
        errors = refused(row(1, "甲一"), row(2, "甲一"), row(3, "新", new="是"))
        assert [(line, column) for line, column, _message in errors] == [(3, "结对干部")]
        assert "第 2 行" in errors[0][2]

    def test_a_telephone_number_tells_officials_apart(self, economy, firms):
        OfficerFactory(name="甲一", department=economy, phone="1")
        second = OfficerFactory(name="甲一", department=economy, phone="2")
        taken(row(1, "甲一", "2"))
        assert Pairing.objects.get().officer == second

    def test_no_enterprise_loses_its_official_unseen(self, economy, firms):
        officer = OfficerFactory(name="甲一", department=economy)
        pair(firms[0], officer, since=DAY)
        [(line, column, message)] = refused(row(2, "甲一"))
        assert (line, column) == (2, "结对干部")
        assert "第1家" in message

    def test_a_day_before_the_pairing_there_is(self, economy, firms):
        pair(firms[0], OfficerFactory(), since=DAY)
        OfficerFactory(name="甲一", department=economy)
        assert [error[:2] for error in refused(row(1, "甲一", since="2026-03-01"))] == [(2, "结对日期")]

    def test_headings(self, economy):
        with pytest.raises(ImportRefused, match="不认识这一列"):
            take_in(as_csv([[*HEADER, "备注"], []]))
        with pytest.raises(ImportRefused, match="缺少这一列"):
            take_in(as_csv([HEADER[:2], []]))

    def test_the_command(self, economy, firms, tmp_path, capsys):
        path = tmp_path / "结对.csv"
        path.write_bytes(as_csv([HEADER, row(1, "陈丽", new="是")], "gbk").getvalue())
        call_command("import_pairings", str(path), as_of=DAY)
        assert "新增 1，换人 0，无变化 0，新增干部 1" in capsys.readouterr().out
        assert Pairing.objects.get().since == DAY
        with pytest.raises(CommandError, match="找不到文件"):
            call_command("import_pairings", str(tmp_path / "no.csv"))
        path.write_bytes(as_csv([HEADER, row(2, "没有")]).getvalue())
        with pytest.raises(CommandError, match="第 2 行“结对干部”列"):
            call_command("import_pairings", str(path))

    def test_the_documentation_names_every_column(self, settings):
        text = (settings.BASE_DIR / "docs" / "pairings.md").read_text(encoding="utf-8")
        for column in COLUMNS:
            assert f"| `{column.key}` | {column.label}" in text


def taken_of(*counts):
    from appeals.pairings.importing import Taken

    return Taken(*counts)
