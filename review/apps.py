"""Review."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The review app."""

    name = "review"

    def ready(self) -> None:
        """Keep account of every correction, and take part in a person's rights."""
        from accounts.erasure import register_eraser
        from accounts.export import register_exporter
        from review.account import keep_account, recount
        from review.owned import erase_comments_of, export_review
        from sharing.corrections import register_witness
        from sharing.counting import register_counter

        register_witness(keep_account)
        register_counter(recount)
        register_exporter(export_review)
        register_eraser(erase_comments_of)
