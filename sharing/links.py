"""The addresses of a shared item as people pass them on."""

from accounts.links import QrCode, absolute, qr_code

__all__ = ("QrCode", "absolute", "qr_code")
