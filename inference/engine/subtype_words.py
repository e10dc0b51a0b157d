"""The words that tell a subtype, by category; separated by bars, as written (folded before use)."""

from __future__ import annotations

from collections.abc import Mapping

# Where the category itself says it all.
ALWAYS: Mapping[str, str] = {"private_email": "EMAIL", "private_phone": "PHONE"}

_BORN = (
    "born|born on|date of birth|dob|d.o.b.|birth date|birthdate|birthday"
    "|geboren|geboren am|geb.|geburtsdatum|geburtstag|né le|née le|né|née|né(e) le"
    "|date de naissance"
    "|nacido|nacida|nacido el|nacida el|fecha de nacimiento|f. nac.|f. nacimiento|nacimiento"
    "|nato il|nata il|nato|nata|data di nascita|nascido|nascida|nascido em|data de nascimento"
    "|nascimento|geboren op|geboortedatum|geb. datum|urodzony|urodzona|data urodzenia|ur."
    "|född|födelsedatum|født|fødselsdato|syntynyt|syntymäaika|synt.|narozen|narozena"
    "|datum narození|nar.|narodený|narodená|dátum narodenia|született|születési idő|szül."
    "|născut|născută|data nașterii|rođen|rođena|datum rođenja|rojen|rojena|datum rojstva"
    "|doğum tarihi|d. tarihi|gimė|gimimo data|dzimis|dzimusi|sündinud|sünniaeg"
    "|родился|родилась|дата рождения|народився|народилася|дата народження|роден|родена"
    "|дата на раждане|рођен|датум рођења|γεννήθηκε|γεννηθείς|ημερομηνία γέννησης|ημ. γέννησης|γεν."
    "|出生日期|出生于|出生於|生于|生於|出生|生日|生年月日|誕生日|생년월일|생일|출생"
    "|जन्म तिथि|जन्मतिथि|जन्म|تاريخ الميلاد|تاريخ الولادة|مولود|ولد في|متولد|תאריך לידה|נולד|נולדה"
    "|วันเกิด|เกิดวันที่|เกิดเมื่อ|ngày sinh|sinh ngày|sinh năm|tanggal lahir|tgl lahir|lahir"
    "|tarehe ya kuzaliwa|alizaliwa"
)

