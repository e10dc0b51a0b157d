"""Addresses of policies, below a workspace's own."""

from django.urls import URLPattern

app_name = "policies"
urlpatterns: list[URLPattern] = []
