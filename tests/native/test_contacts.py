"""Plain addresses and numbers get the form that the reader of all others gives them."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_sdk._native.contacts import DOUBT, Addresses, Numbers
from cxm_sdk.events import identifiers
from cxm_sdk.events.identifiers import COUNTRY_CODES, canonical_email, canonical_phone
from cxm_sdk.identity.normalize import contact
from cxm_sdk.identity.spans import Spans

ADDRESSES = st.from_regex(r"[A-Za-z._+-]{0,6}@?[A-Za-z.-]{0,6}", fullmatch=True) | st.builds(
    "{}@{}".format,
    st.sampled_from(["ada", "Ada.L+x", "+a", "noreply", "mailer-daemon", "a" * 64, "a" * 65, "...", "A_b"]),
    st.sampled_from(
        ["gmail.com", "GoogleMail.com", ".example.com.", "ab", "abc", "none.com", "d" * 255, "d" * 256]
    ),
)
NUMBERS = st.from_regex(r"[+(]{0,2}[0-9 ().+-]{0,24}", fullmatch=True) | st.builds(
    "{}{}".format,
    st.sampled_from(["", "+", "00", "011", "(", "+0"]),
    st.sampled_from([*map(str, COUNTRY_CODES), "0", "89"]).flatmap(
        lambda code: st.from_regex(rf"{code}0?[0-9]{{5,12}}", fullmatch=True)
    ),
)


@given(ADDRESSES)
@example("mailer-daemon@example.com")
def test_a_plain_address_is_read_as_one_in_brackets(text: str) -> None:
    plain = Addresses(identifiers._NOBODY, identifiers._NOWHERE).plain(text)
    assert plain == DOUBT or plain == canonical_email(f"<{text}>")


@given(st.lists(ADDRESSES | st.sampled_from(["", "<ada@example.com>", "ádá@example.com", "a@b@example.com"])))
@example(["a" * 64 + "@" + "d" * 255, "", "a.@gmail.com"])
def test_columns_of_addresses_are_read_as_columns_of_any(texts: list[str]) -> None:
    column = Spans.of(pa.array(texts, pa.string()))
    assert contact.email(column).array().to_pylist() == contact._any_email(column).array().to_pylist()


@given(NUMBERS)
@example("(415) 555-0132")
@example("3125551234.0")
@example("1.000")
@example("011 44 7700 900123")
@example("8 912 345-67-89")
@example("0104048254757")
def test_a_plain_number_is_read_as_one_with_a_word_before_it(text: str) -> None:
    plain = Numbers(COUNTRY_CODES).plain(text)
    assert plain == DOUBT or plain == canonical_phone(f"T{text}")


def test_what_nearly_all_write_is_plain() -> None:
    for text in ("ada@example.com", "Ada.Okafor+shop@mail.example.co.uk"):
        assert Addresses([], []).plain(text) != DOUBT
    for text in ("+44 7700 900123", "(415) 555-0132", "07700-900123", "415.555.0132"):
        assert Numbers(COUNTRY_CODES).plain(text) != DOUBT


def test_other_systems_mail_names_nobody() -> None:
    assert canonical_email("MAILER-DAEMON@example.com") is None
