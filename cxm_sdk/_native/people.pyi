"""Groups of few records that hang together, split into people."""

from collections.abc import Iterable, Mapping

from cxm_sdk._native.few import Few

_Pair = tuple[int, int]
#: Pairs of places that are one person, and places of which a person has those of one side at most.
_Verdicts = tuple[frozenset[_Pair], tuple[tuple[frozenset[int], frozenset[int]], ...]]

def people_of_groups(
    few: Few, groups: Iterable[list[int]], verdicts: Mapping[int, _Verdicts]
) -> list[tuple[list[int], list[int], dict[_Pair, str]]]:
    """Splits groups of records into people, as ``cluster_profiles`` does on the batch side.

    Every pair of a group is compared. Clusters are joined while they look like one person and no constraint forbids it.
    Nothing depends on the order in which records are given, or on what else is laid out.

    Args:
        few: Their records, laid out.
        groups: Numbers of the records of each; none has anything to do with another.
        verdicts: For the place of a group what stewards decided about its records, by their places in canonical order.

    Returns:
        Of each group its records in canonical order, for each the smallest place of its person, and for each pair that
        speaks for one person and that a constraint keeps apart the constraint, by places.

    Raises:
        KeyError: When a record is not laid out.
        RuntimeError: When the scorer fails.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
        >>> from cxm_sdk.identity.resolver import Resolver
        >>> resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
        >>> said = {"email": [("ada@x.org", "ada@x.org")]}
        >>> records = [resolver.record(n, "crm", str(n), said, 0, 0) for n in (2, 3, 1)]
        >>> people_of_groups(resolver.lay_out(records, {}), [[3, 1, 2]], {})
        [([1, 2, 3], [0, 0, 0], {})]
    """
