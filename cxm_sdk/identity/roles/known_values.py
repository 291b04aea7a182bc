"""Short lists of values that tell what a column holds."""

from __future__ import annotations

import unicodedata

__all__ = [
    "COUNTRIES_OF_MONTH_FIRST",
    "MISSING",
    "MONTHS",
    "ORGANISATION_WORDS",
    "SEXES",
    "STATUSES",
    "SUFFIXES",
    "US_STATES",
    "plain_word",
]


def plain_word(text: str) -> str:
    """Folds a value for looking it up in these lists.

    Args:
        text: One value.

    Returns:
        Lower case, without accents, full stops and outer spaces.

    >>> plain_word(" Männlich. ")
    'mannlich'
    """
    if text.isascii():
        return text.lower().replace(".", "").strip()
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter) and letter != ".")
    return unicodedata.normalize("NFC", kept).strip()  # syllables of Hangul are taken apart above


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MISSING = _words(
    "- -- --- . .. ? ?? null none nil n/a na n.a. #n/a nan <na> nat unknown unk undefined missing \\n "
    "(null) [null]"
)
"""Texts that stand for no value, in lower case."""

SEXES = _words(
    "m f male female man woman men women boy girl w d x u o mann frau herr mannlich weiblich divers h "
    "homme femme masculin feminin masculino femenino feminino hombre mujer homem mulher maschio "
    "femmina uomo donna vrouw mannelijk vrouwelijk v kvinne kvinna mand kvinde kobieta mezczyzna k "
    "muz zena erkek kadin e non-binary nonbinary nb other diverse intersex mr mrs ms 男 女 男性 女性 "
    "남 여 남자 여자 남성 여성 м ж муж жен мужской женский ذكر انثى זכר נקבה nam nu"
)
"""Words for the sex of a person."""

SUFFIXES = _words(
    "jr sr i ii iii iv v vi 2nd 3rd 4th junior senior jnr snr filho neto sobrinho pere fils esq"
)
"""Words that tell the generations of a family apart."""

STATUSES = _words(
    "active inactive pending closed open new lead prospect enabled disabled true false yes no y n 0 1 "
    "approved rejected cancelled canceled complete completed draft deleted archived verified "
    "unverified subscribed unsubscribed valid invalid aktiv inaktiv activo inactivo actif inactif "
    "attivo inattivo ok error failed success running paused churned customer former current suspended "
    "blocked live dead trial paid unpaid shipped delivered processing processed"
)
"""Words for the state of an account or a process, not of a country."""

US_STATES = _words(
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny "
    "nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr alabama alaska arizona arkansas "
    "california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa "
    "kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri "
    "montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia "
    "washington wisconsin wyoming"
)
"""States of the United States, codes and names of one word."""

COUNTRIES_OF_MONTH_FIRST = _words("us usa u.s. u.s.a. united-states america")
"""Names of the country that writes the month first."""

MONTHS = _words(
    "jan feb mar apr may jun jul aug sep oct nov dec mai mrz okt dez janv fev avr juin juil aou ene "
    "abr ago dic set out gen mag giu lug ott maj mei maa янв фев мар апр мая май июн июл авг сен окт "
    "ноя дек"
)
"""The first letters of the months."""

ORGANISATION_WORDS = _words(
    "inc incorporated llc llp lp ltd limited plc corp corporation co company companies gmbh ag kg ohg "
    "gbr ug mbh ev eg se sarl sas sa sasu eurl srl spa snc sl slu sociedad ltda eireli bv nv vof cv "
    "ab oy oyj as asa aps a/s sp zoo sro kft zrt bt doo ood ead jsc pjsc ooo оао ооо зао пао kk pty "
    "pte bhd sdn pt tbk holding holdings group gruppe groupe grupo gruppo international global "
    "enterprises enterprise industries partners associates consulting consultants solutions systems "
    "technologies technology services service logistics bank insurance university universitat "
    "universite universidad universita college school schule escuela ecole academy institute institut "
    "instituto hospital klinik clinic clinica center centre centro zentrum church foundation stiftung "
    "fondation fundacion trust society association verein club committee council department agency "
    "ministry authority store stores shop restaurant cafe hotel salon studio pharmacy apotheke dental "
    "medical health healthcare daycare preschool kindergarten nursery montessori learning head-start "
    "museum library theatre theater farm farms bakery brewery plumbing electric construction builders "
    "realty properties auto motors 株式会社 有限会社 公司 有限公司 集团 주식회사"
)
"""Words that names of organisations hold and names of persons hardly do."""
