"""Names in other scripts are compared in Latin letters, and shown as they are written."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import MissingExtraError, resolve
from cxm_sdk.identity.normalize.names import latin
from cxm_sdk.identity.spans import Spans
from cxm_sdk.testing import synthetic

PEOPLE = {
    "Дмитрий Новиков": ("Dmitri", "Novikov"),
    "Ελένη Παπαδοπούλου": ("Eleni", "Papadopoulou"),
    "Надежда Соколова": ("Nadezhda", "Sokolova"),
    "Γιώργος Νικολάου": ("Giorgos", "Nikolaou"),
}


def test_letters_of_other_scripts_become_latin_ones_and_the_others_stay() -> None:
    names = pa.array(["соколова", "novak", None, "周", "李 ming", "٤", "παπαδοπουλου"])
    assert latin(names).to_pylist() == ["sokolova", "novak", None, "zhou", "li ming", "٤", "papadopoyloy"]


def test_latin_names_are_handed_back_untouched() -> None:
    names = pa.array(["anna", None])
    assert latin(names) is names


@pytest.mark.parametrize(
    ("arabic", "written"),
    [("ناصر", "nasser"), ("احمد", "ahmed"), ("حسين", "hussain"), ("فاطمه", "fatima")],
)
def test_names_without_written_vowels_sound_alike(arabic: str, written: str) -> None:
    sounds = Spans.of(pa.concat_arrays([latin(pa.array([arabic])), pa.array([written])])).sounds()
    assert sounds[0] == sounds[1] != 0


def test_one_person_in_two_scripts_is_one_and_is_shown_as_written() -> None:
    shop = synthetic.generate(1500, seed=4).sources
    rows = [
        {"uid": f"N{number}", "name": name, "birthday": f"0{number + 1}/17/1971", "zip": "51765"}
        for number, name in enumerate(PEOPLE)
    ]
    crm = [
        {"customer_id": f"C{number}", "first_name": first, "last_name": last, "country": "Germany",
         "date_of_birth": f"1971-0{number + 1}-17", "postal_code": "51765"}
        for number, (first, last) in enumerate(PEOPLE.values())
    ]  # fmt: skip
    grown = dict(shop)
    for source, more in (("web", rows), ("crm", crm)):
        held = shop[source]
        whole = [{column: row.get(column) for column in held.column_names} for row in more]
        grown[source] = pa.concat_tables([held, pa.Table.from_pylist(whole, schema=held.schema)])
    result = resolve(grown)
    of = {row["record_id"]: row["profile_id"] for row in result.assignments.to_pylist()}
    joined = [of[f"N{number}"] == of[f"C{number}"] for number in range(len(PEOPLE))]
    assert all(joined)
    alone = resolve({"web": pa.Table.from_pylist([{"uid": "1", "name": "Дмитрий Новиков"}])})
    assert alone.profiles["last_name"].to_pylist() == ["Новиков"]


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "anyascii", None)
    with pytest.raises(MissingExtraError, match="anyascii"):
        latin(pa.array(["周"]))


def test_any_letters_are_taken() -> None:
    names = pa.array(
        [chr(code) for code in np.linspace(0x370, 0x2FFFF, 997, dtype=int) if not 0xD800 <= code < 0xE000]
    )
    found = latin(names)
    assert len(found) == len(names)
    assert found.null_count == 0