BEFORE: Mapping[str, Mapping[str, str]] = {
    "private_date": {"DATE_OF_BIRTH": _BORN},
    "private_url": {"IP_ADDRESS": "ip|ip address|ipv4|ipv6|ip-adresse|adresse ip|dirección ip"},
    "account_number": {
        "SSN": "ssn|social security|social security number|soc sec",
        "CREDIT_CARD": (
            "credit card|debit card|card number|card no|visa|mastercard|amex|american express"
            "|kreditkarte|kartennummer|carte de crédit|carte bancaire|numéro de carte"
            "|tarjeta de crédito|tarjeta|número de tarjeta|carta di credito|numero di carta"
            "|cartão de crédito|cartão|creditcard|kaartnummer|karta kredytowa|numer karty"
            "|kreditkort|kortnummer|luottokortti|kredi kartı|kart numarası|номер карты|карта"
            "|信用卡|卡号|银行卡|クレジットカード|カード番号|신용카드|카드번호|카드 번호"
            "|क्रेडिट कार्ड|بطاقة الائتمان|رقم البطاقة|כרטיס אשראי"
        ),
        "CVV": "cvv|cvc|security code|prüfnummer|cryptogramme",
        "IBAN": "iban",
        "BIC": "bic|swift|bic/swift|swift code",
        "BANK_ACCOUNT": (
            "account|account number|account no|acct|bank account|routing number|sort code|konto"
            "|kontonummer|konto-nr|bankverbindung|blz|compte|numéro de compte|rib|cuenta"
            "|número de cuenta|conto|numero di conto|conta|número da conta|agência|rekening"
            "|rekeningnummer|numer konta|nr konta|rachunek|numer rachunku|kontonr|tilinumero"
            "|číslo účtu|bankszámlaszám|hesap|hesap no|номер счета|счет|р/с|рахунок|账号|账户"
            "|银行账号|帳號|口座|口座番号|계좌|계좌번호|खाता|खाता संख्या|حساب|رقم الحساب|חשבון"
            "|số tài khoản|nomor rekening|λογαριασμός|αριθμός λογαριασμού"
        ),
        "PASSPORT": (
            "passport|passport number|passport no|reisepass|reisepassnummer|passnummer|passeport"
            "|numéro de passeport|pasaporte|número de pasaporte|passaporto|passaporte|paspoort"
            "|paspoortnummer|paszport|numer paszportu|passi|útlevél|pașaport|pasaport|паспорт"
            "|номер паспорта|διαβατήριο|护照|護照|护照号|パスポート|旅券番号|여권|여권번호"
            "|पासपोर्ट|جواز السفر|דרכון|hộ chiếu|paspor|หนังสือเดินทาง"
        ),
        "DRIVER_LICENSE": (
            "driver's license|drivers license|driver license|driver's licence|driving licence"
            "|driving license|dl number|führerschein|führerscheinnummer|permis de conduire"
            "|numéro de permis|permiso de conducir|carnet de conducir|licencia de conducir"
            "|patente di guida|patente|carta de condução|cnh|rijbewijs|rijbewijsnummer"
            "|prawo jazdy|körkort|førerkort|kørekort|ajokortti|řidičský průkaz|jogosítvány"
            "|ehliyet|водительское удостоверение|права|驾驶证|驾照|運転免許|運転免許証|운전면허"
            "|운전면허번호|ड्राइविंग लाइसेंस|رخصة القيادة|άδεια οδήγησης"
        ),
        "TAX_ID": (
            "tax id|tax number|tin|itin|ein|taxpayer id|steuer-id|steuernummer|steuer-nr"
            "|numéro fiscal|numéro d'identification fiscale|nif|rfc|cuit|cuil|codice fiscale|cf"
            "|contribuinte|nip|fiscaal nummer|inn|инн|αφμ|税号|納税者番号|사업자등록번호|vergi no"
            "|ruc|nit|pan|tfn|рнокпп|ΔΟΥ"
        ),
        "VAT_ID": (
            "vat|vat number|vat id|vat no|ust-idnr|ust-id|umsatzsteuer-id|tva|n° tva"
            "|numéro de tva|nif-iva|partita iva|p. iva|p.iva|iva|btw|btw-nummer|nip ue|momsnr"
            "|moms|ндс|增值税号"
        ),
        "NATIONAL_ID": (
            "national id|national id number|identity card|id card|id number|identity number|id no"
            "|personalausweis|ausweisnummer|ausweis|carte d'identité|cni|nir|insee|dni|nie|curp"
            "|cédula|documento de identidad|carta d'identità|cpf|rg|cartão de cidadão|bsn"
            "|burgerservicenummer|pesel|dowód osobisty|numer dowodu|personnummer|cpr|fødselsnummer"
            "|henkilötunnus|hetu|rodné číslo|cnp|oib|jmbg|egn|егн|t.c. kimlik no|kimlik no|amka"
            "|αμκα|αδτ|снилс|身份证|身份证号|身份证号码|身分證|マイナンバー|個人番号|주민등록번호"
            "|주민번호|आधार|आधार संख्या|aadhaar|الرقم القومي|رقم الهوية|תעודת זהות|cccd|cmnd|nik"
            "|ktp|เลขประจำตัวประชาชน"
        ),
        "HEALTH_ID": (
            "mrn|medical record|medical record number|patient id|patient number|patient no"
            "|health insurance number|insurance number|insurance id|member id|nhs|nhs number"
            "|medicare|krankenversichertennummer|versichertennummer|patientennummer"
            "|krankenkasse|numéro de sécurité sociale|sécurité sociale|numéro de patient"
            "|historia clínica|nhc|nass|número de la seguridad social|tarjeta sanitaria"
            "|tessera sanitaria|número de utente|sns|patiëntnummer|numer pacjenta|полис|омс"
            "|病历号|住院号|医保卡号|社保号|カルテ番号|保険証番号|환자번호|건강보험번호"
        ),
        "EMPLOYEE_ID": (
            "employee id|employee number|employee no|emp id|staff id|badge|personalnummer"
            "|mitarbeiternummer|matricule|número de empleado|matricola|personeelsnummer"
            "|numer pracownika|табельный номер|工号|员工编号|社員番号|사번|사원번호"
        ),
        "CUSTOMER_ID": (
            "customer id|customer number|customer no|client id|client number|membership number"
            "|member number|student id|user id|kundennummer|kunden-nr|mitgliedsnummer"
            "|matrikelnummer|numéro client|n° client|número de cliente|codice cliente"
            "|número do cliente|klantnummer|lidnummer|numer klienta|kundnummer|asiakasnumero"
            "|müşteri no|номер клиента|客户编号|会员号|学号|会員番号|お客様番号|고객번호|회원번호"
        ),
        "POLICY_NUMBER": (
            "policy|policy number|policy no|claim number|versicherungsscheinnummer|police"
            "|numéro de police|numéro de contrat|póliza|número de póliza|polizza|apólice"
            "|polisnummer|numer polisy|номер полиса|保单号|証券番号|증권번호"
        ),
        "CASE_NUMBER": (
            "case|case number|case no|application no|application number|application nos"
            "|request id|docket|aktenzeichen|az.|requête|requête no|requête n|numéro de dossier"
            "|expediente|demanda|número de expediente|processo|número do processo|zaaknummer"
            "|sygnatura akt|номер дела|案件编号|事件番号|사건번호"
        ),
        "LICENSE_PLATE": (
            "license plate|licence plate|plate|plate number|number plate|registration number"
            "|kennzeichen|amtliches kennzeichen|immatriculation|plaque|matrícula|placa|targa"
            "|kenteken|numer rejestracyjny|nr rej.|registreringsnummer|rekisteritunnus|spz|rendszám"
            "|plaka|госномер|номер машины|车牌|车牌号|ナンバープレート|차량번호|πινακίδα"
        ),
        "VEHICLE_ID": "vin|vehicle identification number|fahrgestellnummer|numéro de châssis"
        "|número de bastidor|telaio|chassis|车架号",
        "DEVICE_ID": "imei|meid|serial number|device id|seriennummer|udid",
        "MAC_ADDRESS": "mac|mac address|mac-adresse|adresse mac|dirección mac|hwaddr",
        "CRYPTO_WALLET": "wallet|bitcoin|btc|ethereum|eth|wallet address|monero|solana|钱包"
        "|кошелек|кошелёк|ウォレット|지갑",
        "USERNAME": "username|user name|login name|benutzername|nom d'utilisateur|identifiant"
        "|usuario|nombre de usuario|nome utente|utilizador|usuário|gebruikersnaam"
        "|nazwa użytkownika|användarnamn|имя пользователя|логин|用户名|帳號名稱|ユーザー名|아이디",
    },
    "secret": {
        "PASSWORD": (
            "password|passwd|passphrase|pwd|pass|pw|passwort|kennwort|mot de passe|mdp|contraseña"
            "|clave|senha|palavra-passe|wachtwoord|hasło|heslo|salasana|lösenord|adgangskode"
            "|passord|jelszó|parolă|parola|şifre|lozinka|пароль|парола|κωδικός|κωδικός πρόσβασης"
            "|密码|密碼|口令|パスワード|비밀번호|암호|पासवर्ड|كلمة المرور|كلمة السر|סיסמה"
            "|mật khẩu|kata sandi|รหัสผ่าน"
        ),
        "PIN": (
            "pin|pin code|otp|one-time code|verification code|security code|2fa code|passcode"
            "|bestätigungscode|sicherheitscode|tan|code de vérification|code secret"
            "|código de verificación|codice di verifica|código de verificação|verificatiecode"
            "|kod weryfikacyjny|код подтверждения|пин-код|验证码|認証コード|暗証番号|인증번호"
        ),
        "API_KEY": (
            "api key|api-key|api_key|apikey|access key|access_key|accesskey|aws_access_key_id"
            "|secret key|secret_key|api-schlüssel|clé api|clé d'api|clave api|chave de api"
            "|chiave api|klucz api|api-sleutel|ключ api|api ключ|api 密钥|密钥|APIキー|api 키"
        ),
        "TOKEN": (
            "token|access token|refresh token|auth token|bearer|authorization|session|cookie"
            "|session id|jeton|токен|令牌|トークン|토큰"
        ),
        "PRIVATE_KEY": "private key|private_key|privater schlüssel|clé privée|clave privada"
        "|chiave privata|chave privada|klucz prywatny|закрытый ключ|私钥|秘密鍵|개인키",
        "SEED_PHRASE": "seed phrase|recovery phrase|mnemonic|seed|助记词",
    },
}

# What may follow the value.
AFTER: Mapping[str, Mapping[str, str]] = {
    "private_date": {
        "DATE_OF_BIRTH": "生まれ|生|出生|출생|생|г.р.|года рождения|г. рождения|р.н."
        "|року народження|doğumlu|tarihinde doğdu|में जन्म|dob|birth"
    },
}
