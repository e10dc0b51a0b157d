"""Addresses of policies, below a workspace's own."""

from django.urls import path

from policies.views import change, editor, pages

app_name = "policies"
urlpatterns = [
    path("", pages.policy_list, name="policy_list"),
    path("new", editor.policy_new, name="policy_new"),
    path("<int:policy_id>", pages.policy_detail, name="policy_detail"),
    path("<int:policy_id>/edit", editor.policy_edit, name="policy_edit"),
    path("<int:policy_id>/name", change.policy_name, name="policy_name"),
    path("<int:policy_id>/default", change.policy_default, name="policy_default"),
    path("<int:policy_id>/archive", change.policy_archive, name="policy_archive"),
    path("<int:policy_id>/versions/<int:number>", pages.policy_version, name="policy_version"),
    path(
        "<int:policy_id>/versions/<int:number>/return",
        change.policy_return,
        name="policy_return",
    ),
]
