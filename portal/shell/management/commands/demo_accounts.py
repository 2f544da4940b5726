"""`manage.py demo_accounts`: who can sign in to the demo, and what to look at."""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.shell.demo.people import ACCOUNTS, PASSWORD, Account, totp_secret

ENTERPRISE_ROLES = {"legal_representative": "企业法定代表人", "agent": "企业经办人"}


class Command(BaseCommand):
    help = "Print the demo's accounts. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("There are no demo accounts in production.")
        rows = [("username", "姓名", "身份", "看什么", "动态口令密钥")]
        rows += [_row(account) for account in ACCOUNTS]
        widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
        self.stdout.write(f"  Password of every account: {PASSWORD}")
        self.stdout.write(
            "  Staff sign in with a second factor as well: manage.py totp_code USERNAME prints it.\n"
        )
        for row in rows:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(("  " + "  ".join(cells)).rstrip())


def _row(account: Account) -> tuple[str, str, str, str, str]:
    role = account.role.label if account.role else ENTERPRISE_ROLES.get(account.member, "访客")
    secret = totp_secret(account.username) if account.staff or account.banker else ""
    return account.username, account.name, str(role), account.look, secret


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
