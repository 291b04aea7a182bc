"""Hashed e-mail addresses and phone numbers meet the clear ones, however they were written before hashing."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import resolve
from cxm_sdk.identity.columns import Encoded
from cxm_sdk.identity.digests import read_digests
from cxm_sdk.testing import synthetic


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def encoded(role: str, raw: list[str], values: list[str | None]) -> Encoded:
    slot = np.arange(len(raw), dtype=np.int32)
    return Encoded(role, pa.array(raw), [slot], {role: pa.array(values, pa.string())})


@pytest.mark.parametrize("written", ["ada.l+shop@gmail.com", "Ada.L+Shop@gmail.com", "adal@gmail.com"])
def test_an_address_is_found_as_typed_in_lower_case_and_in_canonical_form(written: str) -> None:
    mails = encoded("email", [" Ada.L+Shop@gmail.com "], ["adal@gmail.com"])
    digests = encoded("email_sha256", [hashed(written)], [hashed(written)])
    clear, hidden = read_digests([mails, digests])
    assert clear is mails
    assert hidden.forms["email"].to_pylist() == ["adal@gmail.com"]
    assert hidden.forms["email_sha256"].to_pylist() == [None]


@pytest.mark.parametrize("form", ["{0}", "0{0}", "+44{0}", "44{0}", "{1}"])
def test_a_number_is_found_in_every_usual_form(form: str) -> None:
    # No number is written with its country code; the digests themselves show which one it is.
    values = [f"77009{number:05}" for number in range(300)]
    numbers = encoded("phone", [f"0{value[:4]} {value[4:]}" for value in values], list(values))
    written = [hashed(form.format(value, "0" + value)) for value in values[::3]]
    _, hidden = read_digests([numbers, encoded("phone_sha256", written, list(written))])
    assert hidden.forms["phone"].to_pylist() == values[::3]


def test_unknown_digests_stay_what_they_are() -> None:
    mails = encoded("email", ["a@x.org"], ["a@x.org"])
    other = hashed("b@x.org")
    _, hidden = read_digests([mails, encoded("email_sha256", [other], [other])])
    assert hidden.forms["email_sha256"].to_pylist() == [other]
    assert hidden.forms["email"].to_pylist() == [None]


def test_nothing_is_done_without_clear_values_or_without_digests() -> None:
    digests = encoded("email_sha256", ["0" * 64], ["0" * 64])
    mails = encoded("email", ["a@x.org"], ["a@x.org"])
    phones = encoded("phone", ["7700900123"], ["7700900123"])
    assert read_digests([digests, phones]) == [digests, phones]
    assert read_digests([mails, phones]) == [mails, phones]


@pytest.mark.parametrize(
    ("column", "header", "write"),
    [
        ("email", "hashed_email", lambda text: text.strip().lower()),
        ("mobile", "phone_sha256", lambda text: "".join(filter(str.isdigit, text))),
    ],
)
def test_hash_and_clear_join(column: str, header: str, write: Callable[[str], str]) -> None:
    shop = synthetic.generate(1500, seed=4).sources["crm"].to_pylist()
    known = [row for row in shop if row[column] and row["first_name"] and row["last_name"]]
    visits = [
        {"record_id": f"V{number}", "first_name": row["first_name"], "last_name": row["last_name"],
         header: hashed(write(row[column]))}
        for number, row in enumerate(known[:150])
    ]  # fmt: skip
    result = resolve({"crm": pa.Table.from_pylist(shop), "web": pa.Table.from_pylist(visits)})
    of = {(row["source"], row["record_id"]): row["profile_id"] for row in result.assignments.to_pylist()}
    joined = sum(
        of["web", f"V{number}"] == of["crm", row["customer_id"]] for number, row in enumerate(known[:150])
    )
    assert joined >= 140
    assert not any(name.endswith("sha256") for name in result.profiles.column_names)


def test_an_address_of_their_own_does_not_hide_a_hashed_one() -> None:
    clear, hidden = encoded("email", ["a@x.org", "b@x.org"], ["a@x.org", "b@x.org"]), hashed("b@x.org")
    _, read = read_digests([clear, encoded("email_sha256", [hidden], [hidden])])
    # One slot for what is written in clear, and one behind it.
    assert [slot.tolist() for slot in read.slots] == [[-1, -1], [0]]
