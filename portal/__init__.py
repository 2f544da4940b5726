"""The portal: kernel, accounts, notifications, shell. Importing it readies the Celery application."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
