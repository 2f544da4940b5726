"""Steps that are asked for and confirmed on a page of their own: a GET shows, only a POST does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from unfold.admin import ModelAdmin

from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Check:
    """One point of a checklist: `problems` stop the step, `notes` are only to be read."""

    label: str
    problems: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Step:
    """What the page says and does. `perform` gets the cleaned form and returns where to go next.

    `form` makes the form, of what was posted; `warns` says what cannot be taken back.
    """

    title: str | Promise
    form: Callable[..., forms.Form]
    perform: Callable[[dict[str, Any]], str]
    done: str | Promise
    checks: Sequence[Check] = ()
    warns: str | Promise = ""


def named_row(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Any:
    """The row that a step's address names. Raises Http404, for what cannot be an id as well."""
    row = admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


def step_page(admin: ModelAdmin, request: HttpRequest, obj: Any, step: Step) -> HttpResponse:
    """Ask, then do; what the business refuses is shown on the page and nothing is lost."""
    form = step.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            address = step.perform(form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message.splitlines())
        else:
            messages.success(request, str(step.done))
            return redirect(address)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.model._meta,
        "title": step.title,
        "object": obj,
        "form": form,
        "checks": step.checks,
        "warns": step.warns,
        "blocked": any(not check.passed for check in step.checks),
    }
    return TemplateResponse(request, "admin/step.html", context)
