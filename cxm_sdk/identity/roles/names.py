"""What columns are called in the wild, in many languages, and what each name speaks for.

Names are written as words and compared without spaces, case and accents: "first name" stands for firstName,
FIRST_NAME, first-name and firstname alike.
"""

from __future__ import annotations

__all__ = [
    "IDENTIFIER_NAMES",
    "ID_ENDINGS",
    "NOISE_WORDS",
    "NOT_PERSONS",
    "OTHER_PARTIES",
    "OWN_WORDS",
    "RECORD_ID_NAMES",
    "ROLE_NAMES",
    "TRUTH_NAMES",
    "UNUSED_NAMES",
    "VAGUE_WORDS",
    "WEAK_COMPANY_NAMES",
    "WORKPLACE_WORDS",
]

ROLE_NAMES: dict[str, str] = {
    "first_name": """
        vorna, first nam, first name, firstname, fname, f name, first, given name, givenname, given names,
        given, forename, fore name, forenames, christian name, name first, first nm, fst name, frst nm,
        gname, preferred name, preferred first name, nickname, nick name, known as, goes by, called name,
        legal first name, first name en, first name local, vorname, vornamen, rufname, prenom, prenoms,
        petit nom, nombre de pila, primer nombre, nombres, nome proprio, primeiro nome, prenome,
        nome de batismo, voornaam, roepnaam, fornavn, fornamn, tilltalsnamn, etunimi, imie, jmeno,
        krestni jmeno, keresztnev, utonev, prenume, ime, vardas, vards, eesnimi, onoma, имя, имен, име,
        імя, όνομα, 名, 名字, 名前 名, 이름, adi, ad, isim, الاسم الأول, שם פרטי, नाम पहला, ชื่อ, ten""",
    "middle_name": """
        middle name, middlename, mname, m name, middle, middle names, middle initial, middleinitial, mi,
        m i, mid name, middle init, initial, initials, minit, second name, second given name,
        additional name, zweiter vorname, zweitname, deuxieme prenom, segundo nombre, secondo nome,
        nome do meio, tussenvoegsel, mellomnavn, mellannamn, mellemnavn, отчество, patronymic, otchestvo,
        por tento""",
    "last_name": """
        nachn, maiden, nom de jeune fille, last nam, last name, lastname, lname, l name, last, surname,
        sur name, family name, familyname, family, name last, last nm, lst name, lst nm, sname,
        legal last name, maiden name, birth name, name at birth, previous surname, former name,
        former last name, nachname, familienname, zuname, geburtsname, madchenname, nom, nom de famille,
        nom usage, nom naissance, nom de naissance, nom patronymique, apellido, apellidos,
        primer apellido, segundo apellido, apellido paterno, apellido materno, second surname,
        second last name, cognome, sobrenome, apelido, ultimo nome, achternaam, familienaam, etternavn,
        efternavn, efternamn, slektsnavn, sukunimi, nazwisko, prijmeni, priezvisko, vezeteknev, csaladnev,
        nume, nume de familie, prezime, priimek, pavarde, uzvards, perekonnanimi, eponymo, фамилия,
        прізвище, презиме, επώνυμο, 姓, 氏, 성, soyadi, soyad, soyisim, اسم العائلة, שם משפחה, นามสกุล, ho""",
    "full_name": """
        full name, fullname, complete name, display name, displayname, whole name, name full, person name,
        customer full name, customer name, cust name, client name, contact name, patient name,
        member name, guest name, account holder, account holder name, card holder, cardholder name,
        passenger name, subscriber name, applicant name, recipient name, addressee, person, full nm,
        vollstandiger name, vollname, voller name, kundenname, nom complet, nom prenom, nom et prenom,
        prenom nom, nombre completo, nombre y apellidos, nombre y apellido, nombres y apellidos,
        nome completo, nome e cognome, nominativo, volledige naam, fullt navn, koko nimi, imie i nazwisko,
        cele jmeno, teljes nev, фио, полное имя, 姓名, 氏名, 名前, お名前, 성명, ad soyad, adi soyadi,
        الاسم الكامل, الاسم, שם מלא, ho ten, ho va ten, นาม""",
    "suffix": """
        suffix, name suffix, generation, generational suffix, name generation, sfx, suffix name,
        gen suffix, namenszusatz, jr sr""",
    "birth_date": """
        gbdat, data nasc, dob yyyymmdd, dob mmddyyyy, dob ddmmyyyy, birth dt tm, data ur, geb,
        date of birth, dateofbirth, birth date, birthdate, birthday, birth day date, dob, d o b,
        date birth, birth dt, bdate, b date, bday, born, born on, date born, dt birth, dobirth, birth,
        day of birth full, dob dt, dob date, geburtsdatum, geb datum, gebdat, geb dat, geburtstag,
        geboren, geboren am, gebdatum, date de naissance, date naissance, datenaissance, naissance, ddn,
        ne le, fecha de nacimiento, fecha nacimiento, fechanacimiento, fec nac, fecnac, fecha nac,
        f nacimiento, nacimiento, data di nascita, data nascita, datanascita, nascita, data de nascimento,
        data nascimento, dt nasc, dt nascimento, nascimento, geboortedatum, geboorte, fodselsdato,
        fodselsdag, fodelsedatum, fodelsedag, syntymaaika, data urodzenia, datum narozeni, narozeni,
        datum narodenia, szuletesi datum, szuletesi ido, data nasterii, datum rodenja, datum rojstva,
        gimimo data, dzimsanas datums, sunniaeg, дата рождения, дата народження, дата на раждане,
        ημερομηνία γέννησης, 生年月日, 出生日期, 生日, 誕生日, 생년월일, 생일, dogum tarihi,
        تاريخ الميلاد, תאריך לידה, ngay sinh, วันเกิด, tanggal lahir, tgl lahir, tarikh lahir, जन्म तिथि""",
    "birth_day": """
        day of birth, dob day, dob d, dob dd, birthdate day, date of birth day, bd, geburtstag tag,
        jour naissance, dia nacimiento, dia nascimento, b day""",
    "birth_month": """
        birth month, month of birth, dob month, dob m, dob mm, dob mon, birthdate month,
        date of birth month, bm, geburtsmonat, mois naissance, mes nacimiento, mes nascimento, b month""",
    "birth_year": """
        birth year, year of birth, yob, dob year, dob y, dob yr, dob yyyy, birthdate year,
        date of birth year, by, year born, born year, geburtsjahr, jahrgang, annee naissance,
        annee de naissance, ano nacimiento, ano de nacimiento, anno di nascita, anno nascita,
        ano nascimento, ano de nascimento, geboortejaar, fodselsar, fodelsear, rok urodzenia,
        год рождения, b year, 出生年""",
    "sex": """
        gender mf, sex mf, sex, gender, gender code, sex code, gndr, sex cd, gender cd, gender identity,
        biological sex, m f, mf, male female, geschlecht, sexe, genre, civilite sexe, sexo, genero, sesso,
        genere, geslacht, kjonn, kon, sukupuoli, plec, pohlavi, pohlavie, nem, spol, lytis, dzimums, пол,
        стать, φύλο, 性別, 性别, 성별, cinsiyet, الجنس, מין, gioi tinh, เพศ, jenis kelamin, jantina""",
    "email": """
        smtp addr, e mail privat, email, e mail, mail, email address, e mail address, emailaddress,
        mail address, emailaddr, email addr, e mail addr, eml, email id, mailid, primary email,
        contact email, email primary, email main, email home, email work, email personal, electronic mail,
        email value, emails, e mails, email contact, mailadresse, e mail adresse, email adresse,
        emailadresse, adresse mail, adresse email, adresse e mail, adresse electronique, courriel, mel,
        correo, correo electronico, correoelectronico, direccion de correo, dir correo, email cliente,
        indirizzo email, posta elettronica, endereco de email, correio eletronico, e post, epost,
        epostadresse, e postadress, sahkoposti, adres email, adres e mail, poczta, e mailova adresa,
        email cim, e pasts, el pastas, электронная почта, почта, эл почта, имейл, ел пошта, メール,
        メールアドレス, 邮箱, 电子邮件, 電子郵件, 이메일, e posta, eposta, البريد الإلكتروني, אימייל,
        דואל, อีเมล, surel""",
    "phone": """
        telf1, telf2, tel mob, ph number, phone e164, e164, full phone, tel privat, car phone, phone,
        telephone, tel, phone number, phone no, phone nr, phone num, phonenumber, telephone number,
        telephone no, tel no, tel nr, tel number, telno, telnr, tel num, ph, ph no, ph num, phn,
        contact number, contact no, contact phone, daytime phone, evening phone, day phone, night phone,
        home phone, phone home, home tel, landline, land line, fixed line, work phone, phone work,
        business phone, office phone, phone main, main phone, primary phone, phone primary,
        alternate phone, alt phone, other phone, secondary phone, mobile, mobile phone, mobile number,
        mobile no, mobile nr, mobilephone, mob, mob no, mob num, mobileno, cell, cell phone, cellphone,
        cell number, cell no, cellular, msisdn, sms number, sms, sms phone, whatsapp, whatsapp number,
        callback number, callback no, callback nr, callback phone, callback, call back number, call back no,
        calling number, reply number, daytime number, evening number, best number, number to call,
        phone mobile, phone cell, phones, gsm, gsm no, callerid, caller id, caller number, ani, telefon,
        telefonnummer, telefon nr, telefonnr, tel mobil, telefon privat, telefon mobil, festnetz,
        festnetznummer, rufnummer, mobil, mobilnummer, mobil nr, mobiltelefon, handy, handynummer,
        handy nr, telephone portable, portable, num tel, numero telephone, numero de telephone, no tel,
        tel portable, tel fixe, tel mobile, telephone fixe, telephone mobile, mobile telephone, telefono,
        numero de telefono, num telefono, telefono movil, movil, celular, telefono celular, telefono fijo,
        telefono casa, tfno, tlf, tlfn, tlf nr, cellulare, numero di telefono, telefono cellulare,
        recapito telefonico, telefone, fone, numero de telefone, telemovel, celular numero, telefoon,
        telefoonnummer, mobiel, mobiele nummer, mobielnummer, gsm nummer, telefonnummer mobil,
        mobiltelefonnummer, mobilnr, puhelin, puhelinnumero, matkapuhelin, nr telefonu, telefon komorkowy,
        numer telefonu, komorka, telefonni cislo, telefonne cislo, telefonszam, numar telefon,
        numar de telefon, broj telefona, telefonas, телефон, номер телефона, мобильный, мобильный телефон,
        τηλέφωνο, κινητό, 電話, 電話番号, 携帯, 携帯電話, 手机, 手机号, 手机号码, 电话, 电话号码, 전화,
        전화번호, 휴대폰, 핸드폰, telefon numarasi, cep telefonu, cep tel, الهاتف, رقم الهاتف, الجوال,
        טלפון, נייד, dien thoai, so dien thoai, sdt, โทรศัพท์, เบอร์โทร, telepon, no hp, nomor telepon,
        no telepon, no telefon""",
    "street": """
        stras, street and number, street name and number, strasse hausnr, strasse und hausnr, str hausnr,
        str nr, str und nr, calle y numero, rue et numero, via e numero civico, straat en huisnummer,
        street, street name, streetname, street address, streetaddress, street addr, street line, st name,
        strt, address, addr, adr, address 1, address1, addr 1, addr1, adr1, address line 1, address line,
        addressline1, addr line 1, addr line1, addr ln 1, address ln 1, line 1, line1, line 1 address,
        street 1, street1, street line 1, thoroughfare, road, road name, address street, address street 1,
        residential address, home address, mailing address, postal address, full address,
        formatted address, address full, physical address, location address, address text, street full,
        route, strasse, str, strassenname, strasse hausnummer, strasse nr, strasse und hausnummer,
        anschrift, adresse, adresszeile 1, wohnadresse, rue, voie, nom de voie, libelle voie, adresse 1,
        adresse ligne 1, adresse postale, numero et rue, calle, direccion, direccion 1, domicilio,
        via publica, dir, nombre via, nombre de la calle, via, indirizzo, indirizzo 1, residenza, rua,
        endereco, endereco 1, logradouro, morada, straat, straatnaam, adres, gate, gateadresse, vej,
        vejnavn, gata, gatuadress, gatunamn, katu, katuosoite, osoite, ulica, ulice, utca, cim, strada,
        adresa, adresas, gatve, iela, tanav, улица, адрес, адреса, вулиця, οδός, διεύθυνση, 住所, 住所1,
        番地, 地址, 街道, 주소, 도로명주소, adres satiri, sokak, cadde, العنوان, الشارع, כתובת, רחוב,
        dia chi, duong, ที่อยู่, alamat, jalan, पता""",
    "house_number": """
        house number, house no, house nr, house num, housenumber, house, hno, house nbr, street number,
        street no, street nr, street num, streetnumber, streetno, st no, st num, street nbr,
        number street, building number, building no, bldg no, civic number, address number,
        premise number, property number, hausnummer, haus nr, hausnr, hnr, hsnr, nr haus, numero de rue,
        numero rue, numero voie, num rue, num voie, no rue, n voie, numero de la calle, numero exterior,
        num ext, numero calle, num calle, numero civico, n civico, civico, numero porta, huisnummer,
        huisnr, husnummer, husnr, talonumero, numer domu, nr domu, cislo popisne, cislo domu, hazszam,
        numar strada, kucni broj, дом, номер дома, будинок, 門牌, 门牌号, bina no, kapi no, رقم المنزل,
        so nha""",
    "unit": """
        unit, unit number, unit no, unit num, apartment, apartment number, apt, apt no, apt number,
        apt num, aptno, suite, suite number, ste, flat, flat number, flat no, room, room number, floor,
        level, po box, pobox, post office box, p o box, address 2, address2, addr 2, addr2, adr2,
        address line 2, addressline2, addr line 2, addr ln 2, line 2, line2, street 2, street2,
        street line 2, address 3, address3, address line 3, addr3, line 3, address street 2,
        address extra, secondary address, building, building name, adresszusatz, zusatz, adresse 2,
        adresszeile 2, wohnung, wohnungsnummer, stockwerk, postfach, complement adresse, complement,
        complement d adresse, appartement, escalier, boite postale, adresse ligne 2, direccion 2, piso,
        puerta, planta, apartado, numero interior, num int, interno, scala, indirizzo 2, complemento,
        andar, bloco, bus, busnummer, huisnummer toevoeging, toevoeging, postboks, leilighet, lagenhet,
        lgh, mieszkanie, nr mieszkania, nr lokalu, lokal, byt, emelet, ajto, apartament, bloc, scara,
        квартира, кв, корпус, 部屋番号, 住所2, 建物名, 아파트, 상세주소, daire no, daire, شقة""",
    "city": """
        ort01, suburb town, plz ort, zip city, postcode city, location data city name, city, city name,
        cityname, town, town name, towncity, city town, town city, town or city, municipality, locality,
        suburb, suburb name, place, post town, posttown, village, hamlet, cty, residence city,
        city of residence, city or town, place of residence, address city, ort, wohnort, stadt, gemeinde,
        ortsname, stadtname, ville, commune, localite, nom commune, ciudad, poblacion, municipio,
        localidad, ciudad residencia, citta, comune, localita, paese citta, cidade, municipio nome,
        plaats, woonplaats, stad, gemeente, plaatsnaam, by sted, poststed, sted, postort, stad ort,
        bynavn, postnummer by, kaupunki, postitoimipaikka, paikkakunta, miasto, miejscowosc, mesto, obec,
        telepules, varos, oras, localitate, grad, miestas, pilseta, linn, город, населенный пункт, місто,
        град, πόλη, 市, 市区町村, 城市, 市区, 市町村, 도시, 시, sehir, ilce, المدينة, עיר, thanh pho,
        เมือง, kota, bandar, शहर""",
    "postcode": """
        pstlz, postcode, post code, postal code, postalcode, postal, zip, zip code, zipcode, zip5, zip 5,
        zip 4 code, zip plus 4, zip postal code, zip or postal code, zippostal, postal zip, pcode, p code,
        pc, pin code, pincode, pin, eircode, postcd, zip cd, postal cd, post cd, zc, zip postcode, plz,
        postleitzahl, code postal, codepostal, cp, cod postal, codigo postal, codpostal, c postal,
        codigo postal numero, cap, codice postale, codice avviamento postale, cep,
        codigo de endereco postal, postnummer, postnr, post nr, postinumero, kod pocztowy, psc,
        smerovaci cislo, iranyitoszam, irsz, cod postal numar, postanski broj, postna stevilka,
        pasto kodas, pasta indekss, sihtnumber, индекс, почтовый индекс, поштовий індекс, пощенски код,
        ταχυδρομικός κώδικας, 郵便番号, 邮编, 邮政编码, 郵遞區號, 우편번호, posta kodu, الرمز البريدي,
        מיקוד, ma buu dien, รหัสไปรษณีย์, kode pos, poskod""",
    "state": """
        regio, state abbr, state abbreviation, province abbr, state region, state, state code, state name,
        province, province code, prov, state province, stateprovince, state or province, region,
        region code, county state, st, state cd, administrative area, admin area, territory, bundesland,
        kanton, canton, departement, provincia, comunidad autonoma, estado, uf, provincie, fylke, lan,
        maakunta, wojewodztwo, kraj, megye, judet, oblast, область, регион, край, νομός, 都道府県, 県, 省,
        省份, 州, 도, 시도, il, المحافظة, מחוז, tinh, จังหวัด, provinsi, negeri, राज्य""",
    "country": """
        land1, country region, country, country code, country name, countrycode, nation, ctry, cntry,
        country of residence, residence country, country iso, iso country, country iso2, country iso code,
        address country, land, landcode, lander, staat, pays, code pays, pays de residence, pais,
        codigo pais, paese, nazione, stato, codice paese, landkode, landnavn, maa, kraj zamieszkania,
        panstwo, zeme, krajina, orszag, tara, drzava, salis, valsts, riik, страна, країна, държава, χώρα,
        国, 国家, 國家, 국가, ulke, الدولة, البلد, מדינה, ארץ, quoc gia, ประเทศ, negara, देश""",
    "national_id": """
        stcd1, stceg, drivers lic, driver lic, driving license, taxvat, tax vat number, ssn,
        social security number, social security no, social security, soc sec id, soc sec no, soc sec num,
        soc sec, socsec, social sec number, ss number, ss no, ssn4, ssn last 4, last 4 ssn, itin, tin,
        tax id, taxid, tax number, tax no, tax id number, taxpayer id, tax payer id, fiscal id,
        fiscal code, tax file number, tfn, ein, vat, vat id, vat number, vat no, vat reg no, abn, acn,
        company number, company registration number, registration number company, national id,
        national id number, national identifier, national insurance number, national insurance no,
        ni number, nino, nhs number, nhs no, nhs num, nhs id, chi number, medicare number, medicare no,
        medicare id, medicaid id, medicaid number, health card number, sin, social insurance number,
        passport, passport no, passport number, passport num, passport id, driver license, driver licence,
        drivers license, drivers licence, driver license number, driving licence, driving licence number,
        drivers license number, dl number, dl no, licence number, license number, id card, id card number,
        identity card, identity card number, identity number, id document, government id, gov id,
        citizen id, personal number, personal id number, personal code, personal identity code, aadhaar,
        aadhar, aadhaar number, pan number, pan no, sozialversicherungsnummer, sv nummer, svnr, sv nr,
        rentenversicherungsnummer, rvnr, steuer id, steueridentifikationsnummer, steuernummer, ust id,
        ustid, ustidnr, personalausweis, ausweisnummer, personalausweisnummer, ahv, ahv nr, ahvnummer,
        reisepass, numero securite sociale, num secu, securite sociale, nir, siren, siret, numero fiscal,
        passeport, dni, nif, nie, dni nif, cif, dni nie, numero de documento, numero documento,
        nro documento, num documento, documento identidad, documento de identidad, cedula,
        cedula de identidad, cedula identidad, rut, run, ruc, rfc, curp, cuit, cuil, nss, pasaporte,
        codice fiscale, cod fiscale, codicefiscale, cf, partita iva, p iva, piva, passaporto, cpf, cnpj,
        cpf cnpj, rg, passaporte, bsn, burgerservicenummer, rijksregisternummer, sofinummer, personnummer,
        person nr, fodselsnummer, cpr, cpr nr, cpr nummer, orgnr, organisasjonsnummer, henkilotunnus,
        hetu, pesel, nip, regon, rodne cislo, ico, szemelyi szam, taj szam, cnp, cui, oib, jmbg, emso,
        asmens kodas, personas kods, isikukood, инн, снилс, паспорт, номер паспорта, αφμ, αμκα,
        マイナンバー, 身份证, 身份证号, 身份证号码, 護照, 护照号, 주민등록번호, 주민번호, tc kimlik no,
        tckn, tc kimlik, vergi no, رقم الهوية, الرقم القومي, תעודת זהות, תז, cmnd, cccd, nik, no ktp,
        nric, mykad, hkid""",
    "company": """
        company, company name, companyname, organization, organisation, organization name,
        organisation name, org, org name, orgname, business name, businessname, legal name, legal entity,
        legal entity name, trading name, trade name, trading as, dba, doing business as, firm, firm name,
        corporation, corporate name, account name, accountname, vendor name, supplier name, site name,
        facility, facility name, institution, institution name, establishment, establishment name,
        practice name, school name, store name, shop name, merchant name, venue name, entity name,
        charity name, hospital name, clinic name, restaurant name, restaurant, hotel name,
        organization legal name, firma, firmenname, firmierung, unternehmen, unternehmensname,
        organisationsname, societe, raison sociale, nom entreprise, nom societe, entreprise, denomination,
        denominacion, empresa, nombre empresa, nombre de la empresa, razon social, nombre comercial,
        azienda, ragione sociale, societa, denominazione, razao social, nome fantasia, bedrijf,
        bedrijfsnaam, organisatie, virksomhed, virksomhedsnavn, foretak, foretag, foretagsnamn, bedrift,
        yritys, nazwa firmy, nazev firmy, nazev spolecnosti, cegnev, denumire, naziv, компания,
        организация, наименование, название организации, название компании, επωνυμία, εταιρεία, 会社,
        会社名, 公司, 公司名称, 企业名称, 회사, 회사명, sirket, firma adi, اسم الشركة, שם חברה,
        ten cong ty, บริษัท, perusahaan, nama perusahaan""",
    "name": """
        name, nm, nme, names, the name, naam, navn, namn, nimi, nev, nazwa, nazev, nombre, nome, onomasia,
        isim soyisim, ad soyadi, नाम, nama""",
}
"""Role and its names; ``name`` stands for a name of whom or what only the values tell."""

