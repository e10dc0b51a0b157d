"""Numbers of papers and things that look alike in many countries."""

from __future__ import annotations

from inference.engine.rules.id_kinds.kind import IdKind, digits

ANYWHERE = (
    IdKind(
        "PASSPORT",
        "passport number",
        "",
        "",
        "passport|passport number|passport no|passport #|reisepass|reisepassnummer|passnummer"
        "|passeport|numéro de passeport|pasaporte|número de pasaporte|passaporto|passaporte"
        "|paspoort|paspoortnummer|paszport|pas|pass nr|passi|útlevél|pașaport|pasaport|pasaport no"
        "|паспорт|номер паспорта|διαβατήριο|διαβατηρίου|αριθμός διαβατηρίου"
        "|护照|护照号|護照|パスポート|旅券番号|여권|여권번호|पासपोर्ट|جواز السفر|رقم جواز السفر"
        "|דרכון|hộ chiếu|paspor|หนังสือเดินทาง",
        r"(?:[A-Z]{1,2}[ \-]?\d{6,9}|\d{2}[A-Z]{2}\d{5}|[A-Z]\d{2}[A-Z0-9]{6,7}|\d{8,9}"
        r"|\d{2} ?\d{2} ?(?:№ ?|n )?\d{6}|[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8})",
    ),
    IdKind(
        "DRIVER_LICENSE",
        "driving licence number",
        "",
        "",
        "driver's license|driver’s license|drivers license|driver license|driver's licence"
        "|driving licence|driving license|licence no|license number|dl number|dl no|dl#"
        "|führerschein|führerscheinnummer|permis de conduire|numéro de permis|carnet de conducir"
        "|permiso de conducir|licencia de conducir|patente di guida|carta de condução|cnh|rijbewijs"
        "|rijbewijsnummer|prawo jazdy|körkort|førerkort|kørekort|ajokortti|řidičský průkaz"
        "|jogosítvány|vezetői engedély|permis de conducere|водительское удостоверение"
        "|водійське посвідчення|δίπλωμα οδήγησης|διπλώματος οδήγησης|άδεια οδήγησης|驾驶证|驾照"
        "|運転免許証|운전면허|ehliyet|sürücü belgesi|ड्राइविंग लाइसेंस|رخصة القيادة",
        r"[A-Z]{0,6}\d[A-Z0-9]*(?:[ \-]?[A-Z]{0,4}\d[A-Z0-9]*){0,4}",
    ),
    IdKind("DEVICE_ID", "phone's IMEI", "", "", "imei|imei1|imei2|meid", digits(15, 16)),
    IdKind(
        "VEHICLE_ID",
        "vehicle identification number",
        "",
        "",
        "vin|fahrgestellnummer|numéro de châssis|número de chasis|telaio|chassis no|fin",
        r"[A-HJ-NPR-Z0-9]{17}",
    ),
    IdKind(
        "HEALTH_ID",
        "medical record number",
        "",
        "",
        "mrn|medical record number|medical record no|patient id|patient number|member id"
        "|health insurance number|health card number|insurance id|nhc|historia clínica"
        "|número de historia|patientennummer|krankenversichertennummer|numéro de patient",
        r"[A-Z]{0,3}[\-]?\d(?:[\-]?[\dA-Z]){3,14}",
    ),
)
