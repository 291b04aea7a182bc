"""Splink models for the benchmark sets.

The first three follow the demonstration models of Splink's own documentation for the same data (comparisons,
blocking rules, deterministic rules and training rules). The others are written as a practitioner who knows
Splink and has looked at the columns and the trained weights would write them. Of three or four sensible ways
(other training rules, other string distances) the one with the best result stands here, in the peer's favour.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rules = Callable[[Any], list[Any]]


@dataclass(frozen=True)
class PeerModel:
    """One Splink job.

    Attributes:
        tables: gives for an input folder the SQL of each table by name; every table has `uid`, `source` and
            `record_id`. Two tables are linked, one is deduplicated.
        settings: makes the settings, given the splink module.
        deterministic: rules that find matches with few errors, for the prior.
        recall: share of the matches those rules are judged to find.
        training: the blocking rules of the EM sessions.
        max_pairs: random pairs for u.
        train_without_term_frequencies: EM on pattern counts, which is faster.
    """

    tables: Callable[[str], dict[str, str]]
    settings: Callable[[Any], Any]
    deterministic: Rules
    recall: float
    training: Rules
    max_pairs: float = 1e7
    train_without_term_frequencies: bool = True


def _libraries() -> tuple[Any, Any]:
    """The comparison library and the comparison level library."""
    return (
        importlib.import_module("splink.comparison_library"),
        importlib.import_module("splink.comparison_level_library"),
    )


def _settings(splink: Any, link_type: str, rules: list[Any], comparisons: list[Any]) -> Any:
    return splink.SettingsCreator(
        link_type=link_type,
        unique_id_column_name="uid",
        blocking_rules_to_generate_predictions=rules,
        comparisons=comparisons,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        additional_columns_to_retain=["source", "record_id"],
    )


# fake_1000 ---------------------------------------------------------------------------------------------


def _fake_1000_tables(folder: str) -> dict[str, str]:
    return {
        "people": f"""
            select row_number() over () as uid, 'records' as source, unique_id::varchar as record_id,
                first_name, surname, try_cast(dob as date) as dob, city, email
            from read_csv('{folder}/records.csv', all_varchar = true)"""
    }


def _fake_1000_settings(splink: Any) -> Any:
    cl, _ = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "dedupe_only",
        [block_on("first_name"), block_on("surname"), block_on("dob"), block_on("email")],
        [
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
    )


def _fake_1000_deterministic(splink: Any) -> list[Any]:
    close = "levenshtein(r.dob::varchar, l.dob::varchar) <= 1"
    return [
        f"l.first_name = r.first_name and {close}",
        f"l.surname = r.surname and {close}",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        splink.block_on("email"),
    ]


# febrl -------------------------------------------------------------------------------------------------


_FEBRL_COLUMNS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
)


def _febrl_sql(folder: str, name: str, first: int) -> str:
    fields = ", ".join(f"nullif(trim({column}), '') as {column}" for column in _FEBRL_COLUMNS)
    return f"""
        select {first} + row_number() over () as uid, '{name}' as source, trim(rec_id) as record_id, {fields}
        from (
            select columns('\\s*(.*)') as '\\1'
            from read_csv('{folder}/{name}.csv', all_varchar = true, header = true)
        )"""


def _febrl_3_settings(splink: Any) -> Any:
    cl, _ = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "dedupe_only",
        [block_on(c) for c in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")],
        [
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )


def _febrl_4_settings(splink: Any) -> Any:
    cl, _ = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "link_only",
        [
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        [
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
    )


def _febrl_deterministic(splink: Any) -> list[Any]:
    block_on = splink.block_on
    return [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]


def _febrl_3_deterministic(splink: Any) -> list[Any]:
    swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
    return [*_febrl_deterministic(splink), swapped]


# pseudopeople ------------------------------------------------------------------------------------------

_PERSON = ("first_name", "middle_initial", "last_name")


def _pseudopeople_tables(folder: str) -> dict[str, str]:
    """Four layouts brought into one table: ISO dates, lower case, one set of address columns."""

    def part(name: str, birth: str, address: str, extra: str) -> str:
        names = ", ".join(f"nullif(lower(trim({column})), '') as {column}" for column in _PERSON)
        places = ", ".join(
            f"nullif(lower(trim({address}{column})), '') as {column}"
            for column in ("street_number", "street_name", "unit_number", "city", "zipcode")
        )
        return f"""
            select '{name}' as source, record_id, {names}, {birth} as dob, {places}, {extra}
            from read_csv('{folder}/{name}.csv', all_varchar = true, header = true)"""

    slashed = "try_strptime(date_of_birth, '%m/%d/%Y')::date"
    packed = "try_strptime(date_of_birth, '%m%d%Y')::date"
    person = "lower(sex) as sex, null as ssn, null as po_box"
    worker = "null as sex, regexp_replace(ssn, '[^0-9]', '', 'g') as ssn, mailing_address_po_box as po_box"
    union = " union all ".join(
        (
            part("census2020", slashed, "", person),
            part("acs2020", slashed, "", person),
            part("wic2020", packed, "", person),
            part("w2_1099_2020", "null::date", "mailing_address_", worker),
        )
    )
    return {"people": f"select row_number() over () as uid, * from ({union})"}


def _pseudopeople_settings(splink: Any) -> Any:
    cl, cll = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "dedupe_only",
        [
            block_on("first_name", "last_name"),
            block_on("last_name", "street_name"),
            block_on("first_name", "street_name"),
            block_on("last_name", "dob"),
            block_on("first_name", "dob"),
            block_on("ssn"),
            block_on("street_name", "street_number", "middle_initial"),
            block_on("first_name", "middle_initial", "substr(last_name, 1, 3)"),
        ],
        [
            cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
            cl.ExactMatch("middle_initial").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.CustomComparison(
                output_column_name="address",
                comparison_levels=[
                    cll.NullLevel("street_name"),
                    cll.And(cll.ExactMatchLevel("street_name"), cll.ExactMatchLevel("street_number")),
                    cll.ExactMatchLevel("street_name", term_frequency_adjustments=True),
                    cll.And(cll.JaroWinklerLevel("street_name", 0.9), cll.ExactMatchLevel("street_number")),
                    cll.JaroWinklerLevel("street_name", 0.9),
                    cll.ElseLevel(),
                ],
            ),
            cl.DamerauLevenshteinAtThresholds("ssn", [1, 2]),
            cl.ExactMatch("sex"),
        ],
    )


def _pseudopeople_deterministic(splink: Any) -> list[Any]:
    block_on = splink.block_on
    return [
        block_on("ssn", "first_name"),
        block_on("first_name", "last_name", "dob"),
        block_on("first_name", "last_name", "street_name"),
    ]


# dedupe_earlychildhood ---------------------------------------------------------------------------------


def _earlychildhood_tables(folder: str) -> dict[str, str]:
    """Names and addresses in lower case without punctuation; the phone's digits."""
    clean = "nullif(trim(regexp_replace(lower({}), '[^a-z0-9]+', ' ', 'g')), '')"
    return {
        "sites": f"""
            select row_number() over () as uid, 'records' as source, record_id,
                {clean.format('"Site name"')} as name,
                {clean.format('"Address"')} as address,
                nullif(regexp_extract("Address", '^\\s*([0-9]+)', 1), '') as house_number,
                substr({clean.format('"Zip"')}, 1, 5) as zip,
                nullif(right(regexp_replace("Phone", '[^0-9]', '', 'g'), 7), '') as phone
            from read_csv('{folder}/records.csv', all_varchar = true, header = true)"""
    }


