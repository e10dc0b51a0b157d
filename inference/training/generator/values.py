"""Random values of every kind, private and not: made up, but in the right form."""

from __future__ import annotations

import random
import string
import unicodedata

_HEX = "0123456789abcdef"
_ALPHANUMERIC = string.ascii_letters + string.digits
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_PUBLIC_SITES = (
    "docs.python.org/3/library/json.html",
    "www.w3.org/TR/xml/",
    "en.wikipedia.org/wiki/Danube",
    "github.com/psf/requests",
    "www.postgresql.org/docs/current/",
    "pypi.org/project/numpy/",
    "ec.europa.eu/eurostat",
    "nodejs.org/en/download",
    "www.iso.org/standard/70907.html",
    "unicode.org/reports/tr15/",
    "www.who.int/news",
    "kernel.org/doc/html/latest/",
)
_MAIL_HOSTS = (
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "proton.me",
    "web.de",
    "orange.fr",
    "mail.ru",
    "163.com",
    "icloud.com",
    "example.org",
    "example.com",
    "libero.it",
    "uol.com.br",
    "naver.com",
)


def digits(rng: random.Random, count: int) -> str:
    """Return `count` random digits, the first not zero."""
    return str(rng.randint(1, 9)) + "".join(rng.choice(string.digits) for _ in range(count - 1))


def pattern(rng: random.Random, form: str) -> str:
    """Fill a form: 9 becomes a digit, A a capital letter, h a hexadecimal digit."""
    kinds = {"9": string.digits, "A": string.ascii_uppercase, "h": _HEX}
    return "".join(rng.choice(kinds[c]) if c in kinds else c for c in form)


def date(rng: random.Random, first: int = 2015, last: int = 2027) -> str:
    """Return a date in one of the common written forms."""
    year, month, day = rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28)
    name = _MONTHS[month - 1]
    return rng.choice(
        (
            f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}",
            f"{month:02}/{day:02}/{year}", f"{day}.{month}.{year}", f"{day:02}.{month:02}.{year}",
            f"{year}/{month:02}/{day:02}", f"{day} {name} {year}", f"{name} {day}, {year}",
            f"{day:02}-{name[:3]}-{year}", f"{day:02}-{month:02}-{year}",
        )
    )  # fmt: skip


def instant(rng: random.Random) -> str:
    """Return a time stamp as logs write it."""
    day = f"{rng.randint(2019, 2027)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    return rng.choice(
        (f"{day} {clock}", f"{day}T{clock}Z", f"{day} {clock},{rng.randint(0, 999):03}",
         f"[{day}T{clock}.{rng.randint(0, 999):03}+00:00]")
    )  # fmt: skip


def card(rng: random.Random) -> str:
    """Return a payment card number with a right check digit, grouped or not."""
    body = rng.choice(("4", "51", "55", "2221", "6011")) + digits(rng, 15)
    body = body[:15]
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(body)]
    check = -sum(d - 9 if d > 9 else d for d in doubled) % 10
    number = body + str(check)
    mark = rng.choice(("", " ", " ", "-"))
    return mark.join(number[i : i + 4] for i in range(0, 16, 4))


def iban(rng: random.Random) -> str:
    """Return an IBAN with right check digits, grouped or not."""
    country, body = rng.choice(
        (("DE", digits(rng, 18)), ("ES", digits(rng, 20)), ("FR", digits(rng, 23)),
         ("NL", pattern(rng, "AAAA9999999999")), ("GB", pattern(rng, "AAAA99999999999999")),
         ("IT", pattern(rng, "A9999999999999999999999")), ("PL", digits(rng, 24)),
         ("GR", digits(rng, 23)), ("TR", pattern(rng, "999990") + digits(rng, 16)))
    )  # fmt: skip
    as_number = "".join(str(int(c, 36)) for c in body + country + "00")
    whole = f"{country}{98 - int(as_number) % 97:02}{body}"
    if rng.random() < 0.5:
        return whole
    return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))


def email(rng: random.Random, given: str, family: str) -> str:
    """Return an e-mail address that fits a name, or any if the name is not Latin."""
    first, last = _latin(given) or pattern(rng, "hhhh"), _latin(family) or digits(rng, 3)
    form = rng.choice(("{0}.{1}", "{0}{1}", "{2}{1}", "{0}_{1}", "{1}.{0}", "{0}{3}", "{2}.{1}{3}"))
    user = form.format(first, last, first[0], rng.randint(1, 99))
    return f"{user}@{rng.choice(_MAIL_HOSTS)}"


