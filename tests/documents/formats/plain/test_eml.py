"""Mails: fields, bodies and attachments are read and cleaned; all else is gone."""

from __future__ import annotations

import email
import email.encoders
import io
from email import policy
from email.message import EmailMessage
from email.mime.base import MIMEBase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from anonymizer.ocr import read_words
from documents.formats import kinds
from documents.formats.model import DamagedError, Kind, ReadOptions, Role, TooLargeError
from documents.formats.plain import eml, eml_headers
from documents.formats.survivors import HiddenValues
from tests.documents.formats.office.world import picture
from tests.documents.formats.plain.hiding import REPLACEMENT, Hiding, hide, read

CANARY = "Jérôme Dupont"
# One that OCR reads without fail.
PLAIN_NAME = "Zephyrina Quillborne"
ADDRESS = "jerome@dupont.example"


def mail(body: str = "Hello\n", **fields: str) -> EmailMessage:
    message = EmailMessage()
    for name, text in ({"From": "a@example.com", "To": "b@example.com"} | fields).items():
        message[name.replace("_", "-")] = text
    message.set_content(body)
    return message


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def bodies(content: bytes) -> list[str]:
    return [
        part.get_content().replace("\r\n", "\n")
        for part in parsed(content).walk()
        if part.get_content_maintype() == "text"
    ]


def full() -> bytes:
    """Return a mail with a name in each place where one can stand."""
    message = mail(
        f"Dear {CANARY},\n\n{CANARY}=\n",
        Cc=f'"{CANARY}" <{ADDRESS}>',
        Subject=f"For {CANARY} and a subject that is long enough to be folded over many lines",
        Reply_To=ADDRESS,
        Organization=CANARY,
        X_Name=CANARY,
        Message_ID=f"<{ADDRESS}>",
        Received=f"from {ADDRESS} by x",
        DKIM_Signature=f"d={ADDRESS}",
        List_Unsubscribe=f"<mailto:{ADDRESS}>",
        Thread_Topic=CANARY,
        Autocrypt=f"addr={ADDRESS}",
    )
    message.replace_header("From", f"{CANARY} <{ADDRESS}>")
    message.add_alternative(
        f"<p>Dear <b>{CANARY}</b></p><!-- {CANARY} --><a href='mailto:{ADDRESS}'>x</a>",
        subtype="html",
    )
    message.add_attachment(
        f"name,mail\n{CANARY},{ADDRESS}\n".encode(),
        maintype="text", subtype="csv", filename=f"{CANARY}.csv",
    )  # fmt: skip
    message.add_attachment(
        b"\x7fELF" + CANARY.encode(),
        maintype="application", subtype="x-program", filename=f"{CANARY}.bin",
    )  # fmt: skip
    message.add_attachment(mail(f"Inner {CANARY}", Subject=CANARY))
    message.preamble = "preamble Dupont\n"
    message.epilogue = "epilogue Dupont\n"
    return message.as_bytes()


def test_fields_bodies_and_attachments_are_read() -> None:
    extracted = read(full(), "x.eml")
    assert extracted.kind is Kind.EML
    text = extracted.text
    assert text.startswith("From: ")
    assert f"Organization: {CANARY}\n" in text
    assert f"Dear {CANARY},\n{CANARY}=\n" in text
    assert f"{CANARY}.bin (application/x-program)" in text
    assert f"name\tmail\n{CANARY}\t{ADDRESS}\n" in text
    assert f"Inner {CANARY}" in text
    assert extracted.title.startswith(f"For {CANARY} and")
    assert "preamble" not in text
    assert "DKIM" not in text


def test_parts_are_named() -> None:
    titles = [block.title for block in read(full(), "x.eml").blocks if block.title]
    assert titles == [
        "The same in another form",
        "Links",
        "Attachment 1",
        "Attachment 2",
        "Enclosed mail 1",
    ]


