"""Addresses of reports and of the administrator's pages; those of Django's admin lie beside."""

from django.urls import path, re_path

from moderation.views import overview, report, reports

app_name = "moderation"
_PID = r"(?P<pid>[\w-]{12,32})"
urlpatterns = [
    re_path(rf"^report/(?P<kind>paste|document|image)/{_PID}$", report.report_page, name="report"),
    path("admin/overview/", overview.overview_page, name="overview"),
    path("admin/overview/retry", overview.retry, name="retry"),
    path("admin/reports/", reports.report_list, name="report_list"),
    path("admin/reports/<int:pk>", reports.report_detail, name="report_detail"),
    path("admin/reports/<int:pk>/handle", reports.report_handle, name="report_handle"),
]
