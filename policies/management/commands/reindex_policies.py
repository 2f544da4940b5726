"""Write the search index anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from policies.models import ItemVersion, SearchWord
from policies.search.index import index_many


class Command(BaseCommand):
    """`manage.py reindex_policies`."""

    help = "Index every published version for search; words that no version has any more are forgotten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="say nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        SearchWord.objects.all().delete()
        count = index_many(ItemVersion.objects.all())
        if not options["quiet"]:
            self.stdout.write(_("已索引 %(count)d 个事项版本。") % {"count": count})
