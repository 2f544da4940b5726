"""Write policies as an exchange file (see docs/policy-format.md)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.exchange.exporting import export_file, to_yaml
from policies.models import ItemVersion


class Command(BaseCommand):
    """`manage.py export_policies [CODE…] [--output FILE] [--latest]`."""

    help = "Export the versions in force (or the named items' latest) as YAML, or JSON by the file's ending."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "codes", nargs="*", metavar="CODE", help="items; without any: all that are in force"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output, as YAML")
        parser.add_argument("--latest", action="store_true", help="the latest version, drafts included")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = ItemVersion.objects.select_related("item__department", "rule_version")
        versions = versions.prefetch_related("item__co_departments", "sources__document")
        if options["latest"]:
            versions = versions.order_by("item_id", "-number").distinct("item_id")
        else:
            versions = versions.in_force(timezone.localdate())
        if options["codes"]:
            versions = versions.filter(item__code__in=options["codes"])
            missing = set(options["codes"]) - {version.item.code for version in versions}
            if missing:
                codes = "、".join(sorted(missing))
                raise CommandError(
                    _("没有可导出的事项：%(codes)s。只有草稿的请加 --latest。") % {"codes": codes}
                )
        data = export_file(versions)
        if not data["items"]:
            self.stderr.write(_("没有生效的事项；要导出草稿请加 --latest。"))
        path: Path | None = options["output"]
        is_json = path is not None and path.suffix.lower() == ".json"
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n" if is_json else to_yaml(data)
        if path is None:
            self.stdout.write(text, ending="")
        else:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(_("已导出 %(count)d 个事项。") % {"count": len(data["items"])})
