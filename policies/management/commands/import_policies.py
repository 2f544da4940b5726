"""Read policies files (see docs/policy-format.md): all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from policies.exchange.importing import Outcome, import_files
from portal.accounts.models import User
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    """`manage.py import_policies FILE… [--publish --editor U --publisher U]`."""

    help = "Import policy documents and items (YAML or JSON). What changed becomes a draft version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--editor", help="username of who counts as the editor (default: the import itself)"
        )
        parser.add_argument("--publish", action="store_true", help="submit and publish the imported drafts")
        parser.add_argument("--publisher", help="username of who publishes; not the editor")

    def handle(self, *args: Any, **options: Any) -> None:
        publisher = None
        if options["publish"]:
            if not options["editor"] or not options["publisher"]:
                raise CommandError(_("发布须写明 --editor 和 --publisher，且不是同一人。"))
            publisher = _user(options["publisher"])
        editor = _user(options["editor"]) if options["editor"] else _import_account()
        try:
            outcome = import_files(options["files"], editor=editor, publisher=publisher)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(_told(outcome))


def _told(outcome: Outcome) -> str:
    lines = [
        _(
            "政策文件 %(documents)d 份有变化；事项新增 %(created)d、变更 %(changed)d、"
            "不变 %(unchanged)d、发布 %(published)d。"
        )
        % {
            "documents": outcome.documents,
            "created": len(outcome.created),
            "changed": len(outcome.changed),
            "unchanged": len(outcome.unchanged),
            "published": len(outcome.published),
        }
    ]
    if (outcome.created or outcome.changed) and not outcome.published:
        lines.append(_("新增和变更的均为草稿，尚未发布：请在后台提交，由另一位同事发布。"))
    for code, verdicts in outcome.lacking.items():
        lines.append(
            _("%(code)s：还没有“%(verdicts)s”的样例，发布前须补上。")
            % {"code": code, "verdicts": "、".join(verdicts)}
        )
    return "\n".join(lines)


def _user(username: str) -> User:
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as error:
        raise CommandError(_("没有用户 %(username)s。") % {"username": username}) from error


def _import_account() -> User:
    """Who stands as the editor of files that nobody in particular imports: nobody can sign in as it."""
    account, created = User.objects.get_or_create(
        username="policy-import", defaults={"name": "文件导入", "is_active": False}
    )
    if created:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    return account
