"""The back office's pages of packages, where they need mending."""

from django.contrib import admin
from django_celery_beat.admin import CrontabScheduleAdmin
from django_celery_beat.models import CrontabSchedule

admin.site.unregister(CrontabSchedule)


@admin.register(CrontabSchedule)
class TimesAdmin(CrontabScheduleAdmin):
    """Times at which beat rings. The package reads them aloud before it has checked them, and fails."""

    fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")
    readonly_fields = ()
