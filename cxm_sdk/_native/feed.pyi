"""What a batch tells its change feed, as JSON."""

from collections.abc import Iterable
from typing import final

@final
class Feed:
    """Entries of a change feed: of each kind, profile and detail.

    Example:
        >>> feed = Feed()
        >>> feed.tell("created", b"p")
        >>> feed.tell("merged", b"p", "from", ["71"])
        >>> feed.link(b"p", 1, 2, 7.25)
        >>> for row in feed.rows(2):
        ...     print(row)
        (2, '[["created","70",{}],["merged","70",{"from":["71"]}]]')
        (1, '[["link_added","70",{"nodes":[1,2],"weight":7.25}]]')
    """

    def __len__(self) -> int: ...
    def tell(
        self, kind: str, profile: bytes, name: str | None = None, what: str | Iterable[str] | None = None
    ) -> None:
        """Adds an entry.

        Args:
            kind: What happened.
            profile: Id of the profile.
            name: What the detail is called; None where there is none.
            what: The detail: a text, or several.

        Raises:
            TypeError: When the detail is something else.
        """

    def link(self, profile: bytes, a: int, b: int, weight: float) -> None:
        """Adds an entry about a link that came to be kept.

        Args:
            profile: Id of the profile.
            a: The smaller number of its records.
            b: The larger one.
            weight: Match weight in bits; six digits behind the point are told.
        """

    def rows(self, most: int) -> list[tuple[int, str]]:
        """The entries, some together.

        Args:
            most: Most entries of a row.

        Returns:
            Of each row how many it holds, and these as JSON.
        """
