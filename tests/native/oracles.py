"""Slow, obvious versions of the native functions, one value at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise, product

MASK = (1 << 64) - 1


def translate(text: str, narrow: Sequence[int], wide: Mapping[str, str] | None) -> str:
    out = ""
    for character in text:
        code = ord(character)
        if code < 0x80:
            new = character
        elif wide is None:
            new = ""
        elif code >= 0x10000:
            new = " " if 0x1F000 <= code < 0x1FB00 or code >= 0xC0000 else character
        else:
            new = wide[character]
        for written in new:
            byte = ord(written)
            out += written if byte >= 0x80 else chr(narrow[byte]) if narrow[byte] else ""
    return " ".join(part for part in out.split(" ") if part)


def find_word(text: str, words: Sequence[str]) -> int:
    """Position in characters, -1 for none."""
    at = 0
    for word in text.split(" "):
        if word and word in words:
            return at
        at += len(word) + 1
    return -1


def word_run(text: str, words: Sequence[str], *, at_end: bool, keep_one: bool) -> str:
    """What is left; text has single spaces only."""
    left = text.split(" ") if text else []
    while len(left) > keep_one and left[-1 if at_end else 0] in words:
        del left[-1 if at_end else 0]
    return " ".join(left)


def map_words(text: str, words: Mapping[str, str], endings: Mapping[str, str]) -> str:
    out = []
    for word in text.split(" "):
        if not word:
            continue
        new = words.get(word)
        if new is None:
            new = word
            for ending, short in endings.items():
                if word.endswith(ending) and len(word) > len(ending) + 1:
                    new = word[: -len(ending)] + short
                    break
        if new:
            out.append(new)
    return " ".join(out)


_NUMBER = re.compile(r"[0-9][0-9/-]*(?:[a-z][0-9/-]*)?")
_BIS = re.compile(r"[0-9](?:[0-9/-])*(?:bis|ter)")
_TWO_LETTERS = re.compile(r"[0-9](?=(?:[^a-z]*[a-z]){2}[^a-z]*$)[0-9a-z/-]*")
_ORDINAL = re.compile(r".*(?:st|nd|rd|th)")


def is_house_number(word: str) -> bool:
    if len(word) > 12:
        return False
    if _NUMBER.fullmatch(word) or _BIS.fullmatch(word):
        return True
    return bool(_TWO_LETTERS.fullmatch(word)) and not _ORDINAL.fullmatch(word)


def house_number(text: str, roads: Sequence[str]) -> str:
    """The number in a line with single spaces, empty for none."""
    words = text.split(" ")
    if is_house_number(words[0]):
        return " ".join(words[:2]) if len(words) > 2 and words[1] in ("bis", "ter") else words[0]
    if len(words) == 1:
        return ""
    tail = [words[-1]]
    if re.fullmatch("[a-z]", words[-1]) and len(words) > 2:
        if not (words[-2][0].isdigit() and words[-2][-1].isdigit()):
            return ""
        tail = words[-2:]
    if len(words) == len(tail) or not is_house_number(tail[0]) or words[-len(tail) - 1] in roads:
        return ""
    return " ".join(tail)


_CLASSES = {
    letter: code
    for code, letters in enumerate(["aeiouhwy", "bp", "fv", "cgjkqx", "dt", "l", "mn", "r", "sz"])
    for letter in letters
}


def phonetic(name: str) -> int | None:
    """The code; None for names outside ASCII."""
    name = re.sub("^[^a-z\u0080-\U0010ffff]+", "", name)
    if re.search("[\u0080-\U0010ffff]", name):
        return None
    name = re.sub("^(?:k(?=n)|g(?=n)|w(?=r))", "", name)
    name = re.sub("(?<=s)c(?=h)|(?<=.)g(?=h)|t(?=z)|d(?=g)", "-", name, flags=re.DOTALL)
    sounds = []
    for match in re.finditer("ph|c(?=[eiy])|[a-z]", name):
        text = match.group()
        if text == "ph":
            sounds += [("p", 2), ("h", 0)]
        elif text == "c" and name[match.end() : match.end() + 1] in ("e", "i", "y"):
            sounds.append(("c", 8))
        else:
            sounds.append((text, _CLASSES[text]))
    codes: list[int] = []
    previous = 0
    for letter, sound in sounds:
        if not codes:
            codes.append(sound or 9)
        elif sound and sound != previous and len(codes) < 8:
            codes.append(sound)
        if letter not in "hw":
            previous = sound
    return int("".join(map(str, codes)), 16) if codes else 0


def hash64(data: bytes, seed: int) -> int:
    m = 0xC6A4A7935BD1E995
    h = seed ^ (len(data) * m & MASK)
    whole = len(data) - len(data) % 8
    for i in range(0, whole, 8):
        k = int.from_bytes(data[i : i + 8], "little") * m & MASK
        k ^= k >> 47
        h = (h ^ (k * m & MASK)) * m & MASK
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & MASK
    h ^= h >> 47
    h = h * m & MASK
    h ^= h >> 47
    return h or 1


def hash128(data: bytes) -> bytes:
    m = 0xC6A4A7935BD1E995
    lanes = [len(data) ^ (0x9E3779B97F4A7C15 * (lane + 1) & MASK) for lane in range(4)]
    filled = data + bytes(-len(data) % 32)
    for i in range(0, len(filled), 8):
        k = int.from_bytes(filled[i : i + 8], "little") * m & MASK
        k ^= k >> 47
        lanes[i // 8 % 4] = (lanes[i // 8 % 4] ^ (k * m & MASK)) * m & MASK
    ended = b"".join(lane.to_bytes(8, "little") for lane in lanes)
    return b"".join(hash64(ended, seed).to_bytes(8, "little") for seed in (1, 2))


def phone_number(text: str, codes: Mapping[int, tuple[int, int]]) -> int:
    if re.match(r"[0-9](?:[.,][0-9]*)?[eE]\+|[0-9](?:[.,][0-9]*)?[eE][0-9]", text) or re.match(
        r"[0-9]+[eE][+0-9]", text
    ):
        return 0
    text = re.sub(r"\A([0-9]+)\.0+\Z", r"\1", text)
    # up to an extension
    seen = 0
    for at, character in enumerate(text):
        if "0" <= character <= "9":
            seen += 1
        elif seen >= 6 and (
            character == "#" or (character.isascii() and character.isalpha()) or character > "\x7f"
        ):
            text = text[:at]
            break
    digits = re.sub("[^0-9]", "", text)
    if len(digits) > 15:
        first = re.match(r"(?:[^0-9]*[0-9]){7}[^/;,|&\n]*(?=[/;,|&\n])", text)
        if first:
            text = first.group()
            digits = re.sub("[^0-9]", "", text)
    if len(digits.lstrip("0")) > 18:
        return 0
    plus = "+" in re.split("[0-9]", text)[0]
    marked = plus or digits.startswith("00")
    significant = digits.lstrip("0")
    if not plus and digits.startswith(("011", "0011")) and len(significant) >= 12:
        significant = significant[2:].lstrip("0")
        marked = True
    for _ in range(4):
        if not marked and len(significant) < 11:
            break
        shorter = _without_code(significant, codes)
        if shorter is None:
            break
        significant = shorter.lstrip("0")
        marked = False
    if not 6 <= len(significant) <= 15 or significant.endswith("0000000"):
        return 0
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(significant)}
    return 0 if steps <= {0} or steps <= {1} or steps <= {9} else int(significant)


def _without_code(number: str, codes: Mapping[int, tuple[int, int]]) -> str | None:
    for size in (1, 2, 3):
        code, rest = int(number[:size] or 0), number[size:]
        if len(rest) < 6:
            break
        least, most = codes.get(code, (99, 0))
        if least <= len(rest) <= most + rest.startswith("0") and (code != 1 or int(rest) >= 2 * 10**9):
            return rest
    return number[1:] if len(number) == 11 and number.startswith("89") else None


# ---------------------------------------------------------------------------------------------- levels

#: So much below a threshold still reaches it.
SLACK = 1e-7


def whole_words(a: str, b: str) -> bool:
    """Whether the shorter text is whole words at one end of the longer."""
    short, long = sorted((a, b), key=len)
    return 2 <= len(short) < len(long) and (long.startswith(short + " ") or long.endswith(" " + short))


def equal_level(a: str | None, b: str | None) -> int:
    return 0 if a is None or b is None else 2 if a == b else 1


def name_level(
    a: str | None, b: str | None, similarity: float, close: float, similar: float, sound: bool, group: bool
) -> int:
    if a is None or b is None:
        return 0
    if a == b:
        return 6
    if similarity >= close - SLACK:
        return 5
    if group or whole_words(a, b):
        return 4
    if a and b and min(len(a), len(b)) == 1 and a[0] == b[0]:
        return 3
    return 2 if sound or similarity >= similar - SLACK else 1


def date_level(a: str | None, b: str | None) -> int:
    """Levels of two dates written YYYYMMDD."""
    if a is None or b is None:
        return 0
    if a == b:
        return 5
    neighbours = [a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(7)]
    day_and_month_swapped = a[:4] + a[6:] + a[4:6]
    if sum(x != y for x, y in zip(a, b, strict=True)) == 1 or b in (*neighbours, day_and_month_swapped):
        return 4
    if sum(a[part] == b[part] for part in (slice(4), slice(4, 6), slice(6, 8))) == 2:
        return 3
    return 2 if abs(int(a[:4]) - int(b[:4])) <= 1 else 1


def code_level(a: str | None, b: str | None, tail: bool, edits: int, shortest: int) -> int:
    if a is None or b is None:
        return 0
    if a == b:
        return 4
    if tail:
        return 3
    return 2 if min(len(a), len(b)) >= shortest and edits <= 1 else 1


def email_level(a: str | None, b: str | None, similarity: float, close: float) -> int:
    """Levels of two addresses; similarity is that of their local parts."""
    if a is None or b is None:
        return 0
    if a == b:
        return 4
    if a.split("@")[0] == b.split("@")[0]:
        return 3
    return 2 if similarity >= close - SLACK else 1


def street_level(
    a: str | None, number_a: int, b: str | None, number_b: int, similarity: float, similar: float
) -> int:
    if a is None or b is None:
        return 0
    same_number = number_a >= 0 and number_a == number_b
    if a == b:
        return 5 if same_number else 3 if number_a < 0 or number_b < 0 else 2
    if similarity >= similar - SLACK or whole_words(a, b):
        return 4 if same_number else 2
    return 1


def place_level(
    postcode_a: str | None,
    city_a: str | None,
    postcode_b: str | None,
    city_b: str | None,
    area: bool,
    edits: Callable[[str, str], int],
) -> int:
    postcodes = postcode_a is not None and postcode_b is not None
    cities = city_a is not None and city_b is not None
    if postcodes and postcode_a == postcode_b:
        return 4
    if cities and city_a == city_b:
        return 3
    if postcodes and (area or (postcode_a and postcode_b and edits(postcode_a, postcode_b) <= 1)):
        return 2
    if cities and min(len(city_a), len(city_b)) > 3 and edits(city_a, city_b) <= 1:
        return 2
    return 1 if postcodes or cities else 0


def token_level(
    a: str | None, b: str | None, rarity: Mapping[str, float], similarity: float, close: float
) -> int:
    if a is None or b is None:
        return 0
    if a == b:
        return 6
    if similarity >= close - SLACK:
        return 5
    ours, theirs = set(a.split()), set(b.split())
    both = sum(rarity[word] for word in ours & theirs)
    either = sum(rarity[word] for word in ours | theirs)
    poorer = min(sum(rarity[word] for word in ours), sum(rarity[word] for word in theirs))
    if not both:
        return 1
    if both >= 0.8 * either:
        return 5
    if both >= 0.9 * poorer:
        return 4
    return 3 if both >= 0.5 * either else 2 if both >= 0.2 * either else 1


def weight(
    prior: float,
    household_prior: float,
    terms: Sequence[tuple[int, float, float]],
    kinds: Sequence[Sequence[int]] = (),
    alike_priors: Sequence[float] = (),
    floor: float = 0.0,
) -> tuple[float, float]:
    """Bits for one person and for one household.

    Each term is the comparison it belongs to and what it is worth for either; each kind is for every comparison
    whether look-alikes agree in it as one person does.
    """
    match = math.fsum([prior, *(term for _, term, _ in terms)])
    household = math.fsum([household_prior, *(term for _, _, term in terms)])
    rivals = [
        math.fsum([alike_prior, *(term for c, term, _ in terms if kind[c])])
        for kind, alike_prior in zip(kinds, alike_priors, strict=True)
    ]
    if match - _log2_sum([0.0, household]) >= floor:
        household = _log2_sum([household, *rivals])
    return match - _log2_sum([0.0, household]), household


def _log2_sum(bits: Sequence[float]) -> float:
    """log2 of the sum of 2 ** bits, in the form that does not overflow."""
    most = max(bits)
    return most + math.log2(math.fsum(2.0 ** (bit - most) for bit in bits))


# ---------------------------------------------------------------------------------------------- pairs


def pairs_by_rule(rules: Sequence[Sequence[set[int]]]) -> dict[tuple[int, int], int]:
    """For every pair that some rule holds the mask of all that do; a rule is the keys of each record."""
    found: dict[tuple[int, int], int] = {}
    for number, keys in enumerate(rules):
        for a, b in combinations(range(len(keys)), 2):
            if keys[a] & keys[b]:
                found[a, b] = found.get((a, b), 0) | 1 << number
    return found


def mixed_key(key: int, part: int) -> int:
    x = (key + part * 0x9E3779B97F4A7C15) & MASK
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31 or 1


# ---------------------------------------------------------------------------------------------- groups


def forbidden(
    a: Iterable[int], b: Iterable[int], single: Sequence[Sequence[int]], unique: Sequence[Sequence[int]]
) -> bool:
    """Whether two different known single values, or one known unique value twice, keep two groups apart."""
    return any(
        any(x >= 0 and y >= 0 and x != y for x, y in zip(single[i], single[j], strict=True))
        or any(x >= 0 and x == y for x, y in zip(unique[i], unique[j], strict=True))
        for i, j in product(a, b)
    )


def agglomerate(
    records: int,
    weights: Mapping[tuple[int, int], float],
    single: Sequence[Sequence[int]],
    unique: Sequence[Sequence[int]],
    missing: float,
) -> tuple[list[int], list[bool]]:
    """Smallest record of each record's cluster, and for each link whether constraints keep its ends apart."""
    clusters = [[record] for record in range(records)]
    while True:
        best: tuple[float, int, int] | None = None
        for a, b in combinations(clusters, 2):
            linked = [
                weights[min(i, j), max(i, j)] for i, j in product(a, b) if (min(i, j), max(i, j)) in weights
            ]
            size = len(a) * len(b)
            mean = (sum(linked) + missing * (size - len(linked))) / size
            if linked and mean > 0 and not forbidden(a, b, single, unique):
                best = max(best or (0.0, 0, 0), (mean, -a[0], -b[0]))
        if best is None:
            break
        joined, gone = (next(c for c in clusters if c[0] == -name) for name in best[1:])
        joined.extend(gone)
        clusters.remove(gone)
        joined.sort()
    home = {record: cluster for cluster in clusters for record in cluster}
    apart = [
        bits > 0 and home[a] is not home[b] and forbidden(home[a], home[b], single, unique)
        for (a, b), bits in weights.items()
    ]
    return [home[record][0] for record in range(records)], apart


