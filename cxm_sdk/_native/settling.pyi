"""Links of a batch, what hangs together by them, and what people show otherwise than before."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import final

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.feed import Feed

@final
class Links:
    """Links of a batch: those that are weighed, those that are in the store, and what becomes of them.

    Records are named by their numbers, links by those of their two, the smaller one first.

    Args:
        cut: Bits from which on a link is strong, and holds records together.
        floor: Bits from which on a pair matters for a person, and is a link. For a household it does from even odds on.
        kept: What is said of a strong link inside a person.
        too_large: What is said of one between two groups.
        outweighed: What is said of one between two people of a group where nothing else is.

    Example:
        >>> from array import array
        >>> from cxm_sdk._native.links import links_of_rows
        >>> from cxm_sdk._native.packing import packed
        >>> links = Links(3.0, 0.0, "kept", "too_large", "outweighed")
        >>> links.weighed(packed([(1, 2), (2, 3)]), array("d", [5.0, 0.0, 1.0, 0.0]).tobytes(), set())
        >>> links.groups([1, 2, 3], [])
        [[1, 2], [3]]
        >>> links.place([1, 2], [0, 0], {}), links.place([3], [0], {})
        ([[1, 2]], [[3]])
        >>> links_of_rows(links.changes()[1])
        [(1, 2, 5.0, 0.0, 'kept'), (2, 3, 1.0, 0.0, None)]
    """

    def __init__(self, cut: float, floor: float, kept: str, too_large: str, outweighed: str) -> None: ...
    def weighed(self, pairs: bytes, edges: bytes, decided: Container[tuple[int, int]]) -> None:
        """Takes in what pairs say now. It counts, whatever the store says.

        Args:
            pairs: The pairs, the smaller number first, ascending and each once, as ``packing.packed`` writes them.
            edges: Of each match weight and household weight in bits, as ``Few.weigh`` gives them; those that do not
                matter are no links.
            decided: Pairs that a steward decided on, which are strong links whatever they say.

        Raises:
            ValueError: When there are not as many edges as pairs, or pairs are not in their order.
        """

    def stored(self, rows: list[tuple[int, bytes]], changed: Container[int]) -> None:
        """Takes in links as they are in the store.

        Args:
            rows: As ``links.rows_of_links`` packs them.
            changed: Records that are weighed anew, or gone; what the store says of their links holds no more.

        Raises:
            ValueError: When a row does not end with a link.
        """

    def decide(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Makes links strong that a steward decided on, as far as they are links."""

    def strong_ends(self) -> set[int]:
        """Records that have a strong link after the batch."""

    def alone(self, numbers: Iterable[int]) -> list[int]:
        """Those of some records that have no link after the batch."""

    def groups(self, members: list[int], tied: list[list[int]]) -> list[list[int]]:
        """Finds what hangs together by strong links.

        Args:
            members: Records, ascending.
            tied: Some of them that hang together anyway.

        Returns:
            The groups, each ascending, in the order of their first records.

        Raises:
            KeyError: When a record that hangs together with others is no member.
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

    def changes(self) -> tuple[list[tuple[int, int]], list[tuple[int, bytes]]]:
        """What the batch changes, after all groups were placed.

        Returns:
            Links that are gone, ascending; and links to be written, as ``stored`` takes them.

        Raises:
            ValueError: When what becomes of a link takes more than 255 bytes, or none.
        """

    def tell(
        self,
        feed: Feed,
        now: dict[int, bytes],
        was: Callable[[tuple[int, int]], bytes],
        why: Callable[[tuple[int, int]], str],
    ) -> None:
        """Tells of links that came to be kept, and of those that are no longer, after ``changes``.

        Links that are gone come first, then the others, ascending.

        Args:
            feed: Where it is told.
            now: Profiles by number of the record. A link is told of the smaller one's, or of the larger one's where
                that is in none.
            was: The profile of a link of which neither end is in one now.
            why: Why a link is gone, or weak.
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
