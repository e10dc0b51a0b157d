"""Addresses of the Gradio dialect, with and without a slash at the end."""

from django.urls import re_path

from api.gradio import views

_NAME = r"(?P<name>[a-z_]{1,64})"
_EVENT = r"(?P<event_id>[0-9a-f]{1,64})"

app_name = "gradio"
urlpatterns = [
    re_path(r"^config/?$", views.Config.as_view(), name="config"),
    re_path(r"^gradio_api/info/?$", views.Info.as_view(), name="info"),
    re_path(r"^gradio_api/app_id/?$", views.AppId.as_view(), name="app_id"),
    re_path(
        r"^gradio_api/heartbeat/(?P<session_hash>[\w-]{1,200})/?$",
        views.Heartbeat.as_view(),
        name="heartbeat",
    ),
    re_path(r"^gradio_api/upload/?$", views.Upload.as_view(), name="upload"),
    re_path(r"^gradio_api/file[=/](?P<path>.{1,400})$", views.File.as_view(), name="file"),
    re_path(r"^gradio_api/queue/join/?$", views.Join.as_view(), name="join"),
    re_path(r"^gradio_api/queue/data/?$", views.Data.as_view(), name="data"),
    re_path(r"^gradio_api/cancel/?$", views.Cancel.as_view(), name="cancel"),
    re_path(r"^gradio_api/reset/?$", views.Cancel.as_view(), name="reset"),
    re_path(
        rf"^gradio_api/call/v2/{_NAME}/?$", views.Call.as_view(by_keyword=True), name="call_v2"
    ),
    re_path(rf"^gradio_api/call/{_NAME}/?$", views.Call.as_view(), name="call"),
    re_path(
        rf"^gradio_api/call/(?:v2/)?{_NAME}/{_EVENT}/?$",
        views.CallEvents.as_view(),
        name="call_events",
    ),
    re_path(rf"^gradio_api/(?:run|api)/{_NAME}/?$", views.Run.as_view(), name="run"),
    re_path(r"^gradio_api/", views.Elsewhere.as_view(), name="elsewhere"),
]
