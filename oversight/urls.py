"""Addresses of oversight, below a workspace's own."""

from django.urls import URLPattern

app_name = "oversight"
urlpatterns: list[URLPattern] = []
