"""`manage.py load_demo`: the demo county, its people and its policies."""

import datetime as dt
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from appeals.models import Appeal
from enterprises.models import Enterprise
from finance.models import LoanApplication
from finance.seeding import seed_products
from policies.models import Application, BudgetLine, EnjoyRun
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.shell.demo import DEMO_SEED, DEMO_SIZE, DEMO_TODAY
from portal.shell.demo.appeals.history import live_a_year
from portal.shell.demo.applications.history import tell_applications
from portal.shell.demo.enjoying import enjoy
from portal.shell.demo.finance.history import tell_loans
from portal.shell.demo.finance.pools import OPENED
from portal.shell.demo.finance.ranking import rank_months
from portal.shell.demo.finance.stories import FIRMS
from portal.shell.demo.loading import analyze, write
from portal.shell.demo.modern import certify_modern
from portal.shell.demo.money import pay
from portal.shell.demo.officials import appoint_officials
from portal.shell.demo.pairings import pair_officials
from portal.shell.demo.population import draw
from portal.shell.demo.providers import enrol_providers
from portal.shell.demo.publication import publish_policies
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.scores import score_months
from portal.shell.demo.showcase import HUBS, online_lessons, wheel_hubs
from portal.shell.demo.visits import hold_talks, visit_enterprises


class Command(BaseCommand):
    help = "Load the demo county: enterprises, accounts, policies. What is there already stays. Demo only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", type=dt.date.fromisoformat, help="day of the demo, e.g. 2026-11-22")
        parser.add_argument("--size", type=int, default=DEMO_SIZE, help="enterprises to draw")
        parser.add_argument("--seed", type=int, default=DEMO_SEED)
        parser.add_argument(
            "--appeals", type=int, help="appeals of a year; a fifth of the size when not given"
        )
        parser.add_argument("--applications", type=int, default=500, help="applications for the policies")
        parser.add_argument("--no-policies", action="store_true", help="leave the policies out")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("The demo's accounts have a known password: they are refused in production.")
        begun = time.monotonic()
        today = options["today"] or day_of_demo(timezone.localdate())
        self._enterprises(today, options["size"], options["seed"])
        people = register_accounts()
        providers, services = enrol_providers(people)
        self.stdout.write(f"  {providers} service providers, {services} services")
        self.stdout.write(f"  {appoint_officials(people, today, options['seed'])} officials at their desks")
        self.stdout.write(f"  {score_months(today)} times all enterprises scored")
        self._appeals(people, options)
        self.stdout.write(f"  {pair_officials(people, today)} officials paired with enterprises")
        self.stdout.write(f"  {visit_enterprises(people, today)} visits, {hold_talks(people, today)} talks")
        if not options["no_policies"]:
            try:
                outcome = publish_policies(
                    editor=people["editor"], publisher=people["publisher"], today=today
                )
            except DomainError as error:
                raise CommandError(error.message) from error
            self.stdout.write(f"  {len(outcome.published)} policy items published")
            products = seed_products(
                editor=people["editor"], publisher=people["publisher"], at=timezone.now() - OPENED
            )
            self.stdout.write(f"  {products} credit products published")
        self.stdout.write(f"  demo county ready in {time.monotonic() - begun:.0f} s")
        if not options["no_policies"]:
            self._applications(people, options)
            self._lists(people)
            self._money(people)
            self._loans(people, options)
            self.stdout.write(f"  {rank_months(timezone.now())} months of banks ranked")

    def _enterprises(self, today: dt.date, size: int, seed: int) -> None:
        if Enterprise.objects.filter(uscc=HUBS).exists():
            self.stdout.write("  the enterprises are there already")
            return
        firms = [wheel_hubs(today), online_lessons(today), *draw(size, seed, today)]
        certify_modern(firms, today)
        with transaction.atomic():
            write(firms, timezone.now())
        analyze()
        values = sum(len(firm.values) for firm in firms)
        self.stdout.write(f"  {len(firms)} enterprises, {values} values")

    def _appeals(self, people: dict[str, User], options: dict[str, Any]) -> None:
        """Up to this very minute: what is due today must be due on the day the demo is looked at."""
        if Appeal.objects.exists():
            self.stdout.write("  the appeals are there already")
            return
        count = options["size"] // 5 if options["appeals"] is None else options["appeals"]
        written = live_a_year(people, timezone.now(), seed=options["seed"], count=count)
        self.stdout.write(f"  {written} appeals")

    def _applications(self, people: dict[str, User], options: dict[str, Any]) -> None:
        """Up to this very minute, as the appeals."""
        if Application.objects.exists():
            self.stdout.write("  the applications are there already")
            return
        begun = time.monotonic()
        count = min(options["applications"], options["size"] // 5)
        told = tell_applications(people, timezone.now(), seed=options["seed"], count=count)
        seconds = time.monotonic() - begun
        self.stdout.write(f"  {told} applications, each led along its way, in {seconds:.0f} s")

    def _lists(self, people: dict[str, User]) -> None:
        """Enterprises that need not apply; after the applications, which count as claims."""
        if EnjoyRun.objects.exists():
            self.stdout.write("  the lists of 免申即享 are there already")
            return
        self.stdout.write(f"  {enjoy(people, timezone.now())} enterprises on lists of 免申即享")

    def _money(self, people: dict[str, User]) -> None:
        """What is owed is paid, or on its way; after everything that anybody is owed for."""
        if BudgetLine.objects.exists():
            self.stdout.write("  the money is there already")
            return
        begun = time.monotonic()
        count = pay(people, timezone.now())
        self.stdout.write(f"  {count} batches of payments in {time.monotonic() - begun:.0f} s")

    def _loans(self, people: dict[str, User], options: dict[str, Any]) -> None:
        """Half a year of loans, up to this very minute; of a small county a part of it."""
        if LoanApplication.objects.exists():
            self.stdout.write("  the loans are there already")
            return
        begun = time.monotonic()
        lent = min(FIRMS, options["size"] // 25)
        told = tell_loans(people, timezone.now(), seed=options["seed"], lent=lent)
        self.stdout.write(f"  {told} loan applications in {time.monotonic() - begun:.0f} s")


def day_of_demo(clock: dt.date) -> dt.date:
    """The demo's own day while the clock is in the weeks after it, else the clock's: no value of tomorrow."""
    same_season = DEMO_TODAY <= clock <= DEMO_TODAY.replace(month=12, day=31)
    return DEMO_TODAY if same_season else clock