def test_a_name_is_gone_from_every_place() -> None:
    content = full()
    hiding = hide(content, "x.eml", CANARY, ADDRESS)
    assert hiding.is_clean
    assert not hiding.was_clean
    message = parsed(hiding.cleaned.content)
    everything = [hiding.text, *bodies(hiding.cleaned.content)]
    for part in message.walk():
        everything += [str(value) for value in part.values()]
        if not part.is_multipart():
            everything.append(part.get_payload(decode=True).decode())
    for sign in ("Jérôme", "Dupont", "dupont", "J=C3=A9r"):
        assert not any(sign in text for text in everything)


def test_fields_about_the_way_of_the_mail_are_gone() -> None:
    message = parsed(hide(full(), "x.eml").cleaned.content)
    assert set(message.keys()) == {
        "From", "To", "Cc", "Subject", "Reply-To", "Organization", "MIME-Version", "Content-Type",
    }  # fmt: skip


def test_what_is_not_hidden_reads_the_same_again() -> None:
    content = full()
    first = read(content, "x.eml").text
    again = read(hide(content, "x.eml").cleaned.content, "x.eml").text
    for line in ("Organization: ", "Subject: ", "From: ", "Cc: "):
        assert _line(first, line) == _line(again, line)
    assert f"Dear {CANARY},\n{CANARY}=\n" in again
    assert f"name\tmail\n{CANARY}\t{ADDRESS}\n" in again


def _line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_what_was_removed_is_said_without_names() -> None:
    hiding = hide(full(), "x.eml")
    assert "1 attachment was removed." in hiding.cleaned.removed
    assert any("Received" in sentence for sentence in hiding.cleaned.removed)
    assert "1 attachment is not read and will be removed." in hiding.extracted.notes
    assert not any("Dupont" in note for note in hiding.extracted.notes + hiding.cleaned.removed)


def test_an_attachment_of_a_known_kind_is_cleaned() -> None:
    message = mail()
    message.add_attachment(
        b'{"name": "Jan Jansen"}', maintype="application", subtype="json", filename="a.json"
    )
    clean = parsed(hide(message.as_bytes(), "x.eml", "Jan Jansen").cleaned.content)
    attached = list(clean.iter_attachments())[-1]
    assert attached.get_filename() == "attachment.json"
    assert attached.get_payload(decode=True) == b'{"name": "<PRIVATE_PERSON>"}'


def test_an_attachment_that_lies_about_its_kind_is_read_by_content() -> None:
    message = mail()
    message.add_attachment(b"Jan Jansen", maintype="image", subtype="png", filename="a.png")
    hiding = hide(message.as_bytes(), "x.eml", "Jan Jansen")
    assert "Jan Jansen" in hiding.extracted.text
    assert hiding.is_clean


@pytest.fixture(scope="module")
def with_pictures() -> Hiding:
    """Return a mail with a name in the pixels and the name of a picture, attached and inline."""
    message = mail()
    drawn = picture(f"Dear {PLAIN_NAME}")
    message.add_attachment(
        drawn, maintype="image", subtype="png", filename=f"scan of {PLAIN_NAME}.png"
    )
    message.add_attachment(
        drawn, maintype="image", subtype="png", disposition="inline", cid="<quillborne@x>"
    )
    return hide(message.as_bytes(), "x.eml", PLAIN_NAME)


def test_attached_pictures_are_read_and_barred(with_pictures: Hiding) -> None:
    assert with_pictures.extracted.text.count(f"Dear {PLAIN_NAME}") == 2
    assert with_pictures.is_clean
    assert not with_pictures.was_clean
    attached = list(parsed(with_pictures.cleaned.content).iter_attachments())
    files = [part for part in attached if part.get_filename()]
    assert [part.get_filename() for part in files] == ["attachment.png"] * 2
    for part in files:
        pixels = Image.open(io.BytesIO(part.get_payload(decode=True)))
        assert "uillborne" not in " ".join(word.text for word in read_words(pixels))
        black = pixels.convert("L").point(lambda value: 255 * (value == 0)).getbbox()
        # The bar, and beside it the word that stays.
        assert black is not None
        assert black[0] < 60
        assert black[2] > 400


def test_the_name_of_an_attached_picture_is_hidden(with_pictures: Hiding) -> None:
    texts = "".join(bodies(with_pictures.cleaned.content))
    assert f"[Attachment: scan of {REPLACEMENT}.png (image/png)]" in texts
    assert "[Attachment: no name (image/png)]" in texts
    assert b"quillborne" not in with_pictures.cleaned.content.lower()


