"""What several tests of native functions put into them, and what stands in for a scorer where there is none."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from cxm_sdk._native import strings

Ints = npt.NDArray[np.int32]

try:
    SCORER: strings.Similarity | None = strings.Similarity(JaroWinkler.similarity)
except TypeError:
    SCORER = None

SCRIPTS = ["abcdefgh", "abé ñß", "αβγδε ", "абвгд", "王小明李", "가나다", "a🌸𠀀b", "ab ", "aA\x00\x7f\x80ÿ"]


@st.composite
def near_texts(draw: st.DrawFn, longest: int = 12, alphabet: str | None = None) -> list[str]:
    """Distinct texts a few edits apart, in every script; one may be empty, some are one letter long."""
    letters = st.sampled_from(alphabet or draw(st.sampled_from(SCRIPTS)))
    found = [draw(st.text(letters, max_size=longest)), draw(st.text(letters, max_size=longest))]
    for _ in range(draw(st.integers(0, 6))):
        word = draw(st.sampled_from(found))
        at = draw(st.integers(0, len(word)))
        change = draw(st.sampled_from(["insert", "drop", "swap", "replace", "cut", "words"]))
        found.append(
            {
                "insert": word[:at] + draw(letters) + word[at:],
                "drop": word[:at] + word[at + 1 :],
                "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
                "replace": word[:at] + draw(letters) + word[at + 1 :],
                "cut": word[:at],
                "words": word + " " + draw(st.sampled_from(found)),
            }[change]
        )
    return sorted(set(found))


@st.composite
def near_dates(draw: st.DrawFn) -> list[str]:
    """Distinct dates a slip apart, written YYYYMMDD; not all are on a calendar."""
    digits = draw(
        st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8))
        | st.text("0123456789", min_size=8, max_size=8)
    )
    found = {digits}
    for _ in range(draw(st.integers(0, 8))):
        word = draw(st.sampled_from(sorted(found)))
        at = draw(st.integers(0, 6))
        found.add(
            draw(
                st.sampled_from(
                    [
                        word[:at] + draw(st.sampled_from("0123456789")) + word[at + 1 :],
                        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                        word[:4] + word[6:] + word[4:6],
                        f"{(int(word[:4]) + 1) % 10000:04}" + word[4:],
                        f"{(int(word[:4]) + 9) % 10000:04}" + word[4:],
                        word[:6] + draw(st.sampled_from(["01", "31", "17"])),
                        word[:4] + draw(st.sampled_from(["01", "12"])) + word[6:],
                    ]
                )
            )
        )
    return sorted(found)


TEXTS = (
    near_texts() | near_texts(longest=90) | st.lists(st.text(max_size=8), min_size=1, max_size=8, unique=True)
)


def spans(values: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lays texts out with gaps between them, in another order than their rows."""
    order = list(range(len(values)))
    random.Random(len(values)).shuffle(order)
    parts, at, starts, stops = [b"\xff"], 1, [0] * len(values), [0] * len(values)
    for row in order:
        encoded = values[row].encode()
        starts[row], stops[row] = at, at + len(encoded)
        parts += [encoded, b"\xfe"]
        at += len(encoded) + 1
    return np.frombuffer(b"".join(parts), np.uint8), np.array(starts, np.int32), np.array(stops, np.int32)


def column(values: Sequence[str]) -> strings.TextColumn:
    """Distinct values, with text before the first and behind the last."""
    encoded = [value.encode() for value in values]
    data = b"\xff\xff" + b"".join(encoded) + b"\xff"
    return strings.TextColumn(
        np.cumsum([2, *map(len, encoded)], dtype=np.int32), np.frombuffer(data, np.uint8)
    )


def every_pair(records: int) -> tuple[Ints, Ints]:
    left, right = np.indices((records, records), dtype=np.int32).reshape(2, -1)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def similarity(a: str | None, b: str | None) -> float:
    return 0.0 if a is None or b is None else JaroWinkler.similarity(a, b)


def measure(values: Sequence[str], ours: Ints, theirs: Ints) -> npt.NDArray[np.float32]:
    """What is asked where there is no scorer."""
    found = np.zeros(len(ours), np.float32)
    both = np.flatnonzero((ours >= 0) & (theirs >= 0))
    if len(both):
        texts = np.array([*values, ""], dtype=object)
        found[both] = process.cpdist(texts[ours[both]], texts[theirs[both]], scorer=JaroWinkler.similarity)
    return found
