"""Synthetic customers: five sources of one shop, and the truth about who is who.

Households with couples, children, flatmates and shared phones; common and rare names of fifteen cultures,
some in their own script; people who move, marry and change their number; typing mistakes, gaps, junk and
defaults at the rates customer files have. Seeded: one pair of ``rows`` and ``seed`` gives the same values
on every machine.

It serves demos, tests and benchmarks. It is one made-up shop among many real ones: nothing should be tuned
to it.

>>> customers = generate(200, seed=1)
>>> sorted(customers.sources), customers.truth.num_rows
(['crm', 'loyalty', 'store', 'support', 'web'], 200)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from cxm_sdk.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TRUTH_FILE", "SyntheticCustomers", "generate"]

TRUTH_FILE: Final = "truth/truth.csv"
"""Where ``SyntheticCustomers.write`` puts the truth: a folder of its own, so that reading ``*`` leaves it
out."""

_MOST_ROWS: Final = 200_000_000
"""So many that 32-bit numbers of persons and street addresses are certain to hold."""


@dataclass(frozen=True)
class SyntheticCustomers:
    """Generated sources and the truth about them.

    Attributes:
        sources: One table for each source, by name: ``crm``, ``loyalty``, ``store``, ``support``, ``web``.
            All columns are ``string``, null where the source holds nothing; the first column is the record
            identifier.
        truth: One row for each record: ``source``, ``record_id``, ``entity_id`` and ``household_id``, all
            ``string`` without nulls. A person belongs to one household.
    """

    sources: dict[str, pa.Table]
    truth: pa.Table

    def write(self, folder: str | Path) -> list[Path]:
        """Writes every source in its own format, and the truth beside them; all of it is written before any is seen.

        The files are ``crm.csv``, ``loyalty.parquet``, ``store.csv`` (semicolons), ``support.tsv`` and
        ``web.jsonl``; a source without records is left out. The truth goes to ``truth/truth.csv``.

        Args:
            folder: Folder to write to; made if it does not exist.

        Returns:
            The files of the sources, in order of their names; the truth is not among them.

        Raises:
            InputError: The folder holds a file of one of these names and no truth, so it is not of an earlier run.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in generate(200).write(folder)]
        ['crm.csv', 'loyalty.parquet', 'store.csv', 'support.tsv', 'web.jsonl']
        """
        from cxm_sdk.testing.synthetic.files import FILES, write_delimited, write_source

        target = Path(folder)
        truth = target / TRUTH_FILE
        if not truth.exists() and (own := [name for name in FILES.values() if (target / name).exists()]):
            raise InputError(
                f"{target} holds {own[0]}, which was not made up here.", hint="choose another folder"
            )
        written = [FILES[source] for source, table in self.sources.items() if table.num_rows]
        truth.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=target) as folder:
            draft = Path(folder)
            for source, table in self.sources.items():
                if table.num_rows:
                    write_source(source, table, draft / FILES[source])
            write_delimited(self.truth, draft / truth.name)
            for name in FILES.values():
                if name in written:
                    (draft / name).replace(target / name)
                else:  # of an earlier and larger run
                    (target / name).unlink(missing_ok=True)
            (draft / truth.name).replace(truth)
        return [target / name for name in written]


def generate(rows: int, seed: int = 0) -> SyntheticCustomers:
    """Makes customer records with known truth.

    About 2.3 records a person, 2 persons a household. The people of a smaller data set are, apart from the
    last household, the first people of a larger one with the same seed.

    Args:
        rows: Records in all sources together, 1 to 200 million. A million take about 1 GiB and some ten
            seconds.
        seed: Any integer; another seed, other people.

    Returns:
        The sources and the truth.

    Raises:
        InputError: ``rows`` is out of range.
        MissingExtraError: pyarrow is not installed.

    >>> generate(50).sources["crm"].column_names[:3]
    ['customer_id', 'first_name', 'last_name']
    """
    if not 1 <= rows <= _MOST_ROWS:
        raise InputError(f"rows must be from 1 to {_MOST_ROWS:,}, got {rows:,}.")
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError.for_package("pyarrow", "batch") from None
    from cxm_sdk.testing.synthetic.customers import make_sources

    return SyntheticCustomers(*make_sources(int(rows), int(seed)))