def test_a_picture_that_cannot_be_read_is_removed_and_said() -> None:
    message = mail()
    message.add_attachment(b"GIF89a\x01\x00", maintype="image", subtype="gif", filename="a.gif")
    content = message.as_bytes()
    extracted = read(content, "x.eml")
    cleaned = eml.write_clean(content, extracted, [], options=ReadOptions())
    assert "1 attachment was removed." in cleaned.removed
    assert "[Removed attachment: a.gif (image/gif)]" in bodies(cleaned.content)[-1]
    assert b"GIF89a" not in cleaned.content


def test_a_picture_in_the_address_of_a_page_in_a_mail_is_removed_and_said() -> None:
    message = mail()
    message.add_alternative('<p>x<img src="data:image/png;base64,SmFu">', subtype="html")
    hiding = hide(message.as_bytes(), "x.eml")
    assert "Pictures were removed." in hiding.cleaned.removed
    assert "data:" not in "".join(bodies(hiding.cleaned.content))


@pytest.mark.parametrize(
    ("charset", "coding"),
    [
        ("utf-8", "quoted-printable"),
        ("utf-8", "base64"),
        ("iso-8859-1", "8bit"),
        ("windows-1252", "quoted-printable"),
        ("no-such-charset", "8bit"),
        ("us-ascii", "8bit"),
    ],
)
def test_bodies_are_decoded(charset: str, coding: str) -> None:
    known = charset if charset in {"utf-8", "iso-8859-1", "windows-1252"} else "utf-8"
    part = MIMEBase("text", "plain", charset=charset)
    part.set_payload(f"Dear {CANARY}\r\n".encode(known))
    part["From"] = part["To"] = "a@example.com"
    if coding == "8bit":
        part["Content-Transfer-Encoding"] = "8bit"
    elif coding == "base64":
        email.encoders.encode_base64(part)
    else:
        email.encoders.encode_quopri(part)
    hiding = hide(part.as_bytes(), "x.eml", CANARY)
    assert CANARY in hiding.extracted.text
    assert bodies(hiding.cleaned.content) == [f"Dear {REPLACEMENT}\n"]


def test_a_japanese_body_is_read() -> None:
    message = (
        b"From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    ) + "山田太郎さん\r\n".encode("iso2022_jp")
    assert hide(message, "x.eml", "山田太郎").is_clean
    assert "山田太郎さん" in read(message, "x.eml").text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?J=C3=A9r=C3=B4me?= Dupont", "Jérôme Dupont"),
        ("=?utf-8?b?SsOp?= =?utf-8?b?csO0bWU=?= <a@b.c>", "Jérôme <a@b.c>"),
        ("=?utf-8?b?SsM=?= =?utf-8?b?qXI=?=", "Jér"),
        ("=?iso-8859-1?q?J=E9r?=\r\n =?utf-8?q?_D?=", "Jér D"),
        ("=?nonsense?q?J=C3=A9r?=", "Jér"),
        ("=?utf-8?b?!!!?= x", None),
        ("folded\r\n\tline", "folded line"),
        ("J\udcc3\udca9r", "Jér"),
        ("J\udce9r", "Jér"),
        ("a\x00b\x1b", "a b"),
    ],
)
def test_fields_say_what_they_mean(raw: str, text: str | None) -> None:
    assert eml_headers.meant(raw) == text or text is None


@settings(deadline=None)
@given(
    st.sampled_from(["Subject", "From"]),
    st.lists(st.sampled_from(["Jan", "é", "😀", " ", "<", ">", "@", '"', ",", "x" * 1_000, "=?"]),
             max_size=12).map("".join),
)  # fmt: skip
def test_a_field_is_read_as_it_was_written(name: str, text: str) -> None:
    written = eml_headers.field_as_bytes(name, text)
    assert written.isascii()
    assert all(len(line) < 998 for line in written.split(b"\r\n"))
    if "=?" not in text:
        read_again = eml_headers.meant(written.decode().partition(":")[2])
        assert read_again.replace(" ", "") == text.replace(" ", "")


