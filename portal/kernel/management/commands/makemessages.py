"""Collect what is to be translated, in Python: Django's own command needs GNU gettext.

Words are Chinese where they stand in code and templates; each other language has one catalogue in `locale`.
"""

import ast
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation.template import templatize

Words = str | tuple[str, ...]
Found = tuple[str, str | None, Words]
"""Where (a path from the project's root), in which context, what: one text, or singular and plural."""
TOPS: Final = ("portal", "enterprises", "matching", "policies", "finance", "appeals", "templates")
MARKS: Final = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
MARKS_ELSEWHERE: Final = {"lazy": 1, "_now": 1, "l": 1, "_l": 1}
"""What `gettext` and `gettext_lazy` are called where ``_`` is the other of the two."""
MARKS_WITH_CONTEXT: Final = {"pgettext": 1, "pgettext_lazy": 1}
IN_TEMPLATES: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def collected(locale: str) -> Catalog:
    """A catalogue without translations of all that is marked in the project's code and templates."""
    nobody = {"last_translator": "", "language_team": "", "msgid_bugs_address": ""}
    catalog = Catalog(locale, header_comment="#", project="portal", version="", fuzzy=False, **nobody)
    for place, context, words in found():
        catalog.add(words, context=context, locations=[(place, 1)], flags=_flags(words))
    return catalog


def found() -> Iterator[Found]:
    """Each text where it stands."""
    for top in TOPS:
        for path in sorted((settings.BASE_DIR / top).rglob("*")):
            place = str(path.relative_to(settings.BASE_DIR))
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield from ((place, *each) for each in _in_code(path.read_text(encoding="utf-8")))
            elif path.suffix in (".html", ".txt"):
                yield from ((place, *each) for each in _in_template(path.read_text(encoding="utf-8")))


def read(locale: str) -> Catalog:
    """The catalogue as it is kept; an empty one for a new language."""
    path = path_of(locale)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=locale)


def path_of(locale: str) -> Path:
    """Where the catalogue of a language is kept."""
    return Path(settings.LOCALE_PATHS[0]) / locale / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    """``manage.py makemessages en``: what has no translation yet is left empty, what is gone goes."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("locale")

    def handle(self, *args: Any, **options: Any) -> None:
        known, catalog = read(options["locale"]), collected(options["locale"])
        for message in catalog:
            old = known.get(message.id, context=message.context) if message.id else None
            if old is not None and not old.fuzzy:
                message.string = old.string
        catalog.creation_date, catalog.revision_date = known.creation_date, known.creation_date
        path = path_of(options["locale"])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=0, include_lineno=False, sort_by_file=True)
        empty = [message for message in catalog if message.id and not is_whole(message)]
        self.stdout.write(f"{len(catalog)} texts, {len(empty)} without a translation")


def is_whole(message: Message) -> bool:
    """Whether it is translated, in each form that it has."""
    string = message.string
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def _in_code(source: str) -> Iterator[tuple[str | None, Words]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if name in MARKS_WITH_CONTEXT and len(texts) == 2:
            yield texts[0], texts[1]
        elif (count := (MARKS | MARKS_ELSEWHERE).get(name)) and len(texts) >= count:
            yield None, texts[0] if count == 1 else tuple(texts[:2])


def _in_template(source: str) -> Iterator[tuple[str | None, Words]]:
    # within brackets no indentation counts, and all that is no text is blanked out
    code = f"(\n{templatize(source)}\n)"
    for _line, words, _comments, context in extract("python", BytesIO(code.encode()), IN_TEMPLATES):
        yield context, words


def _flags(words: Words) -> Iterable[str]:
    return ("python-format",) if "%(" in str(words) else ()
