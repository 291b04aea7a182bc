"""Few records compared where their values lie: what a live graph weighs at a time."""

from collections.abc import Iterable
from typing import Any, final

from cxm_sdk._native.weighing import Weighing

@final
class Few:
    """Some records, laid out for a model, which are called by their numbers.

    What is found out about a pair of them depends on those two alone.

    Args:
        rules: The model.
        shared: How many people share an identifier, by its key, where it is more than one. Those that too many people
            share, which is a negative number, count as missing. It is read as records are added.

    Attributes:
        shared: As given.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
        >>> from cxm_sdk.identity.resolver import Resolver
        >>> resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
        >>> said = {"email": [("ada@x.org", "ada@x.org")]}
        >>> few = Few(resolver.weighing, {})
        >>> few.add([resolver.record(n, "crm", str(n), said, 0, 0) for n in (1, 2)])
        >>> from cxm_sdk._native.packing import packed
        >>> weight, household = memoryview(few.weigh(packed([(1, 2)]))).cast("d")
        >>> weight > resolver.cut
        True
    """

    @property
    def shared(self) -> dict[int, int]: ...
    def __init__(self, rules: Weighing, shared: dict[int, int]) -> None: ...
    def add(self, records: Iterable[Any]) -> None:
        """Lays records out, but for those whose numbers are laid out already.

        Args:
            records: The records of persons.

        Raises:
            TypeError: When a record is something else.
        """

    def weigh(self, pairs: bytes) -> bytes:
        """Weighs pairs. An agreement says half as much after the half-life of its comparison, a quarter after two.

        Args:
            pairs: Numbers of the records, as ``packing.packed`` writes them.

        Returns:
            Of each pair match weight in bits, and log2 odds of one household against strangers, as ``array("d")`` has
            them.

        Raises:
            KeyError: When a record is not laid out.
            RuntimeError: When the scorer fails.
        """

    def terms(
        self, one: int, other: int
    ) -> tuple[list[int], list[float], bool, list[tuple[float, float]], float, float]:
        """Weighs a pair, term by term.

        Args:
            one: Number of a record.
            other: Number of another one.

        Returns:
            The level of each comparison, 0 where one side says nothing; bits of each adjustment; whether they are of
            two sources; for each comparison that ages the bits lost, of the match and of the household; match weight;
            and household weight.

        Raises:
            KeyError: When a record is not laid out.
            RuntimeError: When the scorer fails.
        """
