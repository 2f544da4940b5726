"""`manage.py totp_code USERNAME`: the six digits that a demo account's authenticator would show."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import User
from portal.accounts.second_factor import current_totp_code


class Command(BaseCommand):
    help = "Print the current second-factor code of a demo account. Refuses outside DEBUG."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="username, mobile or e-mail")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Codes are printed for the demo only (DEBUG).")
        try:
            user = User.objects.get_by_natural_key(options["username"])
            self.stdout.write(current_totp_code(user))
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user {options['username']}.") from error
        except Authenticator.DoesNotExist as error:
            raise CommandError(f"{options['username']} has no authenticator.") from error
