"""Addresses of review, below a workspace's own."""

from django.urls import path, re_path

from review.views import decisions, item, queue, sharing, talk

app_name = "review"
_PID = r"^(?P<pid>[\w-]{12,32})"
urlpatterns = [
    path("", queue.queue, name="queue"),
    re_path(rf"{_PID}$", item.item, name="item"),
    re_path(rf"{_PID}/decide$", decisions.decide, name="decide"),
    re_path(rf"{_PID}/undo$", decisions.undo, name="undo"),
    re_path(rf"{_PID}/comments$", talk.comment, name="comment"),
    re_path(rf"{_PID}/comments/(?P<number>[0-9]{{1,18}})$", talk.resolve, name="resolve"),
    re_path(rf"{_PID}/assign$", sharing.assign, name="assign"),
    re_path(rf"{_PID}/approve$", sharing.approve, name="approve"),
    re_path(rf"{_PID}/unapprove$", sharing.unapprove, name="unapprove"),
]