WEAK_COMPANY_NAMES: str = """
    agency, agency name, brand, brand name, provider, provider name, vendor, supplier, merchant,
    client organisation, client organization, organization 2, parent company, parent organization,
    group name, shop, store, site, school, clinic, hospital, hotel"""
"""Names of an organisation that is often somebody else's: taken when the table has no better one."""

IDENTIFIER_NAMES: dict[str, str] = {
    "user_id": """
        user id, userid, user, user name, username, uid, login, login id, login name, loginname, logon,
        logon id, userkey, user key, user no, user number, user uuid, user guid, app user id, profile id,
        benutzer id, benutzername, benutzer, nutzer id, nutzername, identifiant utilisateur,
        id utilisateur, utilisateur, usuario, id usuario, nome utente, utente, id utente, gebruikersnaam,
        brukernavn, anvandarnamn, пользователь, логин, 用户名, 用户id, ユーザーid, kullanici adi,
        external user id, auth0 id, cognito id, firebase uid""",
    "crm_id": """
        kunnr, partner guid, business partner, business partner id, partner number, crm id, crmid, crm no,
        crm number, crm key, crm contact id, customer id, customerid, customer no, customer nr,
        customer number, customer num, customer key, customer code, customer ref, customer reference,
        customer uuid, customer guid, customer, cust id, custid, cust no, cust nr, custno, cust num,
        cust number, cust key, cust code, cust ref, client no, client nr, client number, client num,
        client code, client ref, contact id, contactid, contact key, person id, personid, person no,
        person key, party id, partyid, party key, individual id, patient id, patientid, patient no,
        patient number, mrn, medical record number, medical record no, hospital number, subscriber id,
        subscriber key, subscriber number, debtor no, debtor id, debtor number, buyer id, guest id,
        consumer id, shopper id, policyholder id, donor id, constituent id, student id, student no,
        student number, employee id, employee no, employee number, staff id, lead id, prospect id,
        sfdc id, salesforce id, salesforce contact id, hubspot id, kunden nr, kundennr, kundennummer,
        kunde nr, kundenid, kunden id, kdnr, kd nr, kundennum, debitor, debitorennummer, personen id,
        personen nr, patienten id, patientennummer, numero client, num client, no client, id client,
        code client, numero de client, ref client, numero de cliente, numero cliente, num cliente,
        id cliente, cod cliente, codigo cliente, nro cliente, codice cliente, id cliente numero,
        numero paziente, cliente, klantnummer, klantnr, klant nr, klant id, kundenummer, kundnummer,
        kundnr, kundenr, asiakasnumero, asiakastunnus, nr klienta, numer klienta, id klienta,
        cislo zakaznika, ugyfelszam, cod client, id klijenta, номер клиента, id клиента, код клиента,
        顧客id, 顧客番号, 客户编号, 客户id, 고객번호, 고객id, musteri no, musteri numarasi, رقم العميل""",
    "loyalty_id": """
        mbr id, mbr no, mbr number, loyalty id, loyaltyid, loyalty no, loyalty nr, loyalty number,
        loyalty card, loyalty card no, loyalty card number, loyalty card id, loyalty member id,
        loyalty account, loyalty account number, loyalty key, membership id, membership no,
        membership number, member id, memberid, member no, member nr, member number, member num,
        member key, rewards id, rewards number, reward number, rewards no, rewards card,
        rewards card number, club card, clubcard, clubcard number, club card no, club id, club number,
        club card number, frequent flyer number, frequent flyer no, ffn, frequent flyer, bonus card,
        bonus card no, bonus card number, store card number, card number, card no, card id, points card,
        treuekarte, treuekartennummer, kundenkarte, kundenkartennummer, kundenkarten nr, bonuskarte,
        mitgliedsnummer, mitglieds nr, mitglied nr, mitgliedsnr, carte fidelite, numero carte fidelite,
        num carte fidelite, numero fidelite, num adherent, numero adherent, tarjeta fidelidad,
        numero tarjeta, numero socio, num socio, carta fedelta, tessera, numero tessera, tessera fedelta,
        cartao fidelidade, klantenkaart, klantenkaartnummer, lidnummer, medlemsnummer, medlemsnr,
        jasennumero, karta lojalnosciowa, номер карты, карта лояльности, 会員番号, 会員id, 会员号,
        会员编号, 회원번호, uye no, uyelik no""",
    "device_id": """
        device id, deviceid, device key, device identifier, device uuid, device token, idfa, idfv, gaid,
        aaid, adid, ad id, advertising id, advertisingid, advertiser id, maid, mobile ad id, android id,
        androidid, imei, udid, hardware id, installation id, install id, instance id, app instance id,
        geraete id, gerate id, push token, registration token, serial number, mac address""",
    "anonymous_id": """
        anonymous id, anonymousid, anon id, anonid, cookie, cookie id, cookieid, cookie uuid, visitor id,
        visitorid, visitor key, domain user id, domain userid, network user id, network userid, fpid,
        fp id, first party id, ecid, mcid, marketing cloud id, ga client id, ga cid, cid, clientid ga,
        user pseudo id, pseudo id, pseudonym, browser id, browserid, web id, webid, tracking id,
        trackingid, amplitude id, mixpanel distinct id, distinct id, distinctid, segment anonymous id,
        guest token, besucher id, visiteur id""",
    "account_id": """
        account id, accountid, account no, account nr, account number, account num, account key, acct id,
        acct no, acct num, acct number, acct, account code, iban, bank account, bank account number,
        billing account, billing account id, billing account number, policy number, policy no, policy id,
        contract number, contract no, contract id, kontonummer, konto nr, kontonr, vertragsnummer,
        vertrag nr, vertragsnr, numero compte, numero de compte, numero contrat, numero de cuenta,
        numero cuenta, num cuenta, cuenta, numero contrato, numero conto, conto, rekeningnummer,
        bankrekening, kontonr bank, nr konta, numer konta, cislo uctu, номер счета, 口座番号, 账号,
        계좌번호, hesap no""",
    "household_id": """
        household id, householdid, household no, household number, household key, hh id, hhid, hh key,
        family id, familyid, haushalt id, haushalts id, haushaltsnummer, foyer id, id foyer, id hogar,
        hogar, id famiglia, huishouden id""",
    "email_sha256": """
        sha256 email address, sha 256 email address, email sha 256 hash, email sha256, email sha 256,
        sha256 email, email hash, emailhash, hashed email, email hashed, hash email, hem,
        email address sha256, email address hash, em hash""",
    "phone_sha256": """
        sha256 phone number, sha 256 phone number, phone sha256, phone sha 256, sha256 phone, phone hash,
        phonehash, hashed phone, phone hashed, hash phone, phone number sha256, phone number hash,
        mobile hash, mobile sha256""",
}
"""Namespace of an identifier and its names."""

