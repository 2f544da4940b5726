"""An appeal told by telephone: found, written down, filed and handed out on one screen."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from appeals.desk import undoing
from appeals.desk.acting import act
from appeals.desk.forms import area
from appeals.desk.places import Places, TargetField
from appeals.dispatching import dispatch
from appeals.enums import Secrecy, Source
from appeals.filing import Filing, file_appeal
from appeals.models import Appeal, Category, WorkOrder
from enterprises.finding import named
from enterprises.models import Enterprise
from portal.accounts.desks import Desk
from portal.accounts.identifiers import check_phone
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

FOUND: Final = 8
SHORTEST: Final = 2
"""Characters from which names are looked for."""


class PhoneForm(forms.Form):
    """What the caller says, and where it goes at once when that is clear."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    firm = forms.CharField(label=gettext_lazy("企业名称或统一社会信用代码"), max_length=100, required=False)
    enterprise = forms.ModelChoiceField(
        Enterprise.objects.all(),
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请先查找并选择企业。")},
    )
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=50)
    contact_phone = forms.CharField(
        label=gettext_lazy("联系电话"),
        max_length=30,
        validators=[check_phone],
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    title = forms.CharField(label=gettext_lazy("标题"), max_length=80)
    text = forms.CharField(label=gettext_lazy("说了什么"), max_length=4000, widget=area(5))
    category = forms.ModelChoiceField(
        Category.objects.filter(active=True), label=gettext_lazy("类别"), required=False
    )
    place = forms.CharField(label=gettext_lazy("发生地"), max_length=100, required=False)
    urgent = forms.BooleanField(label=gettext_lazy("紧急"), required=False)
    confidential = forms.BooleanField(label=gettext_lazy("保密"), required=False)
    anonymous = forms.BooleanField(label=gettext_lazy("对承办人隐去企业"), required=False)
    about = forms.ModelChoiceField(
        Department.objects.all(),
        label=gettext_lazy("被反映部门"),
        required=False,
        help_text=gettext_lazy("投诉才填；被反映的部门看不到这件诉求。"),
    )

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = TargetField(
            places, places.targets(), label=gettext_lazy("立即派给"), required=False
        )

    def filing(self) -> Filing:
        """What is filed."""
        given = self.cleaned_data
        names = ("title", "text", "contact_name", "contact_phone", "category", "place", "urgent")
        secrecy = Secrecy.CONFIDENTIAL if given["confidential"] else Secrecy.OPEN
        others = {"about": given["about"], "anonymous": given["anonymous"], "secrecy": secrecy}
        return Filing(**{name: given[name] for name in names}, **others)


def firms_named(words: str) -> list[Enterprise]:
    """Enterprises by a part of the name, or of the credit code; a few."""
    words = words.strip()
    if len(words) < SHORTEST:
        return []
    rows = Enterprise.objects.filter(named(words))
    return list(rows.select_related("region").order_by("name", "pk")[:FOUND])


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The one screen; 查找 looks for the enterprise and keeps what is written."""
    desk = act(request, department, Role.DISPATCHER)
    places = Places(desk.department, timezone.localdate())
    if request.method != "POST":
        form = PhoneForm(places=places, initial={"key": uuid.uuid4().hex})
        return _shown(request, desk, form, [])
    if "find" in request.POST:
        form = PhoneForm(places=places, initial=request.POST.dict())
        return _shown(request, desk, form, firms_named(request.POST.get("firm", "")), searched=True)
    form = PhoneForm(request.POST, places=places)
    if form.is_valid():
        try:
            order = _file(form, desk)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _filed(request, desk, order)
    return _shown(request, desk, form, _chosen(form), status=422)


@require_safe
def firms(request: HttpRequest, department: int) -> HttpResponse:
    """The enterprises found, put under the box as one types."""
    act(request, department, Role.DISPATCHER)
    words = request.GET.get("firm", "")
    found = firms_named(words)
    context = {"firms": found, "searched": len(words.strip()) >= SHORTEST}
    return render(request, "appeals/desk/phone_firms.html", context)


def _file(form: PhoneForm, desk: Desk) -> WorkOrder:
    """File it and, when a place is chosen, hand it out: both or nothing."""
    given = form.cleaned_data
    with transaction.atomic():
        appeal: Appeal = file_appeal(
            given["enterprise"], form.filing(), by=desk.user, source=Source.PHONE, key=given["key"]
        )
        order = appeal.orders.earliest("pk")
        if given["target"] is not None and order.department_id is None:
            dispatch(order, given["target"], by=desk.user)
    return order


def _filed(request: HttpRequest, desk: Desk, order: WorkOrder) -> HttpResponse:
    number = {"number": order.appeal.number}
    if order.department_id:
        undoing.remember(request, "dispatch", order, _("%(number)s 已登记并派出。") % number)
    else:
        messages.success(request, _("%(number)s 已登记，请派单。") % number)
    return redirect("desk_order", desk.department.pk, order.pk)


def _chosen(form: PhoneForm) -> list[Enterprise]:
    """The enterprise chosen before, still to be seen beside the errors; else what its words find."""
    chosen = form.cleaned_data.get("enterprise") if hasattr(form, "cleaned_data") else None
    return [chosen] if chosen else firms_named(str(form["firm"].value() or ""))


def _shown(
    request: HttpRequest,
    desk: Desk,
    form: PhoneForm,
    found: list[Enterprise],
    *,
    searched: bool = False,
    status: int = 200,
) -> HttpResponse:
    chosen = str(form["enterprise"].value() or "")
    context = {
        "department": desk.department,
        "form": form,
        "firms": found,
        "searched": searched,
        "chosen": int(chosen) if chosen.isdecimal() and len(chosen) <= 18 else 0,
    }
    return render(request, "appeals/desk/phone.html", context, status=status)
