"""Mailboxes and telephone numbers of the people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.draws import Draws, Keys, wheel
from cxm_sdk.testing.synthetic.lexicon import Lexicon
from cxm_sdk.testing.synthetic.people import People
from cxm_sdk.testing.synthetic.places import COMPANY_WORDS, COUNTRIES, NICK_WORDS

__all__ = ["PHONE_STYLES", "Mailboxes", "join", "open_mailboxes", "phone_text", "take"]

_Index = NDArray[np.integer[Any]]

PHONE_STYLES: Final = 9
"""Number of ways a telephone number is written, numbered from 0: +44…, +44 …, 0044…, 0…, 0… … …, (0…) …-…,
0…/…, +44 (0)…, 0…-…-…"""

_AFTER_PREFIX: Final = ("", " ", "", "", " ", ") ", "/", " ", "-")
_INSIDE: Final = ("", "", "", "", " ", "-", "", " ", "-")

# Shapes of the part before the @, as (first piece, separator, second piece, number) and their shares in
# percent. A piece is a given name, an initial, a surname, a word, or nothing; see ``_local_parts``.
_SHAPES: Final = (
    ("given", ".", "surname", "none", 24),
    ("given", "", "surname", "none", 13),
    ("initial", "", "surname", "none", 9),
    ("given", "_", "surname", "none", 4),
    ("surname", ".", "given", "none", 5),
    ("given", "", "nothing", "year", 7),
    ("given", ".", "surname", "year", 9),
    ("given", "", "surname initial", "full year", 4),
    ("word", "", "other word", "number", 11),
    ("given", "-", "word", "number", 5),
    ("initial", ".", "surname", "number", 5),
    ("surname", "", "nothing", "number", 4),
)
# "Family" as people write it, by country.
_FAMILY: Final = ("family", "familie", "famille", "familia", "famiglia", "familie", "rodzina", "the")


@dataclass(frozen=True)
class Mailboxes:
    """All mailboxes and who uses which.

    Attributes:
        text: The addresses; no two are alike.
        own: ``int32[n]``, the mailbox each person uses now, -1 for none; families may share one.
        before: ``int32[n]``, the one used before ``changed``.
        changed: ``float64[n]``, moment of the change, 0 for none.
        work: ``int32[n]``, the one at work, -1 for none.
    """

    text: pa.Array
    own: NDArray[np.int32]
    before: NDArray[np.int32]
    changed: NDArray[np.float64]
    work: NDArray[np.int32]


def take(table: pa.Array, index: _Index) -> pa.Array:
    """Strings of a table by number.

    Args:
        table: The strings.
        index: ``int[n]``, each at least 0.

    Returns:
        ``string[n]``.
    """
    return table.take(pa.array(index))


def join(*parts: pa.Array | str) -> pa.Array:
    """Strings put together row by row, nothing between them.

    Args:
        *parts: ``string[n]`` arrays without nulls, or one string for all rows.

    Returns:
        ``string[n]``.
    """
    return pc.binary_join_element_wise(*parts, "")


def open_mailboxes(people: People, draws: Draws, lexicon: Lexicon) -> Mailboxes:
    """Gives people their mailboxes.

    Args:
        people: The people.
        draws: The random numbers.
        lexicon: Names and places.

    Returns:
        The mailboxes. Different mailboxes never have one address: a provider would have refused the second.
    """
    everyone = np.arange(len(people))
    keys = _keys(people)
    renamed = people.former >= 0
    # Half of those who change their name change their mailbox too; others do so now and then.
    with_name = renamed & draws.chance("mail with name", keys, 0.5)
    changes = with_name | draws.chance("new mail", keys, 0.07)
    older = np.flatnonzero(changes)
    at_work = np.flatnonzero(draws.chance("mail at work", keys, 0.12) & (people.year < 2004))
    families = np.flatnonzero(people.households.mailbox)
    head = np.searchsorted(people.household, families)

    born_with = np.where(renamed, people.former, people.surname)
    local = pa.concat_arrays(
        [
            _local_parts("own", everyone, people.surname, people, draws, lexicon),
            _local_parts("old", older, born_with[older], people, draws, lexicon),
            join(
                take(lexicon.first.mail, people.first[at_work]),
                ".",
                take(lexicon.common.mail, people.surname[at_work]),
            ),
            join(
                take(pa.array(_FAMILY), people.country[head]),
                take(pa.array([".", "", "-"]), draws.below("family dot", keys[head], 3)),
                take(lexicon.common.mail, people.surname[head]),
            ),
        ]
    )
    places = lexicon.places
    domain = pa.concat_arrays(
        [
            take(places.mail_text, draws.pick("own domain", keys, places.mail, people.country)),
            take(places.mail_text, draws.pick("old domain", keys[older], places.mail, people.country[older])),
            _companies(at_work, people, draws),
            take(
                places.mail_text, draws.pick("family domain", keys[head], places.mail, people.country[head])
            ),
        ]
    )
    text = _made_unique(local, domain, draws)

    own = everyone.astype(np.int32)
    before = own.copy()
    before[older] = len(everyone) + np.arange(len(older), dtype=np.int32)
    work = np.full(len(people), -1, dtype=np.int32)
    work[at_work] = len(everyone) + len(older) + np.arange(len(at_work), dtype=np.int32)
    family = np.full(len(people.households.country), -1, dtype=np.int32)
    family[families] = len(text) - len(families) + np.arange(len(families), dtype=np.int32)
    shares = (family[people.household] >= 0) & draws.chance("uses family mail", keys, 0.6)
    own[shares] = family[people.household][shares]
    before[shares & ~changes] = own[shares & ~changes]
    # No mailbox at all: a few, and every third of the old.
    without = draws.chance("no mail", keys, np.where(people.year < 1950, 0.35, 0.03))
    own[without], before[without] = -1, -1
    changed = np.where(with_name, people.married, 0.1 + 0.8 * draws.unit("new mail day", keys))
    return Mailboxes(text, own, before, np.where(changes, changed, 0.0), work)


def _keys(people: People) -> Keys:
    """Keys of the people as persons."""
    return np.arange(len(people), dtype=np.uint64)


def _local_parts(
    which: str, who: _Index, surname: _Index, people: People, draws: Draws, lexicon: Lexicon
) -> pa.Array:
    """What stands before the @, for some people with given surnames."""
    keys = who.astype(np.uint64)
    first, common = lexicon.first, lexicon.common
    words = NICK_WORDS.split()
    pieces = pa.concat_arrays(
        [first.mail, first.initial, common.mail, common.initial, pa.array([*words, ""])]
    )
    bases = np.cumsum([0, first.count, first.count, common.count, common.count])
    given = people.first[who]
    options = {
        "given": bases[0] + given,
        "initial": bases[1] + given,
        "surname": bases[2] + surname,
        "surname initial": bases[3] + surname,
        "word": bases[4] + draws.below(f"{which} word", keys, len(words)),
        "other word": bases[4] + draws.below(f"{which} other word", keys, len(words)),
        "nothing": np.full(len(who), len(pieces) - 1),
    }
    # Numbers are written without leading zeros except the two digits of a year; -1 is none.
    short_year = people.year[who] % 100
    free = draws.below(f"{which} number", keys, 10 ** (1 + draws.below(f"{which} digits", keys, 4)))
    numbers = {
        "none": np.full(len(who), 10_100),
        "year": 10_000 + short_year,
        "full year": people.year[who],
        "number": free,
    }
    digits = pa.array([*map(str, range(10_000)), *(f"{n:02d}" for n in range(100)), ""])
    shape = draws.pick(f"{which} shape", keys, wheel([share for *_, share in _SHAPES]))
    left = np.choose(shape, [options[a] for a, *_ in _SHAPES])
    right = np.choose(shape, [options[c] for _, _, c, *_ in _SHAPES])
    number = np.choose(shape, [numbers[d] for _, _, _, d, _ in _SHAPES])
    separators = pa.array([b for _, b, *_ in _SHAPES])
    return join(take(pieces, left), take(separators, shape), take(pieces, right), take(digits, number))


def _companies(who: _Index, people: People, draws: Draws) -> pa.Array:
    """Domains of employers: a word or two, and the ending of the country."""
    keys = who.astype(np.uint64)
    words = COMPANY_WORDS.split()
    # In the order of the countries.
    endings = pa.array([".co.uk", ".de", ".fr", ".es", ".it", ".nl", ".pl", ".com"])
    firms = pa.array(
        [*words, *(f"{a}-{b}" for a in words for b in ("group", "consult", "tech", "care", "logistics"))]
    )
    return join(take(firms, draws.below("firm", keys, len(firms))), take(endings, people.country[who]))


def _made_unique(local: pa.Array, domain: pa.Array, draws: Draws) -> pa.Array:
    """Addresses of which later ones got a number where an earlier one was the same."""
    digits = pa.array([str(n) for n in range(1000)])
    for attempt in range(8):
        text = join(local, "@", domain)
        codes = pc.dictionary_encode(text).indices.to_numpy(zero_copy_only=False)
        seen = np.zeros(len(codes), dtype=bool)
        seen[np.unique(codes, return_index=True)[1]] = True
        again = np.flatnonzero(~seen)
        if not len(again):
            return text
        # Wider numbers with each attempt, so that it ends.
        number = draws.below(f"again {attempt}", again.astype(np.uint64), min(1000, 10 ** (attempt + 2)))
        local = pc.replace_with_mask(
            local, pa.array(~seen), join(local.take(pa.array(again)), take(digits, number))
        )
    return text


def phone_text(
    prefix: pa.Array, digits: _Index, keys: Keys, country: _Index, style: _Index, draws: Draws
) -> pa.Array:
    """Writes telephone numbers down.

    Args:
        prefix: ``string[n]``, area codes or mobile prefixes without the trunk zero.
        digits: ``int[n]``, how many digits follow, at least 4.
        keys: ``uint64[n]``, whose number it is: one key has one number.
        country: ``int[n]``.
        style: ``int[n]``, below ``PHONE_STYLES``.
        draws: The random numbers.

    Returns:
        ``string[n]``.
    """
    smallest = 10 ** (digits.astype(np.int64) - 1)
    rest = pc.cast(pa.array(smallest + draws.below("subscriber", keys, 9 * smallest)), pa.string())
    leads = pa.array([lead for home in COUNTRIES for lead in _leads(home.calling_code, home.trunk)])
    return join(
        take(leads, country * PHONE_STYLES + style),
        prefix,
        take(pa.array(_AFTER_PREFIX), style),
        pc.utf8_slice_codeunits(rest, 0, 3),
        take(pa.array(_INSIDE), style),
        pc.utf8_slice_codeunits(rest, 3, 12),
    )


def _leads(code: str, trunk: str) -> tuple[str, ...]:
    """What stands before the prefix, by style."""
    inside = f"+{code} ({trunk})" if trunk else f"+{code} "
    return (f"+{code}", f"+{code} ", f"00{code}", trunk, trunk, f"({trunk}", trunk, inside, trunk)
