from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0004_writers_of_documents'),
    ]

    operations = [
        migrations.AddField(
            model_name='push',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='失败次数'),
        ),
    ]
