"""Addresses of oversight, below a workspace's own."""

from django.urls import path

from oversight.views import record, week

app_name = "oversight"
urlpatterns = [
    path("record", record.record_page, name="record"),
    path("record/verify", record.record_verify, name="record_verify"),
    path("record.csv", record.record_csv, name="record_csv"),
    path("week", week.week, name="week"),
]
