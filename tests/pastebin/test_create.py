"""Making a paste: whatever comes in gives the right result or a clear sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from inference.models import Scan as ScanRow
from inference.models import ScanState
from pastebin.models import Paste
from sharing import expiry
from tests.cast import Visitors
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import NAME, Scan, made_by, submit
from vault.models import Envelope

pytestmark = pytest.mark.django_db


def _raw(client: Client, scan: Scan, **fields: object) -> str:
    pid = made_by(client, **fields)
    scan()
    response = client.get(f"/view/{pid}/raw")
    assert response.status_code == 200
    return str(response.content.decode())


def _nothing_stored() -> bool:
    return not (Paste.objects.exists() or ScanRow.objects.exists() or Envelope.objects.exists())


def _file(content: bytes, name: str = "log.txt") -> dict[str, object]:
    return {"text": "", "file": SimpleUploadedFile(name, content)}


class TestRefused:
    """A clear sentence, what was typed, and nothing half stored."""

    @pytest.mark.parametrize("text", ["", " ", " \n\t\r\n  ", "\u2003\u00a0"])
    def test_a_text_of_nothing(self, client: Client, text: str) -> None:
        response = submit(client, text=text)
        assert response.status_code == 422
        assert "There is no text yet" in response.content.decode()
        assert _nothing_stored()

    def test_a_text_over_the_limit_comes_back_whole(
        self, client: Client, settings: Settings
    ) -> None:
        settings.MAX_PASTE_CHARACTERS = 1000
        response = submit(client, text="é" * 1001)
        assert response.status_code == 422
        assert "longer than 1,000 characters" in response.content.decode()
        assert "é" * 1001 in response.content.decode()
        assert _nothing_stored()

    @pytest.mark.parametrize(
        "content",
        [
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
            b"PK\x03\x04\x14\x00\x08\x08",
            b"plain text, then \x00\x01\x02",
            b"\xff\xfe\x00",
            b"\xff\xfe\x00\xd8",
            "café".encode("latin-1"),
        ],
        ids=["png", "pdf", "zip", "nul", "utf-16 odd", "utf-16 surrogate", "latin-1"],
    )
    def test_a_binary_file_dropped_as_text(self, client: Client, content: bytes) -> None:
        response = submit(client, **_file(content))
        assert response.status_code == 422
        assert "not plain text" in response.content.decode()
        assert _nothing_stored()

    @pytest.mark.parametrize("content", [b"", b"  \n "])
    def test_an_empty_file(self, client: Client, content: bytes) -> None:
        response = submit(client, **_file(content))
        assert response.status_code == 422
        assert _nothing_stored()

    def test_a_file_over_the_limit(self, client: Client, settings: Settings) -> None:
        settings.MAX_PASTE_CHARACTERS = 1000
        response = submit(client, **_file(b"x" * 5000))
        assert response.status_code == 422
        assert "longer than 1,000 characters" in response.content.decode()

    def test_a_title_over_the_limit_loses_nothing(self, client: Client) -> None:
        response = submit(client, title="t" * 201, text="typed text")
        assert response.status_code == 422
        assert "typed text" in response.content.decode()
        assert "t" * 201 in response.content.decode()
        assert _nothing_stored()

    @pytest.mark.parametrize("field", ["expires", "style", "operating_point"])
    @pytest.mark.parametrize("value", ["", "../../etc/passwd", "never ", "\0"])
    def test_a_choice_that_is_none(self, client: Client, field: str, value: str) -> None:
        assert submit(client, **{field: value}).status_code == 422
        assert _nothing_stored()

    @pytest.mark.parametrize(
        "when", ["", "yesterday", "2001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"]
    )
    def test_a_custom_expiry_that_cannot_be(self, client: Client, when: str) -> None:
        response = submit(client, expires="custom", expires_at=when, text="typed text")
        assert response.status_code == 422
        assert "typed text" in response.content.decode()
        assert _nothing_stored()

    def test_a_request_far_over_the_limit_is_told_so_and_touches_no_disk(
        self, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
        on_disk: list[object] = []
        monkeypatch.setattr(TemporaryUploadedFile, "__init__", lambda *a, **k: on_disk.append(a))
        response = submit(client, **_file(b"x" * 50_000))
        assert response.status_code in {400, 413}
        assert not on_disk
        assert _nothing_stored()

    def test_an_upload_within_the_limit_touches_no_disk(
        self, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
        on_disk: list[object] = []
        monkeypatch.setattr(TemporaryUploadedFile, "__init__", lambda *a, **k: on_disk.append(a))
        assert submit(client, **_file(b"x" * 5000)).status_code == 302
        assert not on_disk


class TestTaken:
    """Strange texts that are all right."""

    @pytest.mark.parametrize(
        "text",
        [
            "one word",
            "  leading and trailing  ",
            "\n\nlines around\n\n",
            "שלום \u202eevil\u202c עולם",
            "a\u200bnn@mail\u200b.example",
            "I wrote to <PRIVATE_EMAIL>, [EMAIL_1], [PERSON_1] and <PRIVATE_PERSON_1>.",
            "<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7|add:7 }} {% now 'Y' %}",
            "tab\there, vertical\x0btab, form\x0cfeed, bell\x07, escape \x1b[31m",
            "e\u0301 é 👩‍👩‍👧 𝔘𝔫𝔦 \ufeff bom",
            "%s %d {} \\0 \\u0000 ' \" ; DROP TABLE",
            "\u2028 line \u2029 paragraph \x85 next",
        ],
    )
    def test_the_public_text_is_the_text(self, client: Client, scan: Scan, text: str) -> None:
        assert _raw(client, scan, text=text) == text

    def test_line_ends_become_plain(self, client: Client, scan: Scan) -> None:
        assert _raw(client, scan, text="a\r\nb\rc\n") == "a\nb\nc\n"

    def test_nul_is_shown_as_a_sign_and_kept_sealed(self, client: Client, scan: Scan) -> None:
        assert _raw(client, scan, text=f"a\0b {NAME}\0") == "a␀b <PRIVATE_PERSON>␀"

    def test_a_lone_surrogate_does_not_break_the_paste(self, client: Client, scan: Scan) -> None:
        body = "text=a%ED%A0%80b&expires=7d&style=placeholder&operating_point=balanced"
        response = client.post("/", body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 302
        scan()
        raw = client.get(response["Location"].replace("/links", "/raw")).content.decode()
        assert raw[0] == "a"
        assert raw[-1] == "b"

    def test_two_megabytes(self, client: Client, scan: Scan) -> None:
        text = f"{NAME} and more of it, line after line\n" * 39_000
        assert 2_000_000 < len(text) < 2_500_000
        raw = _raw(client, scan, text=text)
        assert raw == text.replace(NAME, "<PRIVATE_PERSON>")

    def test_one_line_of_a_megabyte(self, client: Client, scan: Scan) -> None:
        text = "x" * 500_000 + NAME + "y" * 500_000
        assert _raw(client, scan, text=text) == text.replace(NAME, "<PRIVATE_PERSON>")

    def test_a_text_file(self, client: Client, scan: Scan) -> None:
        assert _raw(client, scan, **_file(f"Für {NAME}".encode())) == "Für <PRIVATE_PERSON>"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_a_text_file_with_a_byte_order_mark(
        self, client: Client, scan: Scan, encoding: str
    ) -> None:
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
        content = mark + f"Für {NAME} 👍".encode(encoding)
        assert _raw(client, scan, **_file(content)) == "Für <PRIVATE_PERSON> 👍"

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "x" * 4000 + ".txt", "a\nb\x07.txt", "<script>.txt"]
    )
    def test_a_file_s_name_does_not_matter(self, client: Client, name: str) -> None:
        assert submit(client, **_file(b"text", name)).status_code == 302


class TestOptions:
    """What can be chosen."""

    @pytest.mark.parametrize(
        ("style", "shown"),
        [
            ("placeholder", "<PRIVATE_PERSON>, <PRIVATE_PERSON>"),
            ("numbered", "<PRIVATE_PERSON_1>, <PRIVATE_PERSON_1>"),
            ("mask", "█████, █████"),
        ],
    )
    def test_styles(self, client: Client, scan: Scan, style: str, shown: str) -> None:
        assert _raw(client, scan, text=f"{NAME}, {NAME}", style=style) == shown

    @pytest.mark.parametrize(
        ("choice", "duration"),
        [
            ("10m", timedelta(minutes=10)),
            ("1h", timedelta(hours=1)),
            ("1d", timedelta(days=1)),
            ("7d", timedelta(days=7)),
            ("30d", timedelta(days=30)),
        ],
    )
    def test_expiry(self, client: Client, choice: str, duration: timedelta) -> None:
        before = timezone.now()
        expires_at = Paste.objects.get(pk=made_by(client, expires=choice)).expires_at
        assert expires_at is not None
        assert before + duration <= expires_at <= timezone.now() + duration

    def test_never(self, client: Client) -> None:
        assert Paste.objects.get(pk=made_by(client, expires="never")).expires_at is None

    def test_a_time_of_one_s_own(self, client: Client) -> None:
        when = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
        pid = made_by(client, expires="custom", expires_at=when.strftime("%Y-%m-%dT%H:%M"))
        assert Paste.objects.get(pk=pid).expires_at == when

    def test_every_choice_of_the_form_is_a_time(self) -> None:
        for choice, _ in expiry.EXPIRY_CHOICES:
            if choice != "custom":
                expiry.expiry_time(choice)

    @pytest.mark.parametrize("point", ["balanced", "high_recall", "high_precision"])
    def test_the_operating_point_reaches_the_scan(self, client: Client, point: str) -> None:
        made_by(client, operating_point=point)
        assert ScanRow.objects.get().operating_point == point

    def test_the_title_is_scanned_and_public_only_as_redacted(
        self, client: Client, scan: Scan
    ) -> None:
        pid = made_by(client, title=f"  From   {NAME} ", text=f"{NAME} called.")
        row = Paste.objects.get(pk=pid)
        assert row.redacted_title == ""
        scan()
        row.refresh_from_db()
        assert row.redacted_title == "From <PRIVATE_PERSON>"
        assert row.redacted_text == "From <PRIVATE_PERSON>\n\n<PRIVATE_PERSON> called."

    def test_the_owner_is_who_is_signed_in(self, visitors: Visitors) -> None:
        owned = Paste.objects.get(pk=made_by(visitors["alice"]))
        assert owned.owner is not None
        assert owned.owner.username == "alice"
        assert Paste.objects.get(pk=made_by(visitors["nobody"])).owner is None


class TestSwitchedOff:
    """Anonymous use switched off."""

    def test_strangers_are_led_to_sign_in(self, client: Client, settings: Settings) -> None:
        settings.ANONYMOUS_PASTES = False
        page = client.get("/")
        assert page.status_code == 200
        assert "Sign in to make a paste" in page.content.decode()
        assert "<textarea" not in page.content.decode()
        assert submit(client).status_code == 403
        assert _nothing_stored()

    def test_people_with_an_account_go_on(self, visitors: Visitors, settings: Settings) -> None:
        settings.ANONYMOUS_PASTES = False
        made_by(visitors["alice"])

    def test_links_given_before_still_open(
        self, client: Client, scan: Scan, settings: Settings
    ) -> None:
        pid = made_by(client)
        scan()
        settings.ANONYMOUS_PASTES = False
        assert client.get(f"/view/{pid}").status_code == 200


def test_a_form_without_its_token_is_refused(scan: Scan) -> None:
    client = Client(enforce_csrf_checks=True)
    assert submit(client).status_code == 403
    assert _nothing_stored()


def test_a_text_whose_scan_fails_is_not_published(
    client: Client, scan: Scan, detector: ChosenEngine
) -> None:
    detector.unseen = 1
    pid = made_by(client)
    scan()
    assert ScanRow.objects.get().state == ScanState.FAILED
    for path in (f"/view/{pid}", f"/view/{pid}/raw", f"/api/paste/{pid}"):
        assert NAME not in client.get(path).content.decode()
    assert Paste.objects.get().redacted_text is None


def test_both_a_text_and_a_file_lose_nothing_silently(client: Client) -> None:
    fields = _file(b"from the file") | {"text": "typed"}
    response = submit(client, **fields)
    assert response.status_code == 422
    assert "typed" in response.content.decode()
