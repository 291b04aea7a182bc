"""Links in rows of bytes are what was put in, of each two records the latest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.links import ends_of_rows, links_of_rows, merged, rows_of_links, without
from cxm_sdk._native.packing import packed

Link = tuple[int, int, float, float, str | None]
NUMBERS = st.sampled_from([0, 1, 2, 7, 300, 2**40, 2**63 - 1])
REALS = st.floats(allow_nan=False)
FATES = st.one_of(st.none(), st.sampled_from(["kept", "unique:größe"]), st.text(min_size=1, max_size=60))
LINKS = st.dictionaries(st.tuples(NUMBERS, NUMBERS), st.tuples(REALS, REALS, FATES), max_size=12)


def _listed(links: dict[tuple[int, int], tuple[float, float, str | None]]) -> list[Link]:
    """By the larger number, then by the smaller one."""
    return sorted(((a, b, *rest) for (a, b), rest in links.items()), key=lambda link: (link[1], link[0]))


@given(LINKS)
def test_links_are_read_as_they_were_written(
    links: dict[tuple[int, int], tuple[float, float, str | None]],
) -> None:
    rows = rows_of_links(_listed(links))
    assert [b for b, _ in rows] == sorted({b for _, b in links})
    assert links_of_rows(rows) == _listed(links)
    assert ends_of_rows(rows) == packed(_listed(links))


@given(LINKS, LINKS)
def test_links_take_the_place_of_those_of_the_same_two_records(
    links: dict[tuple[int, int], tuple[float, float, str | None]],
    others: dict[tuple[int, int], tuple[float, float, str | None]],
) -> None:
    rows = dict(rows_of_links(_listed(links)))
    for b, row in rows_of_links(_listed(others)):
        rows[b] = merged(rows.get(b, b""), row)
    assert links_of_rows(sorted(rows.items())) == _listed({**links, **others})


@given(LINKS, NUMBERS)
def test_links_that_are_taken_out_are_gone(
    links: dict[tuple[int, int], tuple[float, float, str | None]], gone: int
) -> None:
    rows = [(b, without(row, gone)) for b, row in rows_of_links(_listed(links))]
    assert links_of_rows(rows) == _listed({pair: rest for pair, rest in links.items() if pair[0] != gone})


def test_half_a_link_and_a_fate_that_is_too_long_are_errors() -> None:
    row = rows_of_links([(1, 2, 3.0, 0.0, "kept")])[0][1]
    for short in (row[:5], row[:-1], row + b"x"):
        for call in (
            lambda text: links_of_rows([(2, text)]),
            lambda text: ends_of_rows([(2, text)]),
            lambda text: without(text, 1),
        ):
            with pytest.raises(ValueError, match="whole links"):
                call(short)
        with pytest.raises(ValueError, match="whole links"):
            merged(short, b"")
    for fate in ("", "x" * 256):
        with pytest.raises(ValueError, match="255 bytes"):
            rows_of_links([(1, 2, 3.0, 0.0, fate)])
