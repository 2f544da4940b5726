"""`manage.py totp_code USERNAME`: the six digits that a demo account's authenticator would show."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import User
from portal.accounts.second_factor import current_totp_code, totp_secret_of
from portal.shell.demo.people import ACCOUNTS, totp_secret

STAFF = [account.username for account in ACCOUNTS if account.staff or account.banker]


class Command(BaseCommand):
    help = "Print the current second-factor code of a demo account, of nobody else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help=", ".join(STAFF))

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        if not settings.DEMO_ALLOWED:
            raise CommandError("There are no demo accounts in production.")
        if username not in STAFF:
            raise CommandError(f"Codes are for the demo's staff only ({', '.join(STAFF)}), not {username}.")
        try:
            user = User.objects.get(username=username)
            own = totp_secret_of(user) != totp_secret(username)
        except User.DoesNotExist as error:
            raise CommandError("The demo is not loaded: run 'make demo' first.") from error
        except Authenticator.DoesNotExist as error:
            raise CommandError(f"{username} has no authenticator.") from error
        if own:  # somebody's real account that has the name, or a demo account that was set up anew
            raise CommandError(f"{username} has an authenticator of their own: only it shows the code.")
        self.stdout.write(current_totp_code(user))
