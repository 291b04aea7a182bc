"""Reads the header of a column: what does its name say?"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cxm_sdk.identity.roles import names, word_lists

__all__ = ["HeaderMatch", "folded_name", "header_words", "is_known_header", "match_header", "says_last_first"]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_WHOLE = frozenset((
    "address", "addr", "adr", "adresse", "fulladdress", "formattedaddress", "anschrift", "direccion",
    "domicilio", "indirizzo", "endereco", "morada", "adres", "adress", "osoite", "adresa", "адрес", "住所", "地址",
    "주소", "alamat", "mailingaddress", "postaladdress", "homeaddress", "residentialaddress",
    "addressfull", "dirección",
))  # fmt: skip
_ADDRESS_ROLES = frozenset(("street", "house_number", "unit", "city", "postcode", "state", "country"))
_NO_IDS = ("paid", "said", "valid", "void", "covid", "android", "madrid", "hybrid", "grid", "liquid")
_POSSESSIVE = re.compile(r"['’]s\b")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SHORTEST_GLUED = 4  # letters of a word that may stand glued before a name, as in "customeremail"


@dataclass(frozen=True)
class HeaderMatch:
    """What the header of a column says.

    Attributes:
        role: A role; ``name`` when only the values tell whose or what name it is; ``record_id``; ``truth``;
            ``unused``; ``vague`` when it says nothing; ``unknown``.
        party: Whose it is when it is not the person's, such as ``employer``; else empty.
        workplace: Whether it is about the place of work.
        weak: Whether a better column of the same role takes its place.
        whole: Whether it may name a whole address rather than its street.
        key: Whether it ends like a number or key, of whatever thing.
    """

    role: str
    party: str = ""
    workplace: bool = False
    weak: bool = False
    whole: bool = False
    key: bool = False


def header_words(header: str) -> list[str]:
    """Splits a header into its words.

    Args:
        header: A column name in any convention.

    Returns:
        Words in lower case, without accents; a number is a word of its own.

    >>> header_words("billingAddress_Line2"), header_words("PrénomClient")
    (['billing', 'address', 'line', '2'], ['prenom', 'client'])
    """
    word = header.strip()
    if word.isascii() and word.isalpha() and word.islower():  # most of thousands of known names are
        return [word]
    plain = _POSSESSIVE.sub("", header.replace("°", "o"))
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join([letter for letter in plain if not unicodedata.combining(letter)])
        plain = unicodedata.normalize("NFC", plain)
    return _WORD.findall(_CAPITAL.sub(" ", plain).casefold().translate(_LETTERS))


def folded_name(header: str) -> str:
    """Writes a header as one name, the same for every convention.

    Args:
        header: A column name in any convention.

    Returns:
        Its words joined with ``_``.

    >>> folded_name("POS Customer-No"), folded_name("posCustomerNo")
    ('pos_customer_no', 'pos_customer_no')
    """
    return "_".join(header_words(header))


def is_known_header(text: str) -> bool:
    """Tells whether a text is known as the name of a column.

    Args:
        text: The text of a cell.

    Returns:
        True when it names a role, an identifier, or something known to be of no use.

    >>> is_known_header("Vorname"), is_known_header("Ada")
    (True, False)
    """
    words = header_words(text)
    return bool(words) and any(
        _known(key) is not None for key in ("".join(words), "".join(_unnumbered(words)))
    )


def says_last_first(header: str) -> bool:
    """Tells whether a header of full names says that the last name stands in front.

    Args:
        header: A column name in any convention.

    Returns:
        True when it does.

    >>> says_last_first("Nom et Prénom"), says_last_first("full_name")
    (True, False)
    """
    return any("".join(body) in _keys("last_first") for _, body in _readings(header_words(header)))


@functools.lru_cache(maxsize=4096)
def match_header(header: str) -> HeaderMatch:
    """Says what the header of a column speaks for.

    Args:
        header: A column name in any convention and language.

    Returns:
        The match.

    >>> match_header("mailing_address_zipcode").role, match_header("employer_city").party
    ('postcode', 'employer')
    """
    words = header_words(header)
    if not words:
        return HeaderMatch("vague")
    for prefix, body in _readings(words):
        role = _known("".join(body))
        if role is None or (
            prefix and role in ("record_id", "truth", "unused", "name") and not _carries(prefix, role)
        ):
            continue
        return _qualified(prefix, body, role)
    if all(word.isdigit() or word in _words("vague") for word in words):
        return HeaderMatch("vague")
    if _is_identifier(words):
        return HeaderMatch("id:" + "_".join(words))
    if _ends_like_name(words) or _is_person(words):
        return HeaderMatch("name", weak=True)
    others = [word for word in words if word in _words("others")]
    return HeaderMatch("unknown", party=others[0] if others else "", key=words[-1] in _words("id_endings"))


def _readings(words: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yields the ways to cut a header into qualifying words and a name, the longest name first."""
    qualifiers = _words("own") | _words("others") | _words("workplace")
    bodies = [words]
    for shorter in (_unnumbered(words), [word for word in words if not word.isdigit()]):
        if shorter and shorter not in bodies:
            bodies.append(shorter)
    for body in bodies:
        yield [], body
    for body in bodies:
        for start in range(1, len(body)):
            if not all(word in qualifiers or word.isdigit() for word in body[:start]):
                break
            yield body[:start], body[start:]
    for body in bodies:  # "email_home", "first_name__c"
        for end in range(len(body) - 1, 0, -1):
            if not all(word in _words("noise") or word.isdigit() for word in body[end:]):
                break
            for start in range(end):
                if not all(word in qualifiers for word in body[:start]):
                    break
                yield body[:start], body[start:end]
    if len(bodies[-1]) == 1:  # "customeremail"
        glued = bodies[-1][0]
        for cut in range(_SHORTEST_GLUED, len(glued) - 2):
            if glued[:cut] in qualifiers:
                yield [glued[:cut]], [glued[cut:]]


