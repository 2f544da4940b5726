"""`manage.py seed_products EDITOR PUBLISHER`: the example banks and products, for a demo or a trial."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.seeding import seed_products
from portal.accounts.models import User
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Publish the example products of finance/reference, marked as examples. What is there stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("editor", help="username of who writes them")
        parser.add_argument("publisher", help="username of who publishes them: another person")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            people = {key: User.objects.get_by_natural_key(options[key]) for key in ("editor", "publisher")}
            count = seed_products(editor=people["editor"], publisher=people["publisher"])
        except (DomainError, User.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"  {count} products published")
