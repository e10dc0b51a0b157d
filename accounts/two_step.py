"""Two-step verification: what an overview says of it, turning it off, sealing it anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from accounts.models import User
from vault.envelope import current_service_key_id

# Where each kind of second factor keeps its secret.
_SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


@dataclass(frozen=True, slots=True)
class TwoStepStatus:
    """Whether a person signs in with a second step.

    since: when it was turned on; recovery_codes_left: codes not used yet
    """

    is_on: bool
    since: datetime | None = None
    recovery_codes_left: int = 0


def two_step_status(user: User) -> TwoStepStatus:
    """Return how two-step verification stands for a person."""
    factors = {factor.type: factor for factor in Authenticator.objects.filter(user=user)}
    app = factors.get(Authenticator.Type.TOTP)
    if app is None:
        return TwoStepStatus(is_on=False)
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    left = len(codes.wrap().get_unused_codes()) if codes else 0
    return TwoStepStatus(is_on=True, since=app.created_at, recovery_codes_left=left)


@transaction.atomic
def turn_off_two_step(user: User) -> bool:
    """Remove every second factor and end all sessions; returns whether there was one."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    user.end_sessions()
    return bool(removed)


def reseal_second_factors() -> int:
    """Seal the secrets of all second factors with the current service key; returns how many.

    Raises UnsealError if a key that is still in use is not configured.
    """
    current = f"{current_service_key_id()}:"
    resealed = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            name = _SECRETS.get(factor.type) if factor else None
            if name is None or factor.data[name].startswith(current):
                continue
            factor.data[name] = encrypt(decrypt(factor.data[name]))
            factor.save(update_fields=["data"])
            resealed += 1
    return resealed