def _unnumbered(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and words[end - 1].isdigit():
        end -= 1
    return words[:end]


def _carries(prefix: list[str], role: str) -> bool:
    """Whether a name keeps its meaning behind these words: customer_status does, customer_id does not."""
    return role in ("unused", "name") or (
        role == "record_id" and prefix[-1] in ("source", "src", "record", "rec")
    )


def _qualified(prefix: list[str], body: list[str], role: str) -> HeaderMatch:
    party = next((word for word in prefix if word in _words("others")), "")
    workplace = any(word in _words("workplace") for word in prefix)
    if role == "name":
        # "customer_name" is known as it stands; here a word says whose name it is.
        if party:
            return HeaderMatch("name", party=party)
        return HeaderMatch("company" if workplace else "name")
    match = HeaderMatch(role, party=party)
    if role == "company":
        return replace(match, weak="".join(body) in _keys("weak_company"))
    if role in _ADDRESS_ROLES:
        whole = role == "street" and "".join(body) in _WHOLE
        return replace(match, workplace=workplace, whole=whole)
    return match


def _is_identifier(words: list[str]) -> bool:
    """Whether an unknown name is that of an identifier of somebody: a number or key of no known thing."""
    body = _unnumbered(words)
    if len(body) == 1:
        glued = body[0]
        if len(glued) < 4 or not glued.endswith("id") or glued.endswith(_NO_IDS):
            return False
        return glued[:-2] not in _words("not_persons")
    if body[-1] not in _words("id_endings") and body[0] not in (
        "id",
        "num",
        "nr",
        "no",
        "numero",
        "codigo",
        "code",
    ):
        return False
    return not any(word in _words("not_persons") for word in body[:-1])


def _ends_like_name(words: list[str]) -> bool:
    """Whether an unknown header ends with "name", of nothing that is known to be no person."""
    *before, last = _unnumbered(words)
    things = _words("not_persons") | _words("others") | _words("workplace")
    return last.endswith("name") and not things & {*before, last.removesuffix("name")}


def _is_person(words: list[str]) -> bool:
    """Whether an unknown header is a word for a customer, such as "guest"."""
    *before, last = _unnumbered(words)
    return last in _words("persons") and all(word in _words("own") for word in before)


def _known(key: str) -> str | None:
    return _table().get(key)


@functools.cache
def _table() -> dict[str, str]:
    """Every known name and what it speaks for; the earlier of two readings holds."""
    table = dict[str, str]()
    groups = [
        ("truth", names.TRUTH_NAMES),
        *names.ROLE_NAMES.items(),
        ("company", names.WEAK_COMPANY_NAMES),
        *names.IDENTIFIER_NAMES.items(),
        ("unused", names.UNUSED_NAMES),
        ("record_id", names.RECORD_ID_NAMES),
    ]
    for role, listed in groups:
        for key in _split(listed):
            table.setdefault(key, role)
    return table


def _split(names: str) -> Iterator[str]:
    return ("".join(header_words(name)) for name in names.split(","))


@functools.cache
def _keys(group: str) -> frozenset[str]:
    listed = {"weak_company": names.WEAK_COMPANY_NAMES, "last_first": names.LAST_FIRST_NAMES}
    return frozenset(_split(listed[group]))


@functools.cache
def _words(group: str) -> frozenset[str]:
    texts = {
        "own": word_lists.OWN_WORDS,
        "persons": word_lists.PERSONS,
        "others": word_lists.OTHER_PARTIES,
        "workplace": word_lists.WORKPLACE_WORDS,
        "noise": word_lists.NOISE_WORDS,
        "vague": word_lists.VAGUE_WORDS,
        "not_persons": word_lists.NOT_PERSONS,
        "id_endings": word_lists.ID_ENDINGS,
    }
    return frozenset(texts[group].split())
