from django.db import migrations

from portal.kernel.state_triggers import StateTrigger


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]

    operations = [
        StateTrigger(
            model_name="Paper",
            field="state",
            initial="draft",
            edges=[("draft", "review"), ("review", "draft"), ("review", "published")],
            deletable=["draft"],
        ),
        StateTrigger(
            model_name="Job",
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
