"""One value at a time gets the canonical form that whole columns get."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxm_sdk.events.identifiers import canonical_email, canonical_phone, hashed
from cxm_sdk.identity.normalize import canonical

WHOLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.sampled_from(
    ["ada", "Ada.L", "+shop", "@", "@@", "gmail.com", "GoogleMail.com", "example.com", ".", "..", "mailto:", "<", ">",
     ";", ",", " ", '"', "'", "(", "noreply", "n/a", "www", "é", "Ⅷ", "＠", "．", "ß", "王", "\u1100\u1161", "か\u3099",
     "😀", "\U0001d7d8", "\U00020000", "\x00", "\t", "\n", "\x7f", "\u200b", "x" * 64, "d" * 250, "noemail.com"]
)  # fmt: skip
ADDRESSES = st.lists(PIECES, max_size=9).map("".join)
DIGITS = st.sampled_from(
    ["0", "00", "1", "7", "011", "+", "44", "49", "1", "89", "7700", "900123", "3125551234", "5555555", "1234567",
     " ", "-", "(", ")", "/", ";", ".", ".0", "e", "E+11", "x7", "ext", "#", "٣", "８", "é", "王", "\n", "😀", "\x00",
     "\U0001d7d8", "0000000"]
)  # fmt: skip
NUMBERS = st.lists(DIGITS, max_size=12).map("".join)


def column(role: str, text: str) -> str | None:
    return canonical(role, pa.array([text], pa.string())).to_pylist()[0]


@settings(max_examples=200)
@given(ADDRESSES | WHOLE)
@example("")
@example("Ada Lovelace <Ada.L+shop@GoogleMail.com>; other@example.com")
@example("ada@example.com.")
@example("000@0\u00b9:")
@example("\uff4dail.to: mailto:ada@gmail.com")
@example("abcdef:ada@example.com")
def test_an_address_is_what_the_column_makes_of_it(text: str) -> None:
    assert canonical_email(text) == column("email", text)


@settings(max_examples=300)
@given(NUMBERS | WHOLE)
@example("")
@example("+44 (0)7700 900123 x7")
@example("4.47701E+11")
@example("3125551234.0")
@example("011 44 7700 900123")
@example("8 912 345-67-89")
@example("0104048254757")
def test_a_number_is_what_the_column_makes_of_it(text: str) -> None:
    assert canonical_phone(text) == column("phone", text)


@given(st.text(max_size=40))
def test_any_text_at_all_is_taken(text: str) -> None:
    for found in (canonical_email(text), canonical_phone(text)):
        assert found is None or found
    assert len(hashed(text)) == 64


@pytest.mark.parametrize("half", ["\ud800", "a\udc00b@example.com"])
def test_halves_of_surrogate_pairs_count_for_nothing(half: str) -> None:
    assert canonical_email(half) == canonical_email(half.encode("utf-8", "ignore").decode())


def test_a_digest_is_sha_256_of_the_utf_8_text() -> None:
    assert hashed("ada@example.com") == hashlib.sha256(b"ada@example.com").hexdigest()


def test_hashing_needs_no_package() -> None:
    program = (
        "import sys; from cxm_sdk.events.identifiers import canonical_email; canonical_email('é@x.org');"
        "print({'numpy', 'pyarrow', 'pydantic'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
