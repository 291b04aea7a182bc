"""Links of a batch, what hangs together by them, and what people show otherwise than before."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import final

from cxm_sdk._native.contents import Packed

@final
class Links:
    """Links of a batch: those that are weighed, those that are in the store, and what becomes of them.

    Records are named by their numbers, links by those of their two, the smaller one first.

    Args:
        cut: Bits from which on a link is strong, and holds records together.
        kept: What is said of a strong link inside a person.
        too_large: What is said of one between two groups.
        outweighed: What is said of one between two people of a group where nothing else is.

    Example:
        >>> links = Links(3.0, "kept", "too_large", "outweighed")
        >>> links.weighed([(1, 2), (2, 3)], [(5.0, 0.0, True), (1.0, 0.0, True)], set())
        >>> links.groups([1, 2, 3], [])
        [[1, 2], [3]]
        >>> links.place([1, 2], [0, 0], {}), links.place([3], [0], {})
        ([[1, 2]], [[3]])
        >>> links.changes()[1]
        [(1, 2, 5.0, 0.0, 'kept'), (2, 3, 1.0, 0.0, None)]
    """

    def __init__(self, cut: float, kept: str, too_large: str, outweighed: str) -> None: ...
    def weighed(
        self,
        pairs: list[tuple[int, int]],
        edges: Sequence[tuple[float, float, bool]],
        decided: Container[tuple[int, int]],
    ) -> None:
        """Takes in what pairs say now. It counts, whatever the store says.

        Args:
            pairs: The pairs.
            edges: Of each match weight and household weight in bits, and whether it could matter; those that could not
                are no links.
            decided: Pairs that a steward decided on, which are strong links whatever they say.

        Raises:
            ValueError: When there are not as many edges as pairs.
        """

    def stored(
        self, rows: Iterable[tuple[int, int, float, float, str | None]], changed: Container[int]
    ) -> None:
        """Takes in links as they are in the store.

        Args:
            rows: Of each both records, match weight, household weight, and what became of it.
            changed: Records that are weighed anew, or gone; what the store says of their links holds no more.
        """

    def decide(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Makes links strong that a steward decided on, as far as they are links."""

    def ends(self, strong: bool) -> set[int]:
        """Records that have a link after the batch, or a strong one."""

    def groups(self, members: list[int], tied: list[list[int]]) -> list[list[int]]:
        """Finds what hangs together by strong links.

        Args:
            members: Records, ascending.
            tied: Some of them that hang together anyway.

        Returns:
            The groups, each ascending, in the order of their first records.
        """

    def among(self, numbers: list[int]) -> list[tuple[tuple[int, int], float, float, bool]]:
        """Links among some records.

        Args:
            numbers: The records.

        Returns:
            Of each the two places in ``numbers``, the smaller first, match weight, household weight, and whether a
            steward decided on it.
        """

    def place(
        self, numbers: list[int], labels: list[int], reasons: Mapping[tuple[int, int], str]
    ) -> list[list[int]]:
        """Says which people the records of a group are.

        Args:
            numbers: The records.
            labels: For each the number of its person in the group.
            reasons: Why two are kept apart, by their places in ``numbers``; others are outweighed.

        Returns:
            The records of each person.

        Raises:
            ValueError: When there are not as many labels as records.
        """

    def parted(self, groups: list[list[int]]) -> set[int]:
        """Finds records that were one person, and are several now.

        Args:
            groups: Records that were one person each.

        Returns:
            The first record of each group that is several people, or of which some record is nobody yet.
        """

    def changes(
        self,
    ) -> tuple[
        list[tuple[int, int]],
        list[tuple[int, int, float, float, str | None]],
        list[tuple[tuple[int, int], float | None, str | None]],
    ]:
        """What the batch changes, after all groups were placed.

        Returns:
            Links that are gone; links to be written, as ``stored`` takes them; and what is to be told of those that
            come to be kept, with their weight, or are no longer, with what became of them, None where they are gone or
            weak. All ascending, links that are gone first.
        """

def fields_shown_otherwise(
    grown: list[tuple[bytes, list[int], list[int]]],
    records: Mapping[int, Packed],
    former: Mapping[int, Packed],
    canonical: Container[str],
) -> list[tuple[bytes, list[str]]]:
    """Finds the fields of profiles that show something else than before.

    A field shows what the latest record says of a role that says anything of it; of two of one time, the one whose
    source and id come last.

    Args:
        grown: Profiles, each with the numbers of its records as they were and as they are.
        records: A dict of records by number.
        former: A dict of what records said before, of those that say something else now.
        canonical: Roles that are shown in canonical form, others as they are written.

    Returns:
        Profiles of which any field does, each with the roles in alphabetical order.

    Raises:
        KeyError: When there is no such record.
    """