def _earlychildhood_settings(splink: Any) -> Any:
    cl, cll = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "dedupe_only",
        [
            block_on("phone"),
            block_on("address"),
            block_on("name"),
            block_on("house_number", "zip"),
            block_on("zip", "substr(name, 1, 4)"),
            block_on("house_number", "substr(name, 1, 3)"),
        ],
        [
            cl.CustomComparison(
                output_column_name="name",
                comparison_levels=[
                    cll.NullLevel("name"),
                    cll.ExactMatchLevel("name", term_frequency_adjustments=True),
                    cll.JaccardLevel("name", 0.9),
                    cll.JaccardLevel("name", 0.75),
                    cll.ElseLevel(),
                ],
            ),
            cl.CustomComparison(
                output_column_name="address",
                comparison_levels=[
                    cll.NullLevel("address"),
                    cll.ExactMatchLevel("address", term_frequency_adjustments=True),
                    cll.And(cll.ExactMatchLevel("house_number"), cll.JaroWinklerLevel("address", 0.9)),
                    cll.JaroWinklerLevel("address", 0.9),
                    cll.ElseLevel(),
                ],
            ),
            cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
        ],
    )


def _earlychildhood_deterministic(splink: Any) -> list[Any]:
    block_on = splink.block_on
    return [block_on("phone", "address"), block_on("name", "address"), block_on("name", "phone")]