RECORD_ID_NAMES: str = """
    id, ids, rec id, recid, record id, recordid, record no, record nr, record number, record key, record,
    row id, rowid, row no, row number, row num, row, rownum, unique id, uniqueid, unique key,
    unique identifier, identifier, uuid, guid, key, pk, primary key, ref, reference, index, idx, unnamed,
    index level, entry id, entry no, entry number, object id, objectid, oid, sys id, sysid, item no, seq,
    seq no, sequence, sequence number, serial, serial no, s no, sno, sl no, line no, line number, no, nr,
    num, number, lfd nr, lfdnr, laufende nummer, lfd nummer, datensatz id, datensatz nr, satznummer,
    satz nr, identifiant, numero, num enregistrement, id registro, identificador, identificativo,
    progressivo, nummer, lopenr, lopnr, номер, номер п п, 番号, 编号, 序号, 번호, sira no, external id,
    externalid, source id, source record id, source key, import id, registration id, doc id, document id"""
"""Names of a record's own number, which means nothing in another source."""

TRUTH_NAMES: str = """
    cluster, cluster id, clusterid, cluster no, cluster number, entity id, entityid, entity, true id,
    trueid, truth, truth id, true entity, true entity id, true cluster, true match, label, labels, target,
    match id, matchid, match group, match group id, match key, matched id, group id, groupid, dup group,
    dupe group, duplicate group, duplicate of, dup of, is duplicate, is dup, is match, match, matched,
    gold, gold id, golden id, golden record id, ground truth, groundtruth, resolved id,
    resolved entity id, linked id, link id, true person id, simulant id, canonical id, master id,
    master record id, golden record"""
