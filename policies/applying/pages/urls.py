"""Addresses of an enterprise's applications."""

from django.urls import path

from policies.applying.pages import files, form, sending, steps, views

_ONE = "e/<int:enterprise>/applications/<slug:number>/"

urlpatterns = [
    path("e/<int:enterprise>/policies/<str:code>/apply/", steps.start, name="enterprise_apply"),
    path("e/<int:enterprise>/applications/", views.listing, name="enterprise_applications"),
    path(_ONE, views.application, name="enterprise_application"),
    path(f"{_ONE}save/", form.save, name="application_save"),
    path(f"{_ONE}figures/", form.figures, name="application_figures"),
    path(f"{_ONE}files/", files.attach, name="application_files"),
    path(f"{_ONE}files/<int:pk>/", files.show, name="application_file"),
    path(f"{_ONE}files/<int:pk>/remove/", files.remove, name="application_file_remove"),
    path(f"{_ONE}send/", sending.send, name="application_send"),
    path(f"{_ONE}withdraw/", steps.withdraw, name="application_withdraw"),
    path(f"{_ONE}discard/", steps.discard, name="application_discard"),
    path(f"{_ONE}move/", steps.move, name="application_move"),
    path(f"{_ONE}rate/", steps.rate, name="application_rate"),
    path(f"{_ONE}receipt/", views.receipt, name="application_receipt"),
    path(f"{_ONE}letter/", views.letter, name="application_letter"),
]
