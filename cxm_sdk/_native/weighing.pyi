"""What pairs of records weigh by a model, and what keeps people apart."""

from typing import final

from cxm_sdk._native.pair_model import PairModel
from cxm_sdk._native.profiles import Evidence

@final
class Weighing:
    """A model, ready to weigh records. It is made once, and used for every batch.

    Args:
        model: What is compared.
        evidence: What agreement is worth: of the comparisons of the model and, behind them, of a steward's decision as
            the second of two levels; with the adjustments of the model and, behind them, two for each comparison that
            ages, one for the match alone and one for the household as well.
        aging: For a comparison whose agreements say less with age, its half-life in seconds.
        digests: Roles of digests. Those that came as such are compared with those of what is known in clear.
        one_value: Roles of which a person has one value.
        one_record: Sources of which a person has one record.
        cut: Bits above which two clusters are one person.
        floor: Bits below which a pair could not matter for a person.

    Raises:
        KeyError: When the model does not know a role of which a person has one value.
        ValueError: When the evidence is of other comparisons or adjustments.

    Attributes:
        cut: As given.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
        >>> from cxm_sdk.identity.resolver import Resolver
        >>> resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
        >>> resolver.weighing.cut == resolver.cut
        True
    """

    @property
    def cut(self) -> float: ...
    def __init__(
        self,
        model: PairModel,
        evidence: Evidence,
        aging: dict[int, float],
        digests: list[str],
        one_value: list[str],
        one_record: list[str],
        cut: float,
        floor: float,
    ) -> None: ...
