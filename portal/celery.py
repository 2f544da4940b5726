"""The Celery application. PostgreSQL is the queue of record; a task is only a doorbell.

Which settings it takes is for the entry point to say (DJANGO_SETTINGS_MODULE): this module is imported
with any part of the portal, and a default set here would outrank the one of ``portal.wsgi``.
"""

from celery import Celery

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["policies.money", "finance.scoring"])  # rooms inside an app