def test_a_field_begins_no_other() -> None:
    written = eml_headers.field_as_bytes("Subject", "x\r\nBcc: a@example.com\u2028y\rz")
    assert parsed(written + b"\r\n").keys() == ["Subject"]


def test_roles_of_a_mail() -> None:
    extracted = read(mail("One\n\nTwo\n", Subject="S").as_bytes(), "x.eml")
    assert [
        (block.role, extracted.text[block.start : block.end]) for block in extracted.blocks
    ] == [
        (Role.FIELD, "From: a@example.com"),
        (Role.FIELD, "To: b@example.com"),
        (Role.FIELD, "Subject: S"),
        (Role.PARAGRAPH, "One"),
        (Role.PARAGRAPH, "Two"),
    ]


def test_tables_of_a_body_and_an_attachment_have_numbers_of_their_own() -> None:
    message = mail()
    message.add_alternative("<table><tr><td>a<td>b</table>", subtype="html")
    message.add_attachment(b"c,d\ne,f\n", maintype="text", subtype="csv", filename="a.csv")
    tables = [block.table for block in read(message.as_bytes(), "x.eml").blocks if block.table]
    assert tables == [1, 1, 2, 2, 2, 2]


def test_a_mail_of_very_many_parts_is_refused() -> None:
    message = mail()
    message.make_mixed()
    for _ in range(1_100):
        message.attach(mail())
    with pytest.raises(TooLargeError, match="many parts"):
        read(message.as_bytes(), "x.eml")


@pytest.mark.parametrize("depth", [30, 3_000])
def test_a_deep_mail_is_refused(depth: int) -> None:
    start = b"From: a@example.com\r\nTo: b@example.com\r\n"
    inner = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at)
        for at in range(depth)
    )
    with pytest.raises(TooLargeError):
        read(start + inner + b"\r\nx", "x.eml")


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed\r\n\r\nno boundary Jan\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n\r\nJan\r\n",
        b"Content-Type: text/plain; charset=\xff\xfe\r\n\r\nJan\r\n",
        b"Content-Type: ;;;\r\n\r\nJan\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nJan: x\r\n\r\ny: Jan\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!SmFu!!\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\nJan\r\n",
        b"Content-Type: text/html\r\n\r\n",
        b"\r\n\x00\x01\x02Jan",
        b"",
    ],
)
def test_broken_mails_end_clean(content: bytes) -> None:
    whole = b"From: Jan\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n" + content
    hiding = hide(whole, "x.eml", "Jan")
    assert hiding.is_clean
    assert b"Jan" not in hiding.cleaned.content


def test_an_attachment_that_cannot_be_cleaned_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **more: object) -> None:
        raise DamagedError("x")

    message = mail()
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="a.csv")
    monkeypatch.setattr("documents.formats.plain.csv.write_clean", fail)
    hiding = hide(message.as_bytes(), "x.eml")
    assert "1 attachment was removed." in hiding.cleaned.removed
    assert "[Removed attachment: a.csv (text/csv)]" in bodies(hiding.cleaned.content)[-1]


def test_a_boundary_ends_no_part_early() -> None:
    body = "--=_1_\n--=_1.1_--\nFrom: x\n.\n"
    content = hide(mail(body).as_bytes(), "x.eml").cleaned.content
    assert bodies(content) == [body]


def test_a_short_name_in_coded_bytes_is_no_survivor() -> None:
    message = mail("Dear Li\n")
    message.add_attachment(
        bytes(range(256)) * 100 + b"x,Li\n", maintype="text", subtype="csv", filename="a.csv"
    )
    assert hide(message.as_bytes(), "x.eml", "Li").is_clean


def test_the_clean_mail_is_still_a_mail() -> None:
    content = hide(full(), "x.eml", CANARY).cleaned.content
    assert kinds.kind_of(content, "x") is Kind.EML
    checks = eml.verify(content, HiddenValues([], ""), options=ReadOptions())
    assert {check.name for check in checks} >= {"fields", "texts", "pages", "attachments"}