"""Names of columns that hold the answer; never read unless the user maps them."""

UNUSED_NAMES: str = """
    car plate, pager, created by id, owner id, department, department name, age, age group, age band,
    age range, alter, edad, eta, idade, leeftijd, title, salutation, honorific, name prefix, prefix,
    prefix name, name title, mr mrs, anrede, titel, akademischer titel, civilite, titre, tratamiento,
    tratamento, titolo, aanhef, обращение, age at registration, fax, fax number, fax no, telefax,
    faxnummer, website, web site, web, url, homepage, web page, webpage, webseite, site web, sitio web,
    link, domain, email domain, mail domain, host, hostname, source, source system, source name,
    source file, src, data source, quelle, origin, origen, file, file name, filename, sheet, system,
    batch, batch id, channel, medium, campaign, campaign name, utm source, status, customer status,
    account status, record status, state status, stage, type, customer type, record type, class, category,
    kategorie, typ, segment, tier, level name, rating, score, rank, grade, priority, risk, flag, active,
    is active, deleted, is deleted, enabled, verified, email verified, email opt in, email opt out,
    opt in, opt out, email status, email valid, email consent, email bounced, sms opt in, sms opt out,
    sms consent, phone opt in, phone type, phone verified, phone valid, mobile opt in, phone consent,
    phone status, phone country code, phone ext, phone extension, ext, extension, area code, dial code,
    calling code, email type, address type, consent, consents, gdpr, subscribed, unsubscribed, newsletter,
    do not call, do not contact, marketing consent, created, created at, created on, created date,
    creation date, create date, date created, created by, updated, updated at, updated on, updated by,
    update date, last updated, modified, modified at, modified by, modified date, last modified,
    last modified date, last modified by, deleted at, timestamp, time, date, datetime, event time,
    event date, time stamp, signup date, sign up date, registration date, registered at, registered on,
    date registered, join date, joined, joined at, joined on, member since, customer since, start date,
    end date, valid from, valid to, valid until, valid thru, expiry date, expiration date, expires,
    effective date, survey date, interview date, visit date, order date, purchase date, payment date,
    invoice date, admission date, discharge date, appointment date, due date, last login, last seen,
    last visit, last purchase, last order date, first seen, first purchase date, hire date, death date,
    date of death, dod, deceased, marriage date, date of marriage, anniversary, year, month, day, week,
    quarter, hour, tax year, fiscal year, season, period, time zone, timezone, tz, locale, language, lang,
    preferred language, sprache, langue, idioma, lingua, taal, currency, wahrung, moneda, devise, wages,
    wage, salary, income, household income, revenue, annual revenue, amount, total, subtotal, price, cost,
    balance, spend, total spent, total spend, lifetime value, ltv, clv, orders, orders count, order count,
    number of orders, quantity, qty, count, visits, points, loyalty points, loyalty tier, loyalty status,
    loyalty level, credit limit, credit score, discount, tax, race, ethnicity, race ethnicity,
    ethnic group, religion, nationality, citizenship, marital status, familienstand, relationship,
    relationship to head, relationship to reference person, housing type, housing status, tax form,
    occupation, job, job title, jobtitle, profession, position, role, function, beruf, education, degree,
    industry, sector, branche, sic code, naics code, number of employees, employees, height, weight,
    blood type, eye color, hair color, smoker, children, number of children, household size, dependents,
    pets, interests, hobbies, preferences, favourite color, favorite color, note, notes, zip4, plus4,
    zip plus 4 only, comment, comments, remark, remarks, description, descr, desc, details, memo, message,
    text, body, subject, bemerkung, bemerkungen, notiz, kommentar, commentaire, commentaires, remarque,
    observaciones, comentarios, note interne, osservazioni, observacoes, opmerking, opmerkingen,
    примечание, комментарий, tags, tag, keywords, history, latitude, longitude, lat, lon, lng, long, geo,
    geom, geometry, coordinates, x coord, y coord, geohash, ip, ip address, ipaddress, ip addr, user ip,
    user ip address, user ipaddress, client ip, remote addr, user agent, useragent, browser, os,
    operating system, platform, device, device type, device model, device name, device brand, model, app,
    app version, version, build, screen, resolution, referrer, referer, page, page url, page title, path,
    query, event, event name, event type, action, session, sessions, fingerprint, user fingerprint,
    device fingerprint, password, passwd, pwd, pass, password hash, salt, secret, token, access token,
    api key, pin hash, security question, photo, picture, image, image url, avatar, avatar url, photo url,
    signature, attachment, county, county name, county fips, fips, fips code, census tract, tract,
    block group, block, neighborhood, neighbourhood, district, ward, constituency, parish, borough,
    continent, msa, metro, dma, zone, area, place of birth, birth place, birthplace, birth city,
    birth country, birth state, city of birth, country of birth, geburtsort, geburtsland,
    lieu de naissance, lieu naissance, lugar de nacimiento, luogo di nascita, naturalidade,
    geboorteplaats, pays de naissance, state of birth"""
