"""Show what rules may name: facts, credentials, lists, figures, departments."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from enterprises.catalogue_page import OPENING, markdown, sections
from enterprises.services import load_catalogue


class Command(BaseCommand):
    """`manage.py catalogue [WORD] [--output FILE]`."""

    help = "Every name that rules and examples may use, as Markdown; with a word only what holds it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("word", nargs="?", default="", metavar="WORD", help="part of a key or a name")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write the whole page there")

    def handle(self, *args: Any, **options: Any) -> None:
        found = sections(load_catalogue())
        if options["output"]:
            options["output"].write_text(f"{OPENING}\n{markdown(found)}", encoding="utf-8")
            return
        page = markdown(section.holding(options["word"]) for section in found)
        if not page:
            raise CommandError(_("目录里没有含“%(word)s”的名称。") % {"word": options["word"]})
        self.stdout.write(page)
