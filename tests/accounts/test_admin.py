"""The admin: whom it opens for, what it shows, and that what is set there holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import keys, limits
from accounts.admin_site import site
from accounts.models import ApiKey, Plan, QuotaUse, RequestLimits, Scope, User
from accounts.quotas import DAY, Limit, QuotaExceededError, spend
from tests.accounts.two_step_app import PASSWORD, sign_in, turn_on_two_step
from tests.permissions import permissions
from webhooks.models import Event
from webhooks.services import create_webhook

__all__ = ("permissions",)
pytestmark = pytest.mark.django_db
INDEX = "/admin/"


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.ADMIN = True
    limits.forget_plans()


@pytest.fixture
def staff_client(permissions: None, alice: User, alice_client: Client) -> Client:
    """A browser in which a superuser is signed in who has a second factor."""
    turn_on_two_step(alice_client)
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return alice_client


def test_it_is_not_there_unless_switched_on(staff_client: Client, settings: Settings) -> None:
    assert staff_client.get(INDEX).status_code == 200
    settings.ADMIN = False
    for path in (INDEX, f"{INDEX}login/", f"{INDEX}accounts/user/"):
        assert staff_client.get(path).status_code == 404


def test_nobody_is_led_to_the_one_sign_in(client: Client) -> None:
    for path in (INDEX, f"{INDEX}login/", f"{INDEX}accounts/apikey/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))
    assert (
        client.post(f"{INDEX}login/", {"username": "alice", "password": PASSWORD}).status_code
        == 302
    )
    assert "_auth_user_id" not in client.session


def test_to_who_is_no_staff_it_does_not_exist(charlie_client: Client) -> None:
    turn_on_two_step(charlie_client)
    for path in (INDEX, f"{INDEX}accounts/user/", f"{INDEX}nothing/"):
        assert charlie_client.get(path).status_code == 404


def test_staff_without_a_second_factor_is_told_to_turn_it_on(
    alice: User, alice_client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    answer = alice_client.get(INDEX)
    assert answer.status_code == 403
    assert reverse("mfa_activate_totp") in answer.content.decode()


def test_a_password_alone_does_not_sign_staff_in(staff_client: Client) -> None:
    browser = sign_in(Client(), "alice")
    assert browser.get(INDEX).status_code == 302


def test_every_page_opens_and_shows_no_secret_and_no_address(
    staff_client: Client, alice: User, charlie: User
) -> None:
    made = keys.create_key(owner=charlie, name="Canary-7731", scopes=[Scope.REDACT])
    RequestLimits.objects.create(key=made.key, credits=5)
    hook = create_webhook(
        owner=charlie, url="https://hooks.example.org/Canary-7731?t=Canary-7731", events=list(Event)
    )
    spend([Limit("day", f"key {made.key.pk}", 3, DAY)])
    pages = [INDEX]
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"{name}_changelist"))
        pages += [
            reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.all()[:2]
        ]
    assert len(pages) > 9
    digest = bytes(made.key.digest)
    for page in pages:
        answer = staff_client.get(page, follow=True)
        assert answer.status_code == 200, page
        content = answer.content.decode()
        for secret in (
            "Canary-7731", "posteo.example", digest.hex(), repr(digest), made.secret.hex,
            hook.secret, alice.password,
        ):  # fmt: skip
            assert secret not in content, page
        assert "no-store" in answer["Cache-Control"]


def test_a_limit_set_there_holds(staff_client: Client, charlie: User) -> None:
    made = keys.create_key(owner=charlie, name="k", scopes=[Scope.REDACT], plan=Plan.PACK)
    address = reverse("admin:accounts_apikey_change", args=[made.key.pk])
    inline = "request_limits"
    answer = staff_client.post(
        address,
        {
            "plan": "pack",
            f"{inline}-TOTAL_FORMS": "1",
            f"{inline}-INITIAL_FORMS": "0",
            f"{inline}-0-key": str(made.key.pk),
            f"{inline}-0-credits": "1",
        },
    )
    assert answer.status_code == 302, answer.content
    key = keys.find_key(made.bearer)
    assert key is not None
    spend(limits.limits_of_key(key))
    with pytest.raises(QuotaExceededError):
        spend(limits.limits_of_key(key))
    use = QuotaUse.objects.get()
    gone = staff_client.post(
        reverse("admin:accounts_quotause_delete", args=[use.pk]), {"post": "yes"}
    )
    assert gone.status_code == 302
    assert spend(limits.limits_of_key(key))[0].left == 0


def test_a_rule_for_a_plan_is_made_there(staff_client: Client, charlie: User) -> None:
    address = reverse("admin:accounts_requestlimits_add")
    assert staff_client.post(address, {"per_day": "9"}).status_code == 200
    assert staff_client.post(address, {"plan": "own", "per_day": "9"}).status_code == 302
    key = keys.create_key(owner=charlie, name="k", scopes=[Scope.REDACT]).key
    assert [limit.requests for limit in limits.limits_of_key(key)] == [9]


def test_keys_are_revoked_there(staff_client: Client, charlie: User) -> None:
    made = keys.create_key(owner=charlie, name="k", scopes=[Scope.REDACT])
    sent = {"action": "revoke", "_selected_action": [made.key.pk]}
    staff_client.post(reverse("admin:accounts_apikey_changelist"), sent)
    assert not ApiKey.objects.active().exists()


def test_staff_cannot_make_themselves_more(staff_client: Client, alice: User) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=alice.pk).update(is_superuser=False)
    alice.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    address = reverse("admin:accounts_user_change", args=[alice.pk])
    sent: dict[str, Any] = {
        "is_active": "on", "is_superuser": "on", "is_staff": "on",
        "request_limits-TOTAL_FORMS": "0", "request_limits-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert staff_client.post(address, sent).status_code == 302
    alice.refresh_from_db()
    assert not alice.is_superuser
