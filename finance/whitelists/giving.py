"""Lists as Excel: the department's whole one, and a bank's part in the columns in which it brings results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending.lists.columns import Column
from finance.models import EntryOutcome, Whitelist, WhitelistEntry, WhitelistResult
from portal.kernel.language import in_language_of_record
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import Cell, Table

if TYPE_CHECKING:
    from finance.acting import BankActor
    from finance.whitelists.evidence import Condition
    from finance.whitelists.sight import Sight
    from portal.accounts.models import User

CHUNK: Final = 1_000
"""Enterprises of a file that are read at once."""
USCC: Final = "uscc"
OUTCOME: Final = "outcome"
AMOUNT: Final = "amount"
NOTE: Final = "note"
NAME: Final = "name"
COLUMNS: Final = (
    Column(USCC, "统一社会信用代码", ("信用代码",)),
    Column(NAME, "企业", ("企业名称",), needed=False),
    Column(OUTCOME, "结果"),
    Column(AMOUNT, "授信金额（元）", ("金额（元）",)),
    Column(NOTE, "说明", ("备注",), needed=False),
)
"""Headings are the format's own, not the reader's language: a file means the same everywhere."""


def outcomes() -> dict[str, str]:
    """The words of outcomes in a file, by value; as headings they are the format's own."""
    with in_language_of_record():
        return {one.value: str(one.label) for one in EntryOutcome}


GIVEN: Final = "export"
"""Name of the event that is written when a list is taken away."""


def note_given(held: Whitelist, by: User, at: dt.datetime, words: str = "") -> None:
    """Write down who takes the list away."""
    held.events.create(actor=by, at=at, name=GIVEN, source=held.state, target=held.state, comment=words)


def whole_table(held: Whitelist, by: User, sight: Sight, now: dt.datetime) -> Table:
    """Every enterprise with its evidence as far as it may be seen, and a line for each bank's result.

    Who was taken off is among them.
    """
    head = (
        _("企业"),
        _("统一社会信用代码"),
        _("依据"),
        _("依据 SHA-256"),
        _("剔除原因"),
        _("剔除人"),
        _("银行"),
        _("结果"),
        _("授信金额（元）"),
        _("说明"),
        _("填报人"),
        _("填报时间"),
    )
    rows = held.entries.select_related("enterprise", "excluded_by").order_by("pk")
    given = Prefetch("results", WhitelistResult.objects.select_related("bank", "by").order_by("bank", "pk"))
    entries = rows.prefetch_related(given).iterator(CHUNK)
    lines = (line for entry in entries for line in _lines(entry, sight))
    return Table(_("白名单"), head, lines, _said(held, by, now))


def bank_table(held: Whitelist, by: BankActor, now: dt.datetime) -> Table:
    """The bank's part with its own results so far, to be filled in and brought back."""
    own = Prefetch("results", WhitelistResult.objects.filter(bank=by.bank), to_attr="own")
    rows = held.entries.filter(excluded="").defer("evidence").select_related("enterprise").order_by("pk")
    entries, words = rows.prefetch_related(own).iterator(CHUNK), outcomes()
    said = {"bank": by.bank.name, "who": by.user.name, "at": _minute(now)}
    notes = [
        held.title,
        _("结果填写：%(outcomes)s；已授信的须填授信金额，单位为元，其他结果不填。")
        % {"outcomes": "、".join(words.values())},
        _("结果、金额和说明都空着的行不读；同一份文件再次上传没有任何变化。"),
        _("%(bank)s · %(who)s · %(at)s 导出") % said,
    ]
    head = [column.heading for column in COLUMNS]
    return Table(_("白名单"), head, (_own(row, words) for row in entries), notes)


def evidence_text(conditions: Iterable[Condition]) -> str:
    """The conditions in one cell, each with its value, source and day, or how it came out."""
    came_out = {"true": _("符合"), "false": _("不符合"), "unknown": _("待补充")}
    return "；".join(
        f"{number}. {one['sentence']}（{one['detail'] or came_out[one['truth']]}）"
        for number, one in enumerate((one for one in conditions if not one["spare"]), 1)
    )


def _lines(entry: WhitelistEntry, sight: Sight) -> Iterator[list[Cell]]:
    """One for each result, one without where there is none."""
    firm: list[Cell] = [
        entry.enterprise.name,
        entry.enterprise.uscc,
        evidence_text(sight.conditions(entry)),
        entry.digest if sight.whole else None,
        entry.excluded or None,
        entry.excluded_by.name if entry.excluded_by else None,
    ]
    results = list(entry.results.all())
    for result in results:
        yield [
            *firm,
            result.bank.short,
            str(result.get_outcome_display()),
            yuan(result.amount_fen),
            result.note or None,
            result.by.name,
            result.at,
        ]
    if not results:
        yield [*firm, None, None, None, None, None, None]


def _own(entry: WhitelistEntry, words: Mapping[str, str]) -> list[Cell]:
    firm: list[Cell] = [entry.enterprise.uscc, entry.enterprise.name]
    own: list[WhitelistResult] = entry.own  # type: ignore[attr-defined]
    for result in own:
        given: Cell = "" if result.amount_fen is None else yuan(result.amount_fen)
        return [*firm, words[result.outcome], given, result.note]
    return [*firm, "", "", ""]


def _said(held: Whitelist, by: User, now: dt.datetime) -> list[str]:
    """What list it is, by what it was judged, and who put their name to it."""
    notes = [
        _("%(title)s，状态：%(state)s") % {"title": held.title, "state": held.get_state_display()},
        _("规则：%(rule)s；按 %(day)s 部门核实的数据判断，数据截至 %(known)s；筛选 %(all)d 家")
        % {
            "rule": held.rule_version,
            "day": held.as_of,
            "known": _minute(held.known_at),
            "all": held.population,
        },
        _("提出：%(who)s") % {"who": held.drafted_by.name},
    ]
    if held.confirmed_by and held.confirmed_at:
        notes.append(
            _("确认：%(who)s，%(at)s") % {"who": held.confirmed_by.name, "at": _minute(held.confirmed_at)}
        )
    return [*notes, _("导出：%(who)s，%(at)s") % {"who": by.name, "at": _minute(now)}]


def _minute(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
