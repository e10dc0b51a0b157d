"""Bars that a person has changed. A picture whose bars nobody touched has no row here."""

from __future__ import annotations

from django.db import models

from documents.models import Document


class PictureBars(models.Model):
    """The bars of a picture, sealed: where they lie tells what is hidden."""

    document = models.OneToOneField(
        Document, primary_key=True, on_delete=models.CASCADE, related_name="picture_bars"
    )
    sealed_bars = models.BinaryField()

    def __str__(self) -> str:
        return f"bars of {self.document_id}"
