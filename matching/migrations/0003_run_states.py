"""The database checks the states of a run."""

from django.db import migrations

from portal.kernel.state_triggers import StateTrigger


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_published_versions_stand")]
    operations = [
        StateTrigger(
            model_name="Run",
            field="state",
            initial="queued",
            edges=[
                ("failed", "queued"),
                ("queued", "running"),
                ("running", "done"),
                ("running", "failed"),
                ("running", "queued"),
            ],
            deletable=["queued"],
        ),
    ]