"""Names of columns that say nothing of who somebody is."""

OWN_WORDS: str = """
    full no n nr num numero nro de du des della di do da la context card usual addresses emails phones
    customer cust client clnt person persons personal contact user usr member mbr patient guest buyer
    shopper consumer subscriber applicant individual party account acct profile primary prim main default
    home residential residence res current curr cur legal official real billing bill shipping ship
    delivery deliver mailing mail postal post physical permanent perm present registered reg
    correspondence invoice address addr adr adresse location loc my the new old previous prev former
    alternate alt alternative other secondary second first1 private priv mobile cell daytime evening
    details detail data info information attributes attribute attr traits trait properties property props
    prop fields payload record rec value values raw orig original clean cleaned std standardized
    normalized src x t tbl col field kunde kunden klant cliente clientes kontakt privat rechnung rechnungs
    liefer lieferung rechnungsadresse lieferadresse facturation livraison facturacion envio fatturazione
    spedizione to at of holder resident lead prospect student donor voter head owner registrant sf sfdc
    crm dim c f hs shopify insured policyholder claimant respondent participant name contacts customers
    users people identity identities demographics demographic caller callers requester requestor submitter
    complainant enquirer inquirer recipient attendee passenger traveller traveler visitor tenant occupant
    borrower debtor candidate employee worker voter claimant anrufer appelant llamante"""
