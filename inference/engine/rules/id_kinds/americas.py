"""Identity numbers of the Americas."""

from __future__ import annotations

from inference.engine.rules.id_kinds.kind import IdKind, digits

AMERICAS = (
    IdKind(
        "SSN",
        "US social security number",
        r"\d{3}-\d{2}-\d{4}",
        "us.ssn",
        "ssn|ssn#|social security|social security number|soc sec|social sec|social insurance",
        digits(9),
    ),
    IdKind(
        "TAX_ID",
        "US taxpayer number",
        r"9\d{2}-[5-9]\d-\d{4}",
        "us.itin",
        "itin|taxpayer id|taxpayer identification number|tin|tax id",
        r"(?:\d{2}-\d{7}|" + digits(9) + ")",
    ),
    IdKind(
        "TAX_ID",
        "US employer number",
        "",
        "",
        "ein|employer identification number|fein",
        r"\d{2}-?\d{7}",
    ),
    IdKind(
        "NATIONAL_ID",
        "Canadian social insurance number",
        r"\d{3}-\d{3}-\d{3}",
        "ca.sin",
        "sin|social insurance number|numéro d'assurance sociale|nas",
        digits(9),
    ),
    IdKind(
        "NATIONAL_ID",
        "Brazilian CPF",
        r"\d{3}\.\d{3}\.\d{3}-\d{2}",
        "br.cpf",
        "cpf",
        digits(11),
        lax=True,
    ),
    IdKind(
        "NATIONAL_ID",
        "Brazilian identity card",
        "",
        "",
        "rg|registro geral|carteira de identidade",
        r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dXx]",
    ),
    IdKind(
        "NATIONAL_ID",
        "Mexican CURP",
        r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d",
        "mx.curp",
        "curp",
        lax=True,
    ),
    IdKind("TAX_ID", "Mexican RFC", r"[A-Z&]{4}\d{6}[A-Z0-9]{3}", "mx.rfc", "rfc"),
    IdKind(
        "TAX_ID",
        "Argentine CUIT",
        r"(?:20|23|24|27)-\d{8}-\d",
        "ar.cuit",
        "cuit|cuil",
        digits(11),
        lax=True,
    ),
    IdKind(
        "NATIONAL_ID",
        "Chilean RUT",
        r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]",
        "cl.rut",
        "rut|run",
        r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]",
        lax=True,
    ),
    IdKind(
        "NATIONAL_ID",
        "Ecuadorian identity number",
        "",
        "ec.ci",
        "cédula|cédula de identidad|cédula de ciudadanía|c.c.|c.i.",
        r"[VE]?-?" + digits(10, 9, 8, 7, 6),
    ),
    IdKind("TAX_ID", "tax number", "", "", "nit|ruc|rif", r"[JVEG]?-?" + digits(11, 10, 9, 8)),
)
