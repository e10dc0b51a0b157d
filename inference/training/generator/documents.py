"""The kinds of documents: each function writes one, in one language, into a draft.

What a document says about a company (its name, address, order and product numbers, ordinary
dates) is not private; what it says about a person is. Numbers on which labelled sets differ,
such as invoice numbers and a company's own telephone, are written as unsure.
"""

from __future__ import annotations

import json
import random

from inference.training.generator import values
from inference.training.generator.draft import Draft
from inference.training.generator.locale import Locale

PERSON, ADDRESS, PHONE = "private_person", "private_address", "private_phone"
EMAIL, URL, DATE = "private_email", "private_url", "private_date"
ACCOUNT, SECRET = "account_number", "secret"

_CARDS = ("Visa", "Mastercard", "Card no.")


def invoice(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """An invoice from a company to a person or to another company."""
    words, ends = locale.words, rng.choice((": ", ":  ", " ", "\n"))
    letterhead(draft, rng, locale)
    draft.line(words["invoice"].upper() if rng.random() < 0.5 else words["invoice"])
    draft.add(words["invoice"] + rng.choice((" #: ", " no. ", " ")))
    draft.unsure(values.reference(rng)).line()
    draft.field(words["date"], values.date(rng), mark=ends)
    draft.field(words["due"], values.date(rng), mark=ends)
    draft.field(words["order"], values.reference(rng), mark=ends)
    draft.line().line(words["bill_to"] + ":")
    if rng.random() < 0.65:
        person = locale.person(rng)
        draft.line(person.full, PERSON)
        if rng.random() < 0.3:
            draft.line(locale.firm(rng))
        draft.line(locale.home(rng), ADDRESS)
        if rng.random() < 0.6:
            draft.line(values.email(rng, person.given, person.family), EMAIL)
        if rng.random() < 0.4:
            draft.field(words["phone"], locale.phone(rng), PHONE)
    else:
        draft.line(locale.firm(rng)).line(locale.home(rng))
    draft.line()
    _items(draft, rng, locale)
    if rng.random() < 0.4:
        draft.field("IBAN", values.iban(rng), ACCOUNT, mark=ends)
    draft.line(locale.sentence(rng))


def company_letter(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A letter between companies: nothing in it is about a person."""
    letterhead(draft, rng, locale)
    draft.line(values.date(rng)).line()
    draft.line(locale.firm(rng)).line(locale.home(rng)).line()
    for _ in range(rng.randint(2, 6)):
        draft.add(locale.sentence(rng)).add(rng.choice((" ", "\n")))
    draft.line().field(locale.words["order"], values.reference(rng))
    draft.field(locale.words["website"], values.public_url(rng))
    draft.line(locale.words["regards"]).line(locale.firm(rng))


def receipt(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A till receipt: a shop's name and address, things and sums, no person."""
    draft.line(locale.firm(rng).upper()).line(locale.home(rng))
    draft.add("Tel. ").unsure(locale.phone(rng)).line()
    draft.add(values.date(rng)).line(f"  {rng.randint(8, 21)}:{rng.randint(10, 59)}")
    draft.field(locale.words["receipt"], values.digits(rng, rng.randint(4, 8)), mark=" ")
    _items(draft, rng, locale)
    if rng.random() < 0.4:
        draft.field("VISA", "**** **** **** " + values.digits(rng, 4), mark=" ")
    if rng.random() < 0.3:
        draft.add(rng.choice(("Cashier ", "Kasse ", "Caja ", "Op. "))).line(str(rng.randint(1, 9)))


def mail(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """An e-mail with headers and a signature."""
    words = locale.words
    sender, reader = locale.person(rng), locale.person(rng)
    if rng.random() < 0.6:
        draft.add("From: ").add(sender.full, PERSON).add(" <")
        draft.add(values.email(rng, sender.given, sender.family), EMAIL).line(">")
        draft.add("To: ").line(values.email(rng, reader.given, reader.family), EMAIL)
        draft.field("Date", values.date(rng))
        draft.field("Subject", f"{words['order']} {values.reference(rng)}").line()
    draft.add(words["dear"] + " ").add(reader.full, PERSON).line(",")
    for _ in range(rng.randint(1, 4)):
        draft.add(locale.sentence(rng)).add(" ")
    if rng.random() < 0.3:
        draft.line().field(words["password"], values.secret(rng), SECRET)
    draft.line().line(words["regards"] + ",").line(sender.full, PERSON)
    if rng.random() < 0.6:
        draft.line(locale.firm(rng)).line(locale.home(rng))
    draft.add(rng.choice(("Tel. ", "T: ", "M ", words["phone"] + ": ")))
    draft.line(locale.phone(rng), PHONE)
    if rng.random() < 0.4:
        draft.line(values.profile_url(rng, sender.given, sender.family), URL)
    elif rng.random() < 0.5:
        draft.line(values.public_url(rng))


def form(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A filled form about one person, fields in any order."""
    words, person = locale.words, locale.person(rng)
    mark = rng.choice((": ", ":\t", " = ", " | ", ":\n", "："))
    fields = [
        (words["name"], person.full, PERSON),
        (words["address"], locale.home(rng).replace("\n", ", "), ADDRESS),
        (words["phone"], locale.phone(rng), PHONE),
        (words["email"], values.email(rng, person.given, person.family), EMAIL),
        (words["born"], values.date(rng, 1935, 2010), DATE),
        (words["identity"], values.identity(rng), ACCOUNT),
        (words["account"], rng.choice((values.iban, values.identity))(rng), ACCOUNT),
        (rng.choice((*_CARDS, words["account"])), values.card(rng), ACCOUNT),
        (words["password"], values.secret(rng), SECRET),
        (words["date"], values.date(rng), ""),
        (words["order"], values.reference(rng), ""),
        (words["company"], locale.firm(rng), ""),
        (words["website"], values.public_url(rng), ""),
        ("LinkedIn", values.profile_url(rng, person.given, person.family), URL),
        (words["total"], values.amount(rng), ""),
    ]  # fmt: skip
    for name, value, label in rng.sample(fields, rng.randint(4, 10)):
        draft.field(name, value, label, mark)
    draft.line(locale.sentence(rng))


def medical(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A short medical letter."""
    words = locale.words
    draft.line(locale.firm(rng)).line(locale.home(rng)).line()
    draft.add(words["patient"] + ": ").add(locale.person(rng).full, PERSON)
    draft.add(f", {words['born']} ").line(values.date(rng, 1930, 2015), DATE)
    draft.field(words["identity"], values.identity(rng), ACCOUNT)
    draft.line(locale.sentence(rng))
    draft.line(
        rng.choice(("RR 130/80 mmHg, SpO2 97%, 37.2 °C", "HbA1c 6.1 %, CRP 4 mg/l", "BMI 24.3"))
    )
    draft.add(words["doctor"] + ": ").line(locale.person(rng).full, PERSON)


def chat(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """An exported chat."""
    people = [locale.person(rng) for _ in range(2)]
    for _ in range(rng.randint(3, 8)):
        person = rng.choice(people)
        draft.add(f"[{rng.randint(8, 22)}:{rng.randint(10, 59)}] ")
        draft.add(person.given, PERSON).add(": ")
        said = rng.random()
        if said < 0.15:
            draft.line(locale.phone(rng), PHONE)
        elif said < 0.25:
            draft.line(values.email(rng, person.given, person.family), EMAIL)
        elif said < 0.35:
            draft.line(locale.home(rng).replace("\n", ", "), ADDRESS)
        elif said < 0.42:
            draft.add(locale.words["password"] + " ").line(values.secret(rng), SECRET)
        elif said < 0.5:
            draft.line(values.public_url(rng))
        else:
            draft.line(locale.sentence(rng))


def log(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """Lines of a log, most of them about nobody."""
    for _ in range(rng.randint(4, 12)):
        person = locale.person(rng)
        level = rng.choice(("INFO", "WARN", "ERROR", "DEBUG"))
        module = rng.choice(("app.worker", "http", "db.pool", "auth", "scheduler", "kernel"))
        draft.add(f"{values.instant(rng)} {level} {module}: ")
        kind = rng.random()
        if kind < 0.14:
            draft.add("login user=").line(values.email(rng, person.given, person.family), EMAIL)
        elif kind < 0.2:
            draft.add('sent SMS to "').add(locale.phone(rng), PHONE).line('"')
        elif kind < 0.26:
            draft.add("Authorization: Bearer ").line(values.secret(rng), SECRET)
        else:
            draft.line(_event(rng))


def table(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A CSV or Markdown table, of people or of goods."""
    mark = rng.choice((",", ";", "\t", " | "))
    words, count = locale.words, rng.randint(2, 7)
    if rng.random() < 0.5:
        names = ("name", "email", "phone", "born", "account")
        draft.line(mark.join(words[name] for name in names))
        for _ in range(count):
            person = locale.person(rng)
            full = person.full.replace(",", "")
            draft.add(full, PERSON).add(mark)
            draft.add(values.email(rng, person.given, person.family), EMAIL).add(mark)
            draft.add(locale.phone(rng), PHONE).add(mark)
            draft.add(values.date(rng, 1940, 2008).replace(",", ""), DATE).add(mark)
            draft.line(rng.choice((values.iban, values.identity))(rng), ACCOUNT)
        return
    draft.line(mark.join(words[name] for name in ("order", "company", "date", "item", "total")))
    for _ in range(count):
        row = (
            values.reference(rng), locale.firm(rng), values.date(rng).replace(",", ""),
            _goods(rng), values.amount(rng).replace(",", "."),
        )  # fmt: skip
        draft.line(mark.join(row))


def data(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """JSON, with a person in it or without."""
    person = locale.person(rng)
    private = [
        ("name", person.full, PERSON),
        ("email", values.email(rng, person.given, person.family), EMAIL),
        ("phone", locale.phone(rng), PHONE), ("birthDate", values.date(rng, 1940, 2008), DATE),
        ("address", locale.home(rng).replace("\n", ", "), ADDRESS),
        ("iban", values.iban(rng), ACCOUNT),
        ("api_key", values.secret(rng), SECRET), ("card", values.card(rng), ACCOUNT),
        ("avatar", values.profile_url(rng, person.given, person.family), URL),
    ]  # fmt: skip
    public = [
        ("order", values.reference(rng), ""), ("company", locale.firm(rng), ""),
        ("created_at", values.instant(rng), ""), ("version", values.reference(rng), ""),
        ("docs", values.public_url(rng), ""), ("checksum", values.pattern(rng, "h" * 40), ""),
        ("status", rng.choice(("paid", "open", "ok", "shipped")), ""), ("request_id",
        values.pattern(rng, "hhhhhhhh-hhhh-4hhh-bhhh-hhhhhhhhhhhh"), ""), ("count", "12", ""),
    ]  # fmt: skip
    rows = rng.sample(public, rng.randint(2, 6))
    if rng.random() < 0.6:
        rows += rng.sample(private, rng.randint(1, 6))
        rng.shuffle(rows)
    gap = rng.choice((" ", "\n  ", ""))
    draft.add("{" + gap)
    for number, (name, value, label) in enumerate(rows):
        draft.add(("," + (gap or " ")) if number else "").add(f'"{name}": "')
        draft.add(json.dumps(value, ensure_ascii=False)[1:-1], label).add('"')
    draft.line("\n}" if "\n" in gap else "}")


def prose(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """Sentences with nothing private, the text that must not be flagged."""
    for _ in range(rng.randint(2, 9)):
        draft.add(locale.sentence(rng)).add(rng.choice((" ", " ", "\n")))
        if rng.random() < 0.25:
            draft.add(locale.firm(rng)).add(", ").add(locale.home(rng)).line(".")
        if rng.random() < 0.25:
            draft.line(_event(rng))


def letterhead(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """The sender's own name and address, which are public."""
    draft.line(locale.firm(rng)).line(locale.home(rng))
    if rng.random() < 0.6:
        draft.add(locale.words["phone"] + ": ").unsure(locale.phone(rng)).line()
    if rng.random() < 0.4:
        draft.add(locale.words["email"] + ": ")
        draft.unsure(rng.choice(("info", "office", "billing", "contact")) + "@example.com").line()
    if rng.random() < 0.4:
        draft.line(values.public_url(rng))
    draft.line()


def _items(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """Goods with quantities and sums."""
    rule = rng.choice(("", "-" * 40, "=" * 30))
    draft.line(f"{locale.words['item']}   {locale.words['total']}").line(rule)
    for _ in range(rng.randint(1, 6)):
        dots = rng.choice(("  ", "\t", "....", " x "))
        draft.line(f"{_goods(rng)}{dots}{rng.randint(1, 40)}{dots}{values.amount(rng)}")
    draft.field(locale.words["total"], values.amount(rng), mark=rng.choice((": ", "......", "  ")))


def _goods(rng: random.Random) -> str:
    return rng.choice(
        ("A4 paper 80 g", "USB-C cable 2 m", "Cappuccino", "Bolt M8x40", "Consulting", "Toner 305X",
         "Licence, 12 months", "Oak desk 140x70", "Olive oil 5 l", "Router AX3000", "Training day",
         "Brake pads", "Rice 1 kg", "Hosting plan M", "Filter H13", "Steel tube 42.4x2.6")
    )  # fmt: skip


def _event(rng: random.Random) -> str:
    """Return a technical line with numbers, none of them private."""
    return rng.choice(
        (
            f"GET /api/v1/items/{values.digits(rng, 5)} 200 {rng.randint(1, 900)}ms",
            f"commit {values.pattern(rng, 'h' * 40)}",
            f"job {values.pattern(rng, 'hhhhhhhh-hhhh-4hhh-ahhh-hhhhhhhhhhhh')} finished in 3.2s",
            f"Released {values.reference(rng)} on {values.date(rng)}",
            f'File "/srv/app/views.py", line {rng.randint(1, 900)}, in dispatch',
            f"pip install package=={rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}",
            f"error code 0x{values.pattern(rng, 'hhhhhhhh')} at offset {values.digits(rng, 7)}",
            f"See {values.public_url(rng)} for details.",
            f"Shipment {values.reference(rng)} weighs {rng.randint(1, 900)} kg.",
            f"timeout after {rng.randint(1, 60)}s, retry {rng.randint(1, 5)}/5, queue=default",
            f"ISBN 978-{rng.randint(0, 9)}-{values.digits(rng, 4)}-{values.digits(rng, 4)}-3",
        )
    )
