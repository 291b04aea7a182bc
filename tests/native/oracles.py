"""Slow, obvious versions of the native functions, one value at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

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
        if least <= len(rest) <= most + rest.startswith("0") and (code != 1 or rest[0] >= "2"):
            return rest
    return number[1:] if len(number) == 11 and number.startswith("89") else None