"""Words before a name that leave its meaning: the record is about this person."""

OTHER_PARTIES: str = """
    employer employers emp employment spouse partner wife husband mother father mothers fathers mom dad
    parent parents guardian emergency nok kin referrer referral referred referer agent doctor physician gp
    dr provider beneficiary child dependent dependant landlord school university college manager
    supervisor boss rep salesrep sales representative advisor adviser assistant attorney lawyer broker
    seller vendor supplier sender creator author assignee assigned created updated modified approver
    approved entered bank insurer insurance carrier witness reference arbeitgeber employeur empleador
    datore werkgever ehepartner vater mutter conjoint padre madre geo ip isp store shop branch merchant
    pickup warehouse dealer clinic hospital maker manufacturer"""
"""Words before a name that make it somebody else's: the employer's city is not the person's."""

WORKPLACE_WORDS: str = """
    company work business office corporate organisation organization org firma buro bureau employer site
    facility"""
"""Words before an address that make it the place of work, used when the table has no other."""

NOISE_WORDS: str = """
    formatted lbl privat private geschaftlich dienstlich professionnel personnel particular residenza
    residencia residence of usual address at number c txt text str string val value raw orig original
    clean cleaned std norm normalized full display primary main home work personal mobile business 1st
    current billing shipping mailing code cd nm desc iso field col en local de la cust customer client
    contact user person"""
