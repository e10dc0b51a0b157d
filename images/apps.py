"""Image Anonymizer."""

from django.apps import AppConfig


class ImagesConfig(AppConfig):
    """The images app."""

    name = "images"

    def ready(self) -> None:
        """Say which bars a person has changed, and let them follow a policy."""
        from documents.pictures import register_bars, register_follower
        from images.following import follow_spans
        from images.services import changed_bars

        register_bars(changed_bars)
        register_follower(follow_spans)
