"""Addresses of workspaces and their members."""

from django.urls import path

from workspaces.views import join, members, mine, settings

app_name = "workspaces"
urlpatterns = [
    path("workspaces/", mine.workspaces, name="workspaces"),
    path("workspaces/menu", mine.menu, name="menu"),
    path("join/<str:token>", join.join, name="join"),
    path("w/<str:wid>/leave", mine.leave_workspace, name="leave"),
    path("w/<str:wid>/members", members.members, name="members"),
    path("w/<str:wid>/members/role", members.member_role, name="member_role"),
    path("w/<str:wid>/members/remove", members.member_remove, name="member_remove"),
    path("w/<str:wid>/invitations/revoke", members.invitation_revoke, name="invitation_revoke"),
    path("w/<str:wid>/settings", settings.settings_page, name="settings"),
    path("w/<str:wid>/delete", settings.workspace_delete, name="workspace_delete"),
]