# generated customers -----------------------------------------------------------------------------------


def _customers_tables(folder: str) -> dict[str, str]:
    """The benchmark prepares this table: lower case, trimmed, ISO dates, digits of the phone."""
    return {"people": f"select * from read_parquet('{folder}/unified.parquet')"}


def _customers_settings(splink: Any) -> Any:
    cl, cll = _libraries()
    block_on = splink.block_on
    return _settings(
        splink,
        "dedupe_only",
        [
            block_on("email"),
            block_on("phone"),
            block_on("last_name", "dob"),
            block_on("first_name", "dob"),
            block_on("last_name", "postcode"),
            block_on("first_name", "last_name", "city"),
            block_on("loyalty_no"),
            block_on("crm_no"),
        ],
        [
            cl.ForenameSurnameComparison(
                "first_name", "last_name", forename_surname_concat_col_name="full_name"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            cl.CustomComparison(
                output_column_name="phone",
                comparison_levels=[
                    cll.NullLevel("phone"),
                    cll.ExactMatchLevel("phone", term_frequency_adjustments=True),
                    cll.CustomLevel("phone_l = phone_2_r or phone_2_l = phone_r", "Other phone is equal"),
                    cll.LevenshteinLevel("phone", 2),
                    cll.ElseLevel(),
                ],
            ),
            cl.ExactMatch("loyalty_no"),
            cl.ExactMatch("crm_no"),
            # City is left out: it only repeats the postcode.
            cl.CustomComparison(
                output_column_name="address",
                comparison_levels=[
                    cll.NullLevel("postcode"),
                    cll.And(cll.ExactMatchLevel("postcode"), cll.ExactMatchLevel("street")),
                    cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
                    cll.JaroWinklerLevel("street", 0.9),
                    cll.ElseLevel(),
                ],
            ),
        ],
    )


def _customers_deterministic(splink: Any) -> list[Any]:
    block_on = splink.block_on
    return [
        block_on("first_name", "last_name", "dob"),
        block_on("first_name", "email"),
        block_on("first_name", "phone"),
        block_on("loyalty_no"),
        block_on("crm_no"),
    ]


MODELS: dict[str, PeerModel] = {
    "fake_1000": PeerModel(
        _fake_1000_tables,
        _fake_1000_settings,
        _fake_1000_deterministic,
        0.7,
        lambda splink: [
            splink.block_on("dob"),
            splink.block_on("email"),
            splink.block_on("first_name", "surname"),
        ],
        max_pairs=1e6,
    ),
    "febrl3": PeerModel(
        lambda folder: {"people": _febrl_sql(folder, "dataset3", 0)},
        _febrl_3_settings,
        _febrl_3_deterministic,
        0.9,
        lambda splink: [splink.block_on("date_of_birth"), splink.block_on("postcode")],
        max_pairs=1e6,
        train_without_term_frequencies=False,
    ),
    "febrl4": PeerModel(
        lambda folder: {
            "a": _febrl_sql(folder, "dataset4a", 0),
            "b": _febrl_sql(folder, "dataset4b", 1_000_000),
        },
        _febrl_4_settings,
        _febrl_deterministic,
        0.8,
        lambda splink: [splink.block_on("date_of_birth"), splink.block_on("postcode")],
        max_pairs=1e6,
    ),
    "pseudopeople_share": PeerModel(
        _pseudopeople_tables,
        _pseudopeople_settings,
        _pseudopeople_deterministic,
        0.8,
        lambda splink: [
            splink.block_on("first_name", "last_name"),
            splink.block_on("dob", "middle_initial"),
        ],
    ),
    "dedupe_earlychildhood": PeerModel(
        _earlychildhood_tables,
        _earlychildhood_settings,
        _earlychildhood_deterministic,
        0.6,
        lambda splink: [splink.block_on("phone"), splink.block_on("zip", "house_number")],
    ),
    "customers": PeerModel(
        _customers_tables,
        _customers_settings,
        _customers_deterministic,
        0.7,
        lambda splink: [
            splink.block_on("first_name", "last_name", "city"),
            splink.block_on("dob", "postcode"),
            splink.block_on("email"),
        ],
    ),
}
