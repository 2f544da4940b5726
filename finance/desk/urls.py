"""Addresses of the bank's desk."""

from django.urls import path

from finance.desk import hall, inbox, lists, loan, plan

AT = "bank/<int:bank>/"
ONE = f"{AT}loans/<str:number>/"
urlpatterns = [
    path(AT, inbox.page, name="bank_inbox"),
    path(f"{AT}export/", inbox.export, name="bank_export"),
    path(f"{AT}hall/", hall.page, name="bank_hall"),
    path(f"{AT}hall/live/", hall.live, name="bank_hall_live"),
    path(f"{AT}hall/take/", hall.grab, name="bank_take"),
    path(f"{AT}import/", lists.page, name="bank_lists"),
    path(f"{AT}import/template/<slug:kind>/", lists.template, name="bank_list_template"),
    path(f"{AT}import/export/<slug:kind>/", lists.export, name="bank_list_export"),
    path(f"{AT}import/<int:pk>/", lists.one, name="bank_list"),
    path(f"{AT}import/<int:pk>/book/", lists.confirm, name="bank_list_book"),
    path(ONE, loan.page, name="bank_loan"),
    path(f"{ONE}plan/", plan.page, name="bank_loan_plan"),
    path(f"{ONE}facts/", loan.facts, name="bank_facts"),
    path(f"{ONE}consent/", loan.consent, name="bank_consent"),
    path(f"{ONE}files/", loan.bring, name="bank_bring"),
    path(f"{ONE}files/<int:pk>/", loan.file, name="bank_file"),
    path(f"{ONE}reverse/<slug:kind>/<int:pk>/", loan.reverse, name="bank_reverse"),
    path(f"{ONE}do/<slug:step>/", loan.take_step, name="bank_step"),
]
