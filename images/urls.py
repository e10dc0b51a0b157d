"""Addresses of pictures. What needs the key lies below the document, where its cookie goes."""

from django.urls import path, re_path

from images.views import canvas, public, upload

app_name = "images"
_PID = r"(?P<pid>[\w-]{12,32})"
urlpatterns = [
    path("images/", upload.images, name="images"),
    re_path(rf"^images/{_PID}$", public.image_public, name="image_public"),
    re_path(rf"^images/{_PID}/picture\.png$", public.image_picture, name="image_picture"),
    re_path(rf"^images/{_PID}/original$", canvas.to_canvas, name="image_original"),
    re_path(rf"^documents/{_PID}/canvas$", canvas.open_canvas, name="open_canvas"),
    re_path(rf"^documents/{_PID}/original/canvas$", canvas.canvas, name="canvas"),
    re_path(rf"^documents/{_PID}/original/bars$", canvas.bars, name="bars"),
    re_path(rf"^documents/{_PID}/original/picture\.png$", canvas.picture, name="picture"),
]
