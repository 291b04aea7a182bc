"""Generated customers for the speed benchmark, and the one clean table a peer with one schema needs.

`cxm resolve` gets the five files as they are. Preparing the clean table (names split, dates in ISO form,
digits of phones, missing markers and plainly junk values emptied) is work of the peer's user beforehand; it
is not counted in the peer's time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent

_GENERATE = """
import json, sys
from cxm_sdk.testing.synthetic import TRUTH_FILE, generate
folder, rows, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
made = generate(rows, seed)
files = [path.name for path in made.write(folder)]
entities = len(made.truth["entity_id"].unique())
with open(folder + "/truth/made.json", "w") as report:
    json.dump({"files": files, "truth": TRUTH_FILE, "rows": rows, "seed": seed, "entities": entities}, report)
"""

_MISSING = "'', '-', '--', '?', '.', 'n/a', 'na', 'nan', 'null', 'none', 'unknown', 'xxx'"

# More records than one person or one household has: such a value is a marker or a shared desk.
_MOST_RECORDS = 30


@dataclass(frozen=True)
class Customers:
    """Generated records and their truth.

    Attributes:
        inputs: one file per source.
        truth: CSV with `source`, `record_id`, `entity_id`.
        rows: number of records.
        entities: number of people.
    """

    inputs: tuple[Path, ...]
    truth: Path
    rows: int
    entities: int


def generated(folder: Path, rows: int, seed: int) -> Customers:
    """Generate customers, or take them from the folder when they were made before.

    Args:
        folder: where the files are or will be.
        rows: number of records over all sources.
        seed: seed of the generator.

    Returns:
        Where the files are.
    """
    report = folder / "truth" / "made.json"
    if not report.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", _GENERATE, str(folder), str(rows), str(seed)], cwd=ROOT, check=True
        )
    made = json.loads(report.read_text())
    files = tuple(folder / name for name in made["files"])
    return Customers(files, folder / made["truth"], made["rows"], made["entities"])


def _text(column: str) -> str:
    """Lower case, without accents and outer spaces; missing markers become null."""
    clean = f"lower(strip_accents(trim({column})))"
    return f"case when {clean} in ({_MISSING}) then null else {clean} end"


def _phone(column: str) -> str:
    """The last nine digits: the same number with and without country code."""
    digits = f"regexp_replace({column}, '[^0-9]', '', 'g')"
    return (
        f"case when length({digits}) >= 7 and replace({digits}, left({digits}, 1), '') <> '' "
        f"then right({digits}, 9) end"
    )


def _day(column: str, layout: str) -> str:
    day = f"try_strptime(trim({column}), '{layout}')::date"
    return f"case when {day} not in (date '1900-01-01', date '1970-01-01') then {day} end"


def _names(column: str) -> tuple[str, str]:
    """First and last name of `First Last` or `Last, First`, without title, generation and middle names."""
    bare = (
        f"trim(regexp_replace(regexp_replace({_text(column)}, "
        "'^(mr|mrs|ms|miss|dr|herr|frau|mme|m)[.]? ', ''), '[ ,]+(jr|sr|ii|iii|iv)[.]?$', ''))"
    )
    first = f"case when contains({bare}, ',') then trim(split_part({bare}, ',', 2)) else {bare} end"
    after = f"case when contains({bare}, ' ') then trim(substr({bare}, instr({bare}, ' '))) end"
    last = f"case when contains({bare}, ',') then trim(split_part({bare}, ',', 1)) else {after} end"
    return f"split_part({first}, ' ', 1)", last


_COLUMNS = (
    "source record_id first_name last_name dob email phone phone_2 street postcode city loyalty_no crm_no"
)


def _select(source: str, table: str, **expressions: str) -> str:
    """One source in the shared columns; a column without an expression is null."""
    chosen = {"source": f"'{source}'", **expressions}
    columns = ", ".join(f"{chosen.get(name, 'null')} as {name}" for name in _COLUMNS.split())
    return f"select {columns} from {table}"


def _sources(folder: Path) -> list[str]:
    def text_file(name: str, delimiter: str) -> str:
        return f"read_csv('{folder / name}', all_varchar = true, header = true, delim = '{delimiter}')"

    loyalty_first, loyalty_last = _names("member_name")
    support_first, support_last = _names("caller_name")
    web_first, web_last = _names("name")
    postcode = "replace(replace({}, ' ', ''), '-', '')"
    born = "nullif(concat_ws('-', birth_year, birth_month, birth_day), '')"
    return [
        _select(
            "crm",
            text_file("crm.csv", ","),
            record_id="customer_id",
            first_name=f"split_part({_text('first_name')}, ' ', 1)",
            last_name=_text("last_name"),
            dob=_day("date_of_birth", "%Y-%m-%d"),
            email=_text("email"),
            phone=f"coalesce({_phone('mobile')}, {_phone('phone')})",
            phone_2=f"case when {_phone('mobile')} is not null then {_phone('phone')} end",
            street=_text("address"),
            postcode=postcode.format(_text("postal_code")),
            city=_text("city"),
            crm_no="customer_id",
        ),
        _select(
            "loyalty",
            f"read_parquet('{folder / 'loyalty.parquet'}')",
            record_id="card_no",
            first_name=loyalty_first,
            last_name=loyalty_last,
            dob=_day("birth_date", "%Y%m%d"),
            email=_text("mail"),
            phone=f"coalesce({_phone('mobile_number')}, {_phone('home_phone')})",
            phone_2=f"case when {_phone('mobile_number')} is not null then {_phone('home_phone')} end",
            street=_text("concat_ws(' ', addr_street, addr_house_no)"),
            postcode=postcode.format(_text("addr_zip")),
            city=_text("addr_city"),
            loyalty_no="card_no",
        ),
        _select(
            "store",
            text_file("store.csv", ";"),
            record_id="Kundennr",
            first_name=f"split_part({_text('Vorname')}, ' ', 1)",
            last_name=_text("Nachname"),
            dob=_day("Geburtsdatum", "%d/%m/%Y"),
            phone=_phone("Telefon"),
            street=_text("Strasse"),
            postcode=postcode.format(_text("PLZ")),
            city=_text("Ort"),
            loyalty_no=_text("Kundenkarte"),
        ),
        _select(
            "support",
            text_file("support.tsv", "\t"),
            record_id="contact_id",
            first_name=support_first,
            last_name=support_last,
            dob=_day(born, "%Y-%m-%d"),
            email=_text("email_address"),
            phone=_phone("callback_number"),
            postcode=postcode.format(_text("post_code")),
            city=_text("town"),
            crm_no=f"upper({_text('customer_no')})",
        ),
        _select(
            "web",
            f"read_json('{folder / 'web.jsonl'}', format = 'newline_delimited')",
            record_id="uid",
            first_name=web_first,
            last_name=web_last,
            dob=_day("birthday::varchar", "%m/%d/%Y"),
            email=_text("emailAddress"),
            phone=_phone("msisdn::varchar"),
            postcode=postcode.format(_text("zip::varchar")),
            loyalty_no=_text("loyaltyCard::varchar"),
        ),
    ]


def unified(customers: Customers) -> Path:
    """Write the clean table, or take it when it was made before.

    Args:
        customers: as from `generated`.

    Returns:
        Parquet file in a folder of its own, one row for every record.
    """
    folder = customers.inputs[0].parent
    target = folder / "unified" / "unified.parquet"
    if target.exists():
        return target
    target.parent.mkdir(exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"create table every as {' union all '.join(_sources(folder))}")
    for column in ("email", "phone", "phone_2"):
        connection.execute(
            f"update every set {column} = null where {column} in "
            f"(select {column} from every group by {column} having count(*) > {_MOST_RECORDS})"
        )
    blank = ", ".join(f"nullif({name}, '') as {name}" for name in ("first_name", "last_name"))
    connection.execute(
        f"""copy (
            select row_number() over () as uid, * replace ({blank}),
                nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), '') as full_name
            from every
        ) to '{target}' (format parquet)"""
    )
    connection.close()
    return target


def same_rows(table: Path) -> Path:
    """Write the clean table as a user would hand it over: without the peer's own two helper columns.

    Args:
        table: as from `unified`.

    Returns:
        Parquet file with the same rows in the same order.
    """
    target = table.with_name("customers.parquet")
    if not target.exists():
        pq.write_table(pq.read_table(table).drop_columns(["uid", "source", "full_name"]), target)
    return target
