"""``manage.py match``: verdicts and amounts of rules over all enterprises, as a CSV file."""

from __future__ import annotations

import csv
import datetime as dt
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from enterprises.models import Enterprise
from matching.models import RuleVersion
from matching.services import match_versions, versions_in_force
from portal.kernel.errors import DomainError

HEADINGS = ("uscc", "rule", "verdict", "amount_low", "amount_high", "title", "version", "as_of")


class Command(BaseCommand):
    """Enterprises in business × rules in force. Those a rule does not fit are written as ``ineligible``."""

    help = "Match rules against every enterprise; amounts in yuan, empty where there is none or no bound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", required=True, help="the day judged, 2026-01-31")
        parser.add_argument("--known-at", help="what was recorded by this time, 2026-01-31T08:00+08:00")
        parser.add_argument(
            "--rule",
            action="append",
            metavar="KEY",
            help="a rule's key (the item's code), title or id; may repeat",
        )
        parser.add_argument("--paying", action="store_true", help="official and fresh values only")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of, known_at = _day(options["as_of"]), _time(options["known_at"])
        try:
            versions = chosen(as_of, options["rule"])
            purpose = Purpose.PAY if options["paying"] else Purpose.SHOW
            lines = self._lines(versions, as_of=as_of, known_at=known_at, purpose=purpose)
            count = write_whole(options["output"], lines)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                _("无法写入 %(path)s：%(why)s。") % {"path": options["output"], "why": error.strerror}
            ) from error
        self.stdout.write(_("已写入 %(count)d 行：%(path)s") % {"count": count, "path": options["output"]})

    def _lines(self, versions: list[RuleVersion], **when: Any) -> Iterator[tuple[str, ...]]:
        codes = dict(Enterprise.objects.in_business().order_by("pk").values_list("pk", "uscc"))
        for done, (version, matches) in enumerate(match_versions(versions, **when), 1):
            found = {match.enterprise_id: match for match in matches}
            rule = version.rule
            named = (rule.label, str(version.number), str(when["as_of"]))
            for pk, uscc in codes.items():
                match = found.get(pk)
                if match is None:
                    yield uscc, rule.key, "ineligible", "", "", *named
                else:
                    verdict = "eligible" if match.eligible else "needs_info"
                    yield uscc, rule.key, verdict, yuan(match.low), yuan(match.high), *named
            self.stderr.write(f"{done}/{len(versions)} {rule.key} {rule.label}")


def chosen(as_of: dt.date, rules: list[str] | None) -> list[RuleVersion]:
    """The versions in force on a day, of the rules named by key, title or id (None: of all)."""
    versions = list(versions_in_force(as_of).select_related("rule"))
    if rules is None:
        return versions
    named = {key: [v for v in versions if key in (v.rule.key, v.rule.label, str(v.rule_id))] for key in rules}
    missing = [key for key, found in named.items() if not found]
    if missing:
        raise DomainError(
            _("没有在 %(day)s 有效的规则：%(keys)s。请核对编码、名称或编号。")
            % {"day": as_of, "keys": "、".join(missing)},
            code="rule_unknown",
        )
    wanted = {version.pk for found in named.values() for version in found}
    return [version for version in versions if version.pk in wanted]


def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals; empty for none."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def write_whole(path: Path, lines: Iterator[tuple[str, ...]]) -> int:
    """Write the file beside its place and move it there when it is whole; returns the lines."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            count = _write(file, lines)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _write(file: TextIO, lines: Iterator[tuple[str, ...]]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADINGS)
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007 - the last number is the answer
        writer.writerow(line)
    return count


def _day(text: str) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(_("“%(text)s”不是日期，请写成 2026-01-31。") % {"text": text})
    return day


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(_("“%(text)s”不是时间，请写成 2026-01-31T08:00+08:00。") % {"text": text})
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
