"""Papers with columns and captions: statements, payslips, policies, tax forms.

What identifies a person's contract, vehicle or job is an account number; a number hidden but
for its end, the number of a form and everything of a company is not private.
"""

from __future__ import annotations

import random

from inference.training.generator import values
from inference.training.generator.documents import ACCOUNT, ADDRESS, DATE, EMAIL, PERSON, PHONE
from inference.training.generator.draft import Draft
from inference.training.generator.locale import Locale

_ENTRIES = ("POS PURCHASE", "ATM WITHDRAWAL", "CARD PAYMENT", "DIRECT DEBIT", "STANDING ORDER",
            "SALARY", "ONLINE PAYMENT", "BANK FEE", "DEPOSIT", "REFUND")  # fmt: skip
_EARNINGS = ("Base salary", "Overtime", "Bonus", "Income tax", "Social security", "Health plan",
             "Pension", "Union dues", "Meal allowance", "Net pay", "State tax")  # fmt: skip
_VEHICLES = ("Ford Focus", "Toyota Corolla", "Skoda Octavia", "Kia Rio", "Volvo V60", "Fiat Panda",
             "Mazda 3", "Renault Clio", "Jeep Compass", "Tesla Model 3", "Opel Astra")  # fmt: skip
_COVERS = ("Liability", "Collision", "Theft and fire", "Roadside help", "Dwelling", "Contents",
           "Personal injury", "Glass", "Loss of use", "Medical payments")  # fmt: skip
_BOXES = ("Wages, tips, other pay", "Tax withheld", "Interest paid", "Ordinary dividends",
          "Rents", "Royalties", "Local wages", "Foreign tax paid", "Other income")  # fmt: skip
_CAPTIONS = (
    "Description  Amount  Balance", "Date  Details  Debit  Credit", "Qty  Unit Price  Total",
    "Account Holder", "Named Insured", "Mailing Address", "Name, address and postcode",
    "Last name  First name  Suffix", "Street address (including flat no.)", "City, state, ZIP",
    "Employer's name and address", "Payer's name, street, city", "Current  Year to date",
    "Coverage Summary", "Transaction History", "Terms: Net 30", "For official use only",
    "See instructions on the back", "Signature of applicant  Date", "Page 2 of 4", "Copy B",
    "Remit payment to the address above", "Attach to your return", "Continued on next page",
    "Statement Period", "Opening Balance", "Deductions", "Lender / Loss Payee", "Your Agent",
    "Department  Supervisor  Ext.", "Check no.  Memo", "Prepared by  Approved by",
)  # fmt: skip


