"""From running servers to a portal that can be opened: ``python -m portal.embedded.prepare``."""

import io
import os
from pathlib import Path

import django
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.embedded.servers import VAR

ACCOUNTS = VAR / "run" / "accounts.txt"


def compile_messages(locale: Path) -> None:
    """Compile translations that changed. In Python, because fresh machines lack ``msgfmt``."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po))


def main() -> None:
    """Compile messages, migrate, load the demo county, note the demo accounts for later."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    compile_messages(VAR.parent / "locale")
    django.setup()
    from django.core.management import call_command, get_commands

    call_command("migrate", interactive=False, verbosity=0)
    commands = get_commands()
    if "load_demo" in commands:
        call_command("load_demo")
    accounts = io.StringIO()
    if "demo_accounts" in commands:
        call_command("demo_accounts", stdout=accounts)
    ACCOUNTS.write_text(accounts.getvalue())


if __name__ == "__main__":
    main()
