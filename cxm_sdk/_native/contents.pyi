"""What records say, packed: what a live graph weighs and counts."""

from typing_extensions import disjoint_base

@disjoint_base
class Packed:
    """What a record says, in one piece of memory.

    Args:
        content: Values by role: a dict of lists, the same as JSON, or what is packed already.

    Raises:
        TypeError: When it is no dict of lists of texts.
        json.JSONDecodeError: When it is text and no JSON.

    Example:
        >>> Packed('{"city":["ulm"]}').content
        {'city': ['ulm']}
    """

    def __init__(self, content: dict[str, list[str]] | str | Packed) -> None: ...
    @property
    def content(self) -> dict[str, list[str]]:
        """Values by role; not to be changed."""

    def knows(self, role: str) -> bool:
        """Whether it says anything of a role."""

def fewest_first(records: list[Packed], roles: tuple[str, ...], but: str) -> int:
    """The fewest different first values among some roles of which half of the records, or more, know one.

    Args:
        records: What the records say.
        roles: The roles.
        but: One of them that is left out.

    Returns:
        The number; 0 where so few know any of the roles.
    """
