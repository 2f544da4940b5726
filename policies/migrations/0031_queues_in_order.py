"""Baskets of many items are read in the order of their deadlines, without sorting them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0030_overtaken'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='application',
            name='policies_application_mine',
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('state__in', ('submitted', 'reviewing', 'joint', 'proposed', 'noticed', 'returned'))), fields=['reviewer', 'due_at', 'id'], name='policies_application_in_hand'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='policies_application_due'),
        ),
    ]
