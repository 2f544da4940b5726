"""Collect what is to be translated, also what modules mark under another name than ``_``."""

from django.core.management.commands import makemessages

MARKS = ("lazy", "_now", "l", "_l")
"""What `gettext` and `gettext_lazy` are called where ``_`` is the other of the two."""


class Command(makemessages.Command):
    """``manage.py makemessages -l en``; needs GNU gettext, which only those who write words must have."""

    xgettext_options = [  # noqa: RUF012 - as the base declares it
        *makemessages.Command.xgettext_options,
        *(f"--keyword={mark}" for mark in MARKS),
    ]