"""Words behind a name that leave its meaning."""

VAGUE_WORDS: str = """
    col column field fld var variable value val data attr attribute attrib item info text string str txt
    unnamed x y z v f c a b d e k n contact kontakt contacto number2 misc other extra custom cust key1
    entry content answer question q unknown parameter param p untitled spalte feld colonne champ columna
    campo colonna kolom"""
"""Words that say nothing: only the values can tell."""

NOT_PERSONS: str = """
    website sites write reports store shop branch plan campaign product item sku order orders transaction
    transactions txn trans invoice payment receipt basket cart ticket case event message msg session visit
    page pageview hit click country region state province city county zip postcode status type category
    class group segment channel source batch file job run version tax form currency language lang locale
    department dept division unit team office site location loc warehouse area zone territory cost project
    task program programme course tier level rule policy1 offer coupon promo promotion voucher ad ads
    creative placement keyword query request req trace span log audit tracker platform app application api
    schema table column row model brand vendor supplier merchant manufacturer industry sector sic naics
    calling dial ext extension apt house street building floor room box fips census tract block geo ip
    port url domain host browser os vehicle flight hotel booking reservation shipment parcel tracking
    delivery appointment claim referral referrer owner agent employer provider doctor physician manager
    supervisor rep salesrep parent creator author editor assignee facility practice license licence permit
    equipment asset contract1 subscription subscriptions question answer survey response lead1 list
    segmentation error result consent root base"""
"""Things and happenings with numbers of their own; such a number does not name a person."""

ID_ENDINGS: str = """
    md md5 sha sha1 cd cislo code codice codigo guid hash id identifier ids kennung kennzeichen key nbr no nr
    num number numer numero nummer ref reference token uuid номер 番号 编号"""
"""Last words of the names of identifiers."""
