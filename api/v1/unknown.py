"""Addresses below /api/v1/ that there are none of."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from api.v1.base import NativeView
from api.v1.problems import Problem


class Unknown(NativeView):
    """An address of nothing: programs get a problem document there too."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse, whoever asks. Raises Problem."""
        raise Problem(404, "not_found", "There is no such address.")
