"""Words that stand beside the names of columns, or in their place, and what they tell."""

from __future__ import annotations

__all__ = [
    "ID_ENDINGS",
    "NOISE_WORDS",
    "NOT_PERSONS",
    "OTHER_PARTIES",
    "OWN_WORDS",
    "PERSONS",
    "VAGUE_WORDS",
    "WORKPLACE_WORDS",
]

OWN_WORDS: str = """
    full no n nr num numero nro de du des della di do da la context card usual addresses emails phones
    customer cust client clnt person persons personal contact user usr member mbr patient pat guest buyer
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

PERSONS: str = """
    customer client clnt person contact member patient guest buyer shopper purchaser consumer subscriber
    applicant participant attendee passenger traveller traveler visitor resident tenant occupant caller
    requester requestor recipient respondent donor voter student insured policyholder cardholder holder kunde
    kundin klant cliente gast patientin anrufer mieter invite abonne adherent huesped paciente abonado socio
    ospite paziente kund klient gosc pacjent клиент покупатель гость пациент"""
"""Words for the customer: a column of that name may hold names."""

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
    contact user person x y l r left right old new prev previous former alt alternate fake anonymised anonymized
    synthetic masked parsed extracted fixed corrected"""
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
