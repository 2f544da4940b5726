"""``manage.py match_summary``: how many enterprises each rule fits, is open to, and waits for."""

from __future__ import annotations

import unicodedata
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from matching.services import match_versions, versions_in_force

_WIDTH = 44


class Command(BaseCommand):
    """One line a rule in force."""

    help = "Print the verdict counts of every rule in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", help="the day judged, 2026-01-31 (today)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = parse_date(options["as_of"]) if options["as_of"] else timezone.localdate()
        except ValueError:
            as_of = None
        if as_of is None:
            raise CommandError(_("“%(text)s”不是日期，请写成 2026-01-31。") % {"text": options["as_of"]})
        versions = list(versions_in_force(as_of).select_related("rule"))
        self.stdout.write(line(_("规则"), _("符合"), _("开放"), _("待补充"), _("不符合")))
        welcome = 0
        for version, matches in match_versions(versions, as_of=as_of):
            eligible, opened = len(matches.eligible), len(matches.opened)
            waiting = len(matches) - eligible
            refused = matches.population - len(matches)
            welcome += bool(eligible or opened)
            self.stdout.write(
                line(f"{version.rule.key} {version.rule.label}", eligible, opened, waiting, refused)
            )
        self.stdout.write(
            _("%(all)d 条规则，其中 %(some)d 条至少适合一家企业或对其开放。")
            % {"all": len(versions), "some": welcome}
        )


def line(label: str, *counts: object) -> str:
    """A label cut and padded to its place on the screen (Chinese takes two columns), then figures."""
    kept, width = "", 0
    for character in label:
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width > _WIDTH:
            width -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
            break
        kept += character
    return kept + " " * (_WIDTH - width) + "".join(f"{count!s:>8}" for count in counts)
