"""Image Anonymizer."""

from django.apps import AppConfig


class ImagesConfig(AppConfig):
    """The images app."""

    name = "images"

    def ready(self) -> None:
        """Say which bars a person has changed, when a clean picture is made."""
        from documents.pictures import register_bars
        from images.services import changed_bars

        register_bars(changed_bars)
