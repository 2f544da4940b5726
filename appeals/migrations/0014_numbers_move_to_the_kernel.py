from django.db import migrations

CARRY = """
INSERT INTO kernel_numberseries (prefix, month, last) SELECT 'SQ', month, last FROM appeals_numberseries
"""
CARRY_BACK = """
INSERT INTO appeals_numberseries (month, last) SELECT month, last FROM kernel_numberseries WHERE prefix = 'SQ';
DELETE FROM kernel_numberseries WHERE prefix = 'SQ'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('appeals', '0013_words_of_appeals'),
        ('kernel', '0005_numbers_of_series'),
    ]

    operations = [
        migrations.RunSQL(CARRY, CARRY_BACK),
        migrations.DeleteModel(name='NumberSeries'),
    ]
