"""Fields of objects are read as a plain reading of the rules says, whatever stands in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native import fields
from cxm_sdk._native.fields import Fields, exact_in_floats, writable
from cxm_sdk._native.moments import counted
from cxm_sdk._native.paths import Choice, find, there

KEYS = st.sampled_from(["a", "b", "a.b", "b.a", "a.b.a", ""])
PATHS = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=4).map(".".join)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(
        ["", " ", "yes", "TRUE ", "0", "n", "-1.50", "1e5", "1_0", "1e400", "NaN", " 7 ", "\ud800", "é", "\x00a\x1f",
         "٣", "-", ".", "1.2.3", 10**299, 10**300, -(10**300), 10**20, 0, 1, 1e300, float("inf"), Decimal("1e-299"),
         Decimal("1e300"), Decimal("sNaN")]
    )
)  # fmt: skip
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
    ),
    max_size=4,
)  # fmt: skip
HUGE = 10**300


class Noting(Fields):
    """Keeps where something was noted, and why."""

    def note(self, path: str, reason: str, detail: str) -> None:
        self.notes.append((self.at(path), reason))
        self.noted.append((self.at(path), reason))


# ------------------------------------------------------------------------------------------ what the rules say


def plainly_found(data: Any, path: str) -> list[Any]:
    """The value at a path in a list; an empty list where there is none."""
    if not isinstance(data, dict):
        return []
    if path in data:
        return [data[path]]
    head, dot, rest = path.partition(".")
    return plainly_found(data[head], rest) if dot and head in data else []


def can_be_written(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def plain_text(value: Any) -> str | None:
    if type(value) is str and can_be_written(value):
        return value.strip() or None
    return str(value) if type(value) is int and abs(value) < HUGE else None


def plain_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        made = Decimal(value.strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        return None
    return made if made.is_finite() and abs(made.adjusted()) < 300 else None


def plain_flag(value: Any) -> bool | None:
    word = str(value).strip().lower() if type(value) in (bool, int, str) else ""
    yes, no = word in ("true", "1", "yes", "y", "x"), word in ("false", "0", "no", "n")
    return yes if yes or no else None


# ------------------------------------------------------------------------------------------ laws


@given(DATA, PATHS)
def test_values_are_found_by_path(data: dict[str, Any], path: str) -> None:
    found = plainly_found(data, path)
    assert there(data, path) == bool(found)
    assert find(data, path) is (found[0] if found else None)
    one = Noting(data)
    assert one.raw(path) is find(data, path)
    assert one.seen == {path}


@given(DATA, PATHS)
def test_texts_numbers_and_flags_are_what_the_rules_say(data: dict[str, Any], path: str) -> None:
    value = find(data, path)
    for read, wanted in (("text", plain_text), ("number", plain_number), ("flag", plain_flag)):
        one = Noting(data, "top")
        made = getattr(one, read)(path)
        assert (made, type(made)) == (wanted(value), type(wanted(value)))
        blank = (
            value is None or value == "" or (read == "text" and type(value) is str and can_be_written(value))
        )
        assert one.notes == (
            [] if made is not None or blank else [(f"top.{path}" if path else "top", "wrong_type")]
        )


@given(DATA, PATHS)
def test_lists_of_texts_and_of_objects_keep_what_is_right(data: dict[str, Any], path: str) -> None:
    value = find(data, path)
    listed = value if isinstance(value, list) else [] if value is None else [value]
    one = Noting(data)
    assert one.texts(path) == [text for part in listed if (text := plain_text(part)) is not None]
    one, path = Noting(data), path or "a"  # no path stands for the whole
    value = find(data, path)
    listed = value if isinstance(value, list) else [value]
    objects = [part for part in listed if isinstance(part, dict)]
    assert [part.data for part in one.each(path)] == objects
    assert one.each(path) is one.each(path) or not objects
    assert all(part.parent is one and type(part) is Noting for part in one.each(path))


@given(DATA, st.lists(PATHS, max_size=4))
def test_many_fields_at_once_are_those_one_by_one(data: dict[str, Any], paths: list[str]) -> None:
    many = tuple((path, f"name of {path}") for path in paths)
    alone = [(Noting(data).id(path), path, name) for path, name in many]
    assert Noting(data).ids(many) == [one for one in alone if one[0] is not None]
    told = {"name of a": "was there"}
    Noting(data).tell(many, told)
    wanted = {name: text for path, name in reversed(many) if (text := Noting(data).text(path)) is not None}
    assert told == {**wanted, "name of a": "was there"}


EQUAL = st.tuples(PATHS, st.lists(st.sampled_from(["yes", "", 0, 1, True, "7"]), max_size=3))


@given(
    DATA,
    st.lists(EQUAL, max_size=2),
    st.lists(PATHS, max_size=2),
    st.lists(PATHS, max_size=1),
    st.lists(PATHS, max_size=1),
)
def test_the_first_kind_whose_conditions_are_met_is_chosen(
    data: dict[str, Any],
    equal: list[tuple[str, list[Any]]],
    has: list[str],
    lacks: list[str],
    around: list[str],
) -> None:
    above = {"a": data}
    fits = (
        all(
            type(find(data, path)) in (str, int, bool) and find(data, path) in values
            for path, values in equal
        )
        and all(there(data, path) for path in has)
        and not any(there(data, path) for path in lacks)
        and all(there(above, path) for path in around)
    )
    kind = [(path, tuple(values)) for path, values in equal], tuple(has), tuple(lacks), tuple(around), None
    choice = Choice(
        [((), ("nobody has this",), (), (), None), kind, ((), (), (), (), lambda found: "a" in found)]
    )
    assert choice.of(data, above) == (1 if fits else 2 if "a" in data else -1)


def test_many_paths_do_not_fill_the_memory() -> None:
    for number in range(10_000):
        assert find({"a": {str(number): number}}, f"a.{number}") == number


FINITE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.decimals(min_value=-1000, max_value=1000, places=3)
)


@given(
    st.recursive(FINITE, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4))
)
def test_floats_hold_all_numbers_where_it_is_said_so(value: Any) -> None:
    text = json.dumps(value, default=float).encode()
    exact = json.loads(text, parse_float=Decimal)
    if exact_in_floats(text):
        assert json.loads(text) == json.loads(text, parse_float=lambda number: float(Decimal(number)))
        assert all(Decimal(repr(float(number))) == number for number in _fractions(exact))


def _fractions(value: Any) -> list[Decimal]:
    if isinstance(value, Decimal):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for one in below for number in _fractions(one)]


@pytest.mark.parametrize(
    ("text", "held"),
    [(b"19.99", True), (b"0.12345678901234567", False), (b"1e5", False), (b'"1e5 0.12345678901234567"', True),
     (b'"a\\"1e5"', True), (b'"\\\\",1e5', False), (b'"', True), (b'"\\', True), (b"12345678901234567890", True)],
)  # fmt: skip
def test_only_numbers_with_a_fraction_may_be_too_long_for_floats(text: bytes, held: bool) -> None:
    assert exact_in_floats(text) == held


def test_what_holds_itself_or_cannot_be_written_is_told() -> None:
    ring: list[Any] = []
    ring.append(ring)
    for wrong in (
        ring,
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        float("nan"),
        HUGE,
        object(),
        [{"a": ["\udfff"]}],
        (1,),
    ):
        assert not writable(wrong)
    assert writable({"a": [1, 1.5, None, True, "é", Decimal("1.5"), datetime(2026, 1, 1, tzinfo=UTC)]})


def test_a_class_of_its_own_is_asked_by_all_that_reads() -> None:
    class Wrapped(Noting):
        def raw(self, path: str) -> Any:
            told = super().raw(path)
            return told.get("value") if isinstance(told, dict) else told

    one = Wrapped({"id": {"value": 7}, "ok": {"value": "yes"}, "in": [{"id": {"value": "x"}}]})
    assert (one.text("id"), one.id("id"), one.number("id"), one.flag("ok")) == ("7", "7", Decimal(7), True)
    assert one.ids((("id", 1),)) == [("7", "id", 1)]
    assert one.each("in")[0].id("id") == "x"
    assert one.each("in")[0].up("ok") == "yes"


@given(
    DATA,
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["text", "id", "number"]), PATHS), max_size=5),
)
def test_what_is_gathered_is_what_each_field_is(data: Any, wanted: Any) -> None:
    one, other = Noting(data), Noting(data)
    expected: dict[str, Any] = {}
    for name, way, path in wanted:
        value = getattr(other, way)(path)
        if value is not None:
            expected[name] = value
    gathered = one.gather(tuple(wanted))
    assert (repr(gathered), one.seen, one.notes) == (repr(expected), other.seen, other.notes)


def test_a_path_may_be_as_long_as_objects_are_deep() -> None:
    deep: Any = 7
    for _ in range(40):
        deep = {"a": deep}
    path = ".".join("a" * 40)
    assert find(deep, path) == 7
    assert not there(deep, f"{path}.a")
    assert find({"a": {path[2:]: 8}}, path) == 8
    assert find({"a": {"a": {path[4:]: 9}}}, path) == 9
    assert not there({}, "a." * 100_000)


def test_objects_that_are_let_go_hold_nothing_above_them() -> None:
    one = Noting({"a": [{"b": {"c": 1}}]})
    below = one.each("a")[0].each("b")[0]
    assert below.path == "a[0].b"
    one.release()
    assert below.parent is None
    assert one.children["a"][0].children["b"] == [below]


def test_fields_alone_cannot_note() -> None:
    with pytest.raises(NotImplementedError):
        fields.Fields({"a": []}).text("a")
    with pytest.raises(NotImplementedError):
        fields.Fields({"a": "tomorrow"}).time("a")


@given(st.sampled_from(["iso", "ms"]), LEAVES)
def test_a_time_is_read_at_once_or_by_the_class(form: Any, value: Any) -> None:
    class Asked(Noting):
        def unusual(self, path: str, value: Any, form: str) -> Any:
            return path, value, form

    one = Asked({"at": value, "usual": "2026-01-01T00:00:00Z"})
    asked = one.time("at", form)
    at_once = None if form == "iso" else counted(value, form)
    assert (
        asked == (None if value is None or value == "" else at_once or ("at", value, form)) or value != value
    )
    assert one.time("usual") == datetime(2026, 1, 1, tzinfo=UTC)
    assert one.seen == {"at", "usual"}
