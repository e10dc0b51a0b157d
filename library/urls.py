"""Addresses of library, below a workspace's own."""

from django.urls import path

from library.views import bulk, filing, lists

app_name = "library"
urlpatterns = [
    path("", lists.items, name="items"),
    path("new/<str:kind>", lists.new, name="new"),
    path("bulk", bulk.bulk, name="bulk"),
    path("trash", lists.trash, name="trash"),
    path("trash/bulk", bulk.trash_bulk, name="trash_bulk"),
    path("trash/empty", bulk.empty, name="empty_trash"),
    path("folders", filing.folders, name="folders"),
    path("folders/<int:pk>", filing.folder, name="folder"),
    path("folders/<int:pk>/delete", filing.folder_delete, name="folder_delete"),
    path("tags", filing.tags, name="tags"),
    path("tags/<int:pk>", filing.tag, name="tag"),
    path("tags/<int:pk>/delete", filing.tag_delete, name="tag_delete"),
    path("views", filing.view_save, name="view_save"),
    path("views/<int:pk>/delete", filing.view_delete, name="view_delete"),
]