def profile_url(rng: random.Random, given: str, family: str) -> str:
    """Return the address of a page about one person, or one that opens only for its owner."""
    name = f"{_latin(given) or 'user'}-{_latin(family) or digits(rng, 5)}"
    token = "".join(rng.choice(_ALPHANUMERIC) for _ in range(20))
    return rng.choice(
        (f"https://www.linkedin.com/in/{name}", f"https://facebook.com/{name}",
         f"https://app.example.com/users/{digits(rng, 6)}/profile",
         f"https://drive.example.com/file/d/{token}/view?usp=sharing",
         f"https://portal.example.org/reset?token={token}", f"https://{name}.example.net/cv")
    )  # fmt: skip


def public_url(rng: random.Random) -> str:
    """Return the address of a public page."""
    return rng.choice(("https://", "https://", "http://", "")) + rng.choice(_PUBLIC_SITES)


def secret(rng: random.Random) -> str:
    """Return a password, key or token."""

    def run(count: int, letters: str = _ALPHANUMERIC) -> str:
        return "".join(rng.choice(letters) for _ in range(count))

    word = rng.choice(("Summer", "dragon", "Qwerty", "Madrid", "Falcon", "hunter", "Sonne"))
    return rng.choice(
        (f"sk_live_{run(24)}", f"ghp_{run(36)}", f"AKIA{run(16, string.ascii_uppercase)}",
         f"xoxb-{digits(rng, 11)}-{run(24)}", f"glpat-{run(20)}", f"SG.{run(22)}.{run(43)}",
         f"eyJhbGciOiJIUzI1NiJ9.{run(40)}.{run(43)}", run(32), run(40, _HEX), run(12),
         f"{word}{rng.randint(1, 2030)}{rng.choice('!#$%*')}", f"{word}-{run(4)}-{run(4)}",
         "".join(rng.choice(_ALPHANUMERIC + "!#$%&*+-?@_") for _ in range(14)))
    )  # fmt: skip


def identity(rng: random.Random) -> str:
    """Return a number by which a person or their account is known."""
    return rng.choice(
        (pattern(rng, "999-99-9999"), pattern(rng, "99999999A"), pattern(rng, "A9999999"),
         digits(rng, 11), digits(rng, 9), pattern(rng, "AA 99 99 99 A"), pattern(rng, "AA999999"),
         pattern(rng, "999.999.999-99"), pattern(rng, "9 99 99 99 999 999 99"),
         pattern(rng, "99 999 999 999"), pattern(rng, "99999999999X"))
    )  # fmt: skip


def contract(rng: random.Random) -> str:
    """Return the number of somebody's policy, loan, membership or file."""
    return rng.choice(
        (pattern(rng, "AAA-99999999"), pattern(rng, "AA9999999999"), digits(rng, 7),
         pattern(rng, "999999/99"), pattern(rng, "EMP99999"), digits(rng, 10),
         pattern(rng, "AA-999999"), pattern(rng, "9999/9999"), pattern(rng, "99999/99"),
         digits(rng, 12), pattern(rng, "A999-9999-9999"))
    )  # fmt: skip


def plate(rng: random.Random) -> str:
    """Return the number plate of a vehicle."""
    return pattern(
        rng, rng.choice(("AAA-9999", "AA 999 AA", "A-AA 999", "AAA999AA", "99 AAA 999", "AA99 AAA"))
    )


def chassis(rng: random.Random) -> str:
    """Return a vehicle identification number: 17 letters and digits without I, O and Q."""
    return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))


def masked(rng: random.Random) -> str:
    """Return a number of which all but the end is hidden already."""
    end = digits(rng, 4)
    return rng.choice(
        (f"****{end}", f"XXX-XX-{end}", f"**** **** **** {end}", f"xxxx{end}", f"...{end}")
    )


def reference(rng: random.Random) -> str:
    """Return a number that names a thing: an order, a product, a ticket, a version, a hash."""
    return rng.choice(
        (pattern(rng, "AA-99999"), f"#{digits(rng, 5)}", pattern(rng, "SKU-9999-A"),
         pattern(rng, "AAA-999"), f"v{rng.randint(0, 12)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}",
         pattern(rng, "hhhhhhh"), pattern(rng, "hhhhhhhh-hhhh-4hhh-ahhh-hhhhhhhhhhhh"),
         pattern(rng, "PO-99999"), f"REF/{digits(rng, 4)}/{rng.randint(2015, 2027)}",
         "sha256:" + pattern(rng, "h" * 64), pattern(rng, "ISO 9999-9"), pattern(rng, "AA9999A"))
    )  # fmt: skip


def amount(rng: random.Random) -> str:
    """Return a sum of money."""
    number = rng.randint(100, 9_999_999) / 100
    plain = rng.choice((f"{number:,.2f}", f"{number:.2f}", f"{number:.2f}".replace(".", ",")))
    return rng.choice(
        (f"${plain}", f"{plain} €", f"€ {plain}", f"£{plain}", plain, f"¥{plain}", f"₹ {plain}",
         f"{plain} EUR", f"USD {plain}")
    )  # fmt: skip


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.lower())
    return "".join(c for c in plain if c in string.ascii_lowercase)
