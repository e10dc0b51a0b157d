"""Numbers by which an organisation knows a person, after the words for them."""

from __future__ import annotations

from collections.abc import Iterator

from inference.engine.folding import fold_words
from inference.engine.rules.finding import LIKELY, Finding, any_of, pattern

# Subtype, how a reason calls it, and the words.
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "EMPLOYEE_ID",
        "employee",
        (
            "employee id",
            "employee number",
            "employee no",
            "emp id",
            "emp. id",
            "staff id",
            "staff number",
            "badge number",
            "payroll number",
            "personalnummer",
            "personalnr",
            "mitarbeiternummer",
            "matricule",
            "numéro de matricule",
            "número de empleado",
            "legajo",
            "matricola",
            "número de funcionário",
            "personeelsnummer",
            "numer pracownika",
            "anställningsnummer",
            "medarbejdernummer",
            "sicil no",
            "табельный номер",
            "工号",
            "员工编号",
            "社員番号",
            "従業員番号",
            "사번",
            "사원번호",
            "कर्मचारी संख्या",
            "رقم الموظف",
        ),
    ),
    (
        "CUSTOMER_ID",
        "customer, member or student",
        (
            "customer id",
            "customer number",
            "customer no",
            "client id",
            "client number",
            "membership number",
            "member number",
            "membership no",
            "loyalty number",
            "frequent flyer number",
            "student id",
            "student number",
            "user id",
            "subscriber number",
            "kundennummer",
            "kundennr",
            "mitgliedsnummer",
            "matrikelnummer",
            "numéro client",
            "numéro de client",
            "numéro d'adhérent",
            "numéro étudiant",
            "número de cliente",
            "número de socio",
            "codice cliente",
            "numero cliente",
            "matricola studente",
            "número do cliente",
            "número de sócio",
            "klantnummer",
            "lidnummer",
            "studentnummer",
            "numer klienta",
            "numer albumu",
            "kundnummer",
            "kundenummer",
            "asiakasnumero",
            "müşteri numarası",
            "öğrenci numarası",
            "номер клиента",
            "客户编号",
            "会员号",
            "学号",
            "会員番号",
            "お客様番号",
            "学籍番号",
            "고객번호",
            "회원번호",
            "학번",
            "ग्राहक संख्या",
            "رقم العميل",
        ),
    ),
    (
        "POLICY_NUMBER",
        "insurance policy or claim",
        (
            "policy number",
            "policy no",
            "claim number",
            "claim no",
            "policennummer",
            "versicherungsscheinnummer",
            "schadennummer",
            "numéro de police",
            "numéro de contrat",
            "numéro de sinistre",
            "número de póliza",
            "numero di polizza",
            "número da apólice",
            "polisnummer",
            "numer polisy",
            "номер полиса",
            "保单号",
            "証券番号",
            "증권번호",
        ),
    ),
    (
        "CASE_NUMBER",
        "request or case",
        (
            "request id",
            "application id",
            "application number",
            "case id",
            "case number",
            "case no",
            "aktenzeichen",
            "vorgangsnummer",
            "numéro de dossier",
            "número de expediente",
            "numero di pratica",
            "número do processo",
            "dossiernummer",
            "zaaknummer",
            "sygnatura akt",
            "номер дела",
            "номер заявки",
            "案件编号",
            "受付番号",
            "접수번호",
        ),
    ),
)
_SUBTYPE = {
    word.lower(): (subtype, name) for subtype, name, words in _KINDS for word in fold_words(*words)
}
_ANNOUNCED = pattern(
    rf"(?:^|[^a-z])({any_of(tuple(_SUBTYPE))})"
    r"(?:[ \t]?(?:[:：#=|]|is|ist|est|es|は|为|是|no\.?|nr\.?)){0,3}[ \t]{0,4}\n?[ \t]{0,4}#?"
    r"([a-z]{0,5}(?:[\-_/.]?[a-z0-9]{1,12}){1,6})",
    ignore_case=True,
)


def find_references(text: str) -> Iterator[Finding]:
    """Yield employee, customer, policy and case numbers that words announce."""
    for match in _ANNOUNCED.finditer(text):
        value = match.group(2)
        end = match.end(2)
        goes_on = text[end : end + 1].isalnum() and text[end].isascii()
        if goes_on or len(value) < 5 or sum(map(str.isdigit, value)) < 4:
            continue
        subtype, name = _SUBTYPE[match.group(1).lower()]
        reason = f"Follows the words for a number of this kind: {name}."
        yield Finding(match.start(2), end, "account_number", subtype, reason, LIKELY)
