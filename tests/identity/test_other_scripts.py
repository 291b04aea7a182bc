"""Names in other scripts are compared in Latin letters, and shown as they are written."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import MissingExtraError, resolve
from cxm_sdk.identity.normalize.names import latin, split_full_name
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


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("王小明", "小明", "王"),
        ("王伟", "伟", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("長谷川翼", "翼", "長谷川"),
        ("佐々木希様", "希", "佐々木"),
        ("鈴木さゆり", "さゆり", "鈴木"),
        ("東ひかる", "ひかる", "東"),
        ("高倉健太郎", "健太郎", "高倉"),
        ("김서준", "서준", "김"),
        ("남궁민수", "민수", "남궁"),
    ],
)
def test_a_full_name_without_a_space_is_taken_apart_behind_the_family_name(
    name: str, first: str, last: str
) -> None:
    for raw in (name, f" {name} ", f"\u3000{name}"):
        parts = split_full_name(Spans.of(pa.array([raw, "Ada King"])))
        assert parts.first.array().to_pylist() == [first, "ada"]
        assert parts.last.array().to_pylist() == [last, "king"]


@pytest.mark.parametrize(
    "name", ["李", "田中", "佐々木", "서준", "さくら", "スミス", "李ming", "市民会館第三会議室"]
)
def test_what_may_be_one_name_alone_is_not_taken_apart(name: str) -> None:
    parts = split_full_name(Spans.of(pa.array([name])))
    assert parts.last.array().to_pylist() == [None]


@pytest.mark.parametrize(
    ("name", "last"),
    [("نورة آل سعود", "ال سعود"), ("محمد بن سلمان", "بن سلمان"), ("דוד בן גוריון", "בן גוריון")],
)
def test_particles_of_arabic_and_hebrew_belong_to_the_last_name(name: str, last: str) -> None:
    parts = split_full_name(Spans.of(pa.array([name])))
    assert (parts.middle.array().to_pylist(), parts.last.array().to_pylist()) == ([None], [last])


def test_names_without_a_space_match_those_in_two_columns() -> None:
    families, given = (
        "王李张刘陈杨赵黄周吴",
        ["伟", "芳", "秀英", "娜", "敏", "静", "丽", "强", "磊", "军", "建平", "玉兰"],
    )
    people = [(last, first) for last in families for first in given]
    crm = [
        {"客户编号": f"K{at}", "姓": last, "名": first, "手机": f"138{at * 7919 % 10**8:08}"}
        for at, (last, first) in enumerate(people)
    ]
    shop = [
        {"订单号": f"O{at}", "姓名": last + first, "手机": f"138{at * 7919 % 10**8:08}"}
        for at, (last, first) in enumerate(people)
    ]
    result = resolve({"crm": pa.Table.from_pylist(crm), "shop": pa.Table.from_pylist(shop)})
    assert result.summary["profiles"] == len(people)
    assert result.profiles["last_name"].to_pylist()[:1] != [None]


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
