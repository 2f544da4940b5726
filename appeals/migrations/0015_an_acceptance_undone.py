from django.db import migrations

from portal.kernel.transitions import StateTrigger


class Migration(migrations.Migration):
    """What a dispatch has accepted waits again when the dispatch is undone."""

    dependencies = [("appeals", "0014_numbers_move_to_the_kernel")]

    operations = [
        StateTrigger(
            model_name="Appeal",
            field="intake",
            initial="submitted",
            edges=[("accepted", "merged"), ("accepted", "submitted"), ("accepted", "withdrawn"), ("asked", "accepted"), ("asked", "merged"), ("asked", "refused"), ("asked", "submitted"), ("asked", "withdrawn"), ("submitted", "accepted"), ("submitted", "asked"), ("submitted", "merged"), ("submitted", "refused"), ("submitted", "withdrawn")],
            deletable=[],
        ),
    ]
