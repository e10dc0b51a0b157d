"""Addresses of workspaces and their members."""

from django.urls import URLPattern

app_name = "workspaces"
urlpatterns: list[URLPattern] = []
