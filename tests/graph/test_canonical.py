"""Values become what the batch side makes of them, however they are read."""

from __future__ import annotations

import datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.identity.normalize import canonical
from cxm_sdk.profiles.canonical import ValueForms, plain_date

YEAR = datetime.datetime.now(tz=datetime.UTC).year


WRITTEN = st.one_of(
    st.dates(datetime.date(1800, 1, 1), datetime.date(YEAR + 2, 1, 1)).map(str),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.text(max_size=12),
)


@given(WRITTEN)
def test_a_date_that_is_read_at_once_is_what_the_batch_side_reads(raw: str) -> None:
    found = plain_date(raw)
    assert found is None or [found] == canonical("birth_date", pa.array([raw]), date_order="dmy").to_pylist()


def test_what_is_derived_fills_gaps_only() -> None:
    made = ValueForms("dmy")
    values = {"full_name": ["Dr. Ada B. Lovelace Jr."], "last_name": ["King"], "street": ["12 High Street"]}
    made.learn([values])
    said = made.said(values)
    assert {role: [form for form, _ in held] for role, held in said.items()} == {
        "first_name": ["ada"],
        "middle_name": ["b"],
        "last_name": ["king"],
        "suffix": ["jr"],
        "street": ["high st"],
        "house_number": ["12"],
    }


def test_a_house_number_of_its_own_leaves_another_one_in_the_street() -> None:
    made = ValueForms("dmy")
    values = {"street": ["12 High Street"], "house_number": ["4"]}
    made.learn([values])
    said = made.said(values)
    assert said["house_number"] == [("4", "4")]
    assert said["street"][0][0] == "12 high st"
