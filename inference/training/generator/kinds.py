"""All kinds of documents, with their weights."""

from __future__ import annotations

from inference.training.generator import business, documents, sentences

KINDS = (
    (documents.invoice, 3), (documents.company_letter, 2), (documents.receipt, 2),
    (documents.mail, 3), (documents.form, 2), (documents.medical, 1), (documents.chat, 1),
    (documents.log, 1), (documents.table, 2), (documents.data, 1), (documents.prose, 1),
    (business.bank_statement, 2), (business.payslip, 1), (business.policy, 1),
    (business.tax_form, 1), (business.captions, 2), (sentences.news, 14), (sentences.court, 8),
    (sentences.records, 6), (sentences.clean, 14),
)  # fmt: skip