def bank_statement(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A bank statement: the bank and the entries are public, the holder is not."""
    bank = f"{locale.firm(rng)} {rng.choice(('Bank', '', 'Savings Bank', 'Credit Union'))}".strip()
    draft.line(bank).line(rng.choice(("", "Deposits are protected by law", locale.home(rng))))
    draft.line(rng.choice(("ACCOUNT STATEMENT", "Statement of account", "Monthly statement")))
    draft.line(f"Period: {values.date(rng)} - {values.date(rng)}").line()
    draft.line(rng.choice(("Account holder", "Holder:", "Customer", locale.words["customer"])))
    _party(draft, rng, locale)
    draft.line(rng.choice(("CURRENT ACCOUNT", "Checking", "Savings account")))
    draft.add(rng.choice(("Account number: ", "Acct no. ", locale.words["account"] + ": ")))
    if rng.random() < 0.5:
        draft.line(values.masked(rng))
    else:
        draft.line(rng.choice((values.iban, values.contract))(rng), ACCOUNT)
    if rng.random() < 0.5:
        draft.add(rng.choice(("Routing: ", "Sort code: "))).line(values.digits(rng, 9), ACCOUNT)
    draft.field("Opening balance", values.amount(rng), mark=_dots(rng))
    draft.field("Closing balance", values.amount(rng), mark=_dots(rng))
    draft.line().line(rng.choice(("Date   Description   Amount   Balance", "DATE DETAILS OUT IN")))
    draft.line(rng.choice(("", "-" * 60)))
    for _ in range(rng.randint(2, 9)):
        draft.add(values.date(rng) + _gap(rng))
        draw = rng.random()
        if draw < 0.15:
            draft.add(rng.choice(("TRANSFER TO ", "FROM "))).add(locale.person(rng).full, PERSON)
        elif draw < 0.45:
            draft.add(f"{rng.choice(_ENTRIES)} {locale.firm(rng)}")
        else:
            draft.add(rng.choice(_ENTRIES))
        draft.line(f"{_gap(rng)}{_signed(rng)}{_gap(rng)}{values.amount(rng)}")
    draft.line().line(f"Thank you for banking with {bank}.")
    draft.add("Questions? Call ").unsure(locale.phone(rng)).line(" any day.")


def payslip(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A payslip: the employer is public, the employee is not."""
    draft.line(locale.firm(rng)).line(locale.home(rng)).line()
    draft.line(rng.choice(("PAYSLIP", "PAY STUB", "Earnings statement"))).line()
    draft.add(rng.choice(("Employee: ", "Employee name:  ", locale.words["employee"] + ": ")))
    draft.line(locale.person(rng).full, PERSON)
    draft.add(rng.choice(("Employee ID: ", "Staff no.: "))).line(values.contract(rng), ACCOUNT)
    draft.add(rng.choice(("SSN (last 4): ", "Tax ID: ")))
    if rng.random() < 0.6:
        draft.line(values.masked(rng))
    else:
        draft.line(values.identity(rng), ACCOUNT)
    draft.add(locale.words["address"] + ": ").line(locale.home(rng).replace("\n", ", "), ADDRESS)
    draft.field("Pay period", f"{values.date(rng)} to {values.date(rng)}")
    draft.field("Pay date", values.date(rng)).line()
    draft.line("EARNINGS").line(
        rng.choice(("Description   Hours   Rate   Current   YTD", "Item  Sum"))
    )
    for name in rng.sample(_EARNINGS, rng.randint(3, 7)):
        draft.line(f"{name}{_gap(rng)}{values.amount(rng)}{_gap(rng)}{values.amount(rng)}")


def policy(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """The first page of an insurance policy."""
    insurer = f"{locale.firm(rng)} {rng.choice(('Insurance', 'Mutual', 'Assurance', ''))}".strip()
    draft.line(rng.choice(("INSURANCE POLICY", "Policy schedule", "Certificate of insurance")))
    draft.line(insurer).line()
    draft.add("Policy number: ").line(values.contract(rng), ACCOUNT)
    draft.field("Period", f"{values.date(rng)} to {values.date(rng)}")
    draft.line().line(rng.choice(("INSURED", "Policyholder", "NAMED INSURED AND ADDRESS")))
    _party(draft, rng, locale)
    if rng.random() < 0.5:
        draft.add("Date of birth: ").line(values.date(rng, 1940, 2005), DATE)
    if rng.random() < 0.6:
        draft.field("Vehicle", f"{rng.randint(2004, 2026)} {rng.choice(_VEHICLES)}")
        draft.add("VIN: ").line(values.chassis(rng), ACCOUNT)
        draft.add("Plate: ").line(values.plate(rng), ACCOUNT)
        draft.add("Driving licence: ").line(values.contract(rng), ACCOUNT)
    else:
        draft.add("Insured property: ").line(locale.home(rng).replace("\n", ", "), ADDRESS)
        draft.line("Year built: " + str(rng.randint(1890, 2024)) + ", brick, 2 floors")
        draft.line("LENDER").line(locale.firm(rng))
        draft.add("Loan number: ").line(values.contract(rng), ACCOUNT)
    draft.line().line("COVER   LIMIT   PREMIUM")
    for name in rng.sample(_COVERS, rng.randint(2, 6)):
        draft.line(f"{name}{_gap(rng)}{values.amount(rng)}{_gap(rng)}{values.amount(rng)}")
    draft.line().line("YOUR AGENT").line(locale.person(rng).full, PERSON)
    draft.add("Phone: ").line(locale.phone(rng), PHONE)
    draft.add(f"To report a claim call {insurer} at ").unsure(locale.phone(rng)).line()


def tax_form(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """A tax form with printed captions around what was filled in."""
    number = values.pattern(rng, rng.choice(("9999", "A-999", "999-A", "AA 99", "9999-B")))
    draft.line(
        f"Form {number} (Rev. {rng.choice(('May', 'January', '03/'))} {rng.randint(2015, 2027)})"
    )
    draft.line(
        f"Approval no. {values.pattern(rng, '9999-9999')}   {rng.randint(2018, 2027)}"
    ).line()
    draft.line(rng.choice(("Payer: name, address, postcode", "Employer's name and address")))
    draft.line(locale.firm(rng)).line(locale.home(rng))
    draft.add(rng.choice(("Payer's tax number: ", "Employer number "))).line(
        values.identity(rng), ACCOUNT
    )
    draft.line(rng.choice(("Recipient's name", "First name and initial   Last name   Suffix")))
    draft.line(locale.person(rng).full, PERSON)
    draft.line(rng.choice(("Street address (with flat number)", "Address and postcode")))
    draft.line(locale.home(rng), ADDRESS)
    draft.add("Taxpayer number   ")
    if rng.random() < 0.4:
        draft.line(values.masked(rng))
    else:
        draft.line(values.identity(rng), ACCOUNT)
    for box, name in enumerate(rng.sample(_BOXES, rng.randint(3, 7)), 1):
        draft.add(f"{box}{rng.choice('  ab')} {name}").add(rng.choice(("\n  ", "   ")))
        draft.line(values.amount(rng))
    draft.line(rng.choice(("Copy B for the recipient", "Keep for your records", "Page 1 of 2")))


def captions(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """An empty form, or what is left of a page without its values."""
    words = list(locale.words.values())
    for _ in range(rng.randint(4, 14)):
        draw = rng.random()
        if draw < 0.4:
            line = rng.choice(_CAPTIONS)
        elif draw < 0.7:
            line = "  ".join(rng.sample(words, rng.randint(1, 4)))
        else:
            line = f"{rng.choice(words)}: {rng.choice(('', '_' * 12, '......', '[ ]', '-'))}"
        draft.line(rng.choice((line, line, line.upper(), line.title())).strip())


def _party(draft: Draft, rng: random.Random, locale: Locale) -> None:
    """The person whom a paper is about."""
    person = locale.person(rng)
    draft.line(person.full, PERSON).line(locale.home(rng), ADDRESS)
    if rng.random() < 0.6:
        draft.field(locale.words["phone"], locale.phone(rng), PHONE)
    if rng.random() < 0.5:
        draft.field("Email", values.email(rng, person.given, person.family), EMAIL)
    draft.line()


def _gap(rng: random.Random) -> str:
    return rng.choice(("  ", "   ", "\t", " | ", " "))


def _dots(rng: random.Random) -> str:
    return rng.choice((": ", "......", "  ", "......... "))


def _signed(rng: random.Random) -> str:
    return rng.choice(("-", "+", "", "- ")) + values.amount(rng)
