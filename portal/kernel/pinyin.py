"""Chinese words in the order of a Chinese index."""

from django.db.models import BinaryField, Func


class Pinyin(Func):
    """Sorts by pinyin: GB 18030 keeps common characters in that order, rare ones after them.

    PostgreSQL converts by itself; collations of ICU, which not every server has, are not needed.
    """

    function = "convert_to"
    template = "%(function)s(%(expressions)s, 'GB18030')"
    arity = 1
    output_field = BinaryField()