def join_profiles(
    records: int,
    known: Mapping[tuple[int, int], Sequence[Sequence[float] | None]],
    kinds: int,
    several: Sequence[int],
    astray: float,
    cut: float,
    single: Sequence[Sequence[int]],
    unique: Sequence[Sequence[int]],
) -> tuple[list[int], list[bool]]:
    """Smallest record of each record's cluster, and for each pair whether only constraints keep its ends apart.

    What is known of a pair is, for each comparison and at last for the prior, the bits of every hypothesis, None where
    a side is missing: one person, one household, and each kind of relatives who look like one person. Of the
    comparisons of which people have several values the best pair counts: always, or where nothing else is known.
    """

    def weigh(a: Sequence[int], b: Sequence[int]) -> float:
        pairs = [known[min(i, j), max(i, j)] for i, j in product(a, b)]
        total = [0.0] * (2 + kinds)
        columns = list(zip(*pairs, strict=True))
        alone = all(how == 2 or not any(terms) for how, terms in zip(several, columns, strict=False))
        for how, terms in zip([*several, 0], columns, strict=True):
            told = [term for term in terms if term is not None]
            counted = len(pairs)
            if told and (how == 1 or (how == 2 and alone)):
                told, counted = [max(told, key=lambda term: term[0])], 1
            for lane in range(len(total)) if told else ():
                mean = sum(term[lane] for term in told) / len(told)
                expected = len(told) * mean + (counted - len(told)) * (1.0 - astray) * mean
                total[lane] += expected / counted
        rivals = total[1]
        for rival in total[2:]:
            rivals += math.log2(1.0 + 2.0 ** (rival - rivals))
        return total[0] - math.log2(1.0 + 2.0**rivals)

    clusters = [[record] for record in range(records)]
    while True:
        best: tuple[float, int, int] | None = None
        for a, b in combinations(clusters, 2):
            if (bits := weigh(a, b)) > cut and not forbidden(a, b, single, unique):
                best = max(best or (bits, -records, 0), (bits, -a[0], -b[0]))
        if best is None:
            break
        joined, gone = (next(c for c in clusters if c[0] == -name) for name in best[1:])
        joined.extend(gone)
        clusters.remove(gone)
        joined.sort()
    home = {record: cluster for cluster in clusters for record in cluster}
    apart = [
        weigh([a], [b]) > cut and home[a] is not home[b] and forbidden(home[a], home[b], single, unique)
        for a, b in combinations(range(records), 2)
    ]
    return [home[record][0] for record in range(records)], apart


def survivor(held: Sequence[tuple[int, int]], texts: Sequence[str]) -> int:
    known = [code for code, _ in held if code >= 0]
    first = {code: min(slot for own, slot in held if own == code) for code in known}
    if not known:
        return -1
    return min(known, key=lambda c: (-known.count(c), first[c], -len(texts[c]), texts[c].encode()))
