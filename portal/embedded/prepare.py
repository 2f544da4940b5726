"""From running servers to a portal that can be opened: ``python -m portal.embedded.prepare``."""

import io
import os
import sys

import django

from portal.embedded.servers import VAR

ACCOUNTS = VAR / "run" / "accounts.txt"


def main() -> None:
    """Compile messages, migrate, load the demo county, note the demo accounts for later."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
    from django.core.management import call_command, get_commands
    from django.db import OperationalError

    commands = get_commands()
    accounts = io.StringIO()
    call_command("compilemessages")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:  # of a server that DATABASE_URL names: unreachable, or a wrong password
        sys.exit(f"The database server cannot be used: {str(error).strip()}")
    if "load_demo" in commands:
        call_command("load_demo")
    if "demo_accounts" in commands:
        call_command("demo_accounts", stdout=accounts)
    ACCOUNTS.write_text(accounts.getvalue())


if __name__ == "__main__":
    main()
