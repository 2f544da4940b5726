"""The English catalogue says all that the portal says, and nothing that it has ceased to say."""

import re
from functools import cache

from babel.messages import Catalog, Message

from portal.kernel.management.commands import makemessages

PLACES = re.compile(r"%\((\w+)\)[sd]|</?[a-z]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def marked() -> Catalog:
    return makemessages.collected("en")


@cache
def kept() -> Catalog:
    return makemessages.read("en")


def identities(catalog: Catalog) -> set[tuple[str, str | None]]:
    """Singular and context of each text."""
    return {(texts(message.id)[0], message.context) for message in catalog if message.id}


def texts(words: str | tuple[str, ...] | list[str]) -> list[str]:
    """The one text, or singular and plural."""
    return [words] if isinstance(words, str) else list(words)


def test_every_text_is_translated():
    """`make messages` adds what is missing; an empty translation shows Chinese to who reads English."""
    translated = Catalog("en")
    for message in kept():
        if message.id and makemessages.is_whole(message) and not message.fuzzy:
            translated.add(message.id, message.string, context=message.context)
    assert identities(marked()) - identities(translated) == set()


def test_nothing_is_kept_that_is_said_nowhere():
    assert identities(kept()) - identities(marked()) == set()


def test_the_collector_sees_what_it_must():
    """Aliases, contexts, plurals, formatted strings, template tags, attributes of components."""
    said = identities(marked())
    for words, context in [
        ("是", "before a credential"),
        ("不低于", "compares"),
        ("定额", None),
        ("在", None),
        ("提交确认", None),
        ("跳到正文", None),
        ("消息，%(counter)s 条未读", None),
        ("文件未导入：有 %(count)d 处错误，请改正后重新导入。", None),
    ]:
        assert (words, context) in said, words


def test_placeholders_and_tags_are_those_of_the_source():
    """A singular may leave its number out."""
    assert [message.id for message in kept() if message.id and not agrees(message)] == []


def agrees(message: Message) -> bool:
    source = texts(message.id)[-1]
    wanted = sorted(PLACES.findall(source))
    forms = [text for text in texts(message.string) if text]
    for form, string in enumerate(forms):
        found = sorted(PLACES.findall(string))
        singular = form == 0 and len(forms) == 2
        if not (found == wanted or (singular and set(found) <= set(wanted))):
            return False
        if source.startswith("\n") != string.startswith("\n"):
            return False
    return True


def test_english_is_english():
    """Chinese stands in it only where it is what people must type or look for."""
    chinese = [m.id for m in kept() if m.id and any(CHINESE.search(text) for text in texts(m.string))]
    assert len(chinese) < 20, chinese
