"""Names of sources and namespaces with their tenant, and the identifiers that customers have under them."""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar, final

_Made = TypeVar("_Made")

class _Many(Protocol):
    @property
    def namespace(self) -> str: ...
    @property
    def none(self) -> tuple[str, ...]: ...

class _Item(Protocol):
    def ids(self, fields: tuple[tuple[str, _Many], ...]) -> list[tuple[str, str, _Many]]: ...
    def note(self, path: str, reason: str, detail: str) -> None: ...

@final
class Names(Generic[_Made]):
    """The names of one tenant.

    Args:
        tenant: Tenant; None where the system has none.
        own: Addresses and domains (``@example.com``) of the company itself, which name no customer.
        forms: By namespace: a function that gives the canonical form of what the source writes; None for what names
            nobody.
        make: Makes an identifier of its namespace, its canonical form, and what the source writes.

    Example:
        >>> from cxm_sdk.adapters import Identifier
        >>> names = Names("62515", frozenset(), {"email": str.lower}, Identifier)
        >>> names.named("hubspot.{tenant}.contact")
        'hubspot.62515.contact'
    """

    def __init__(
        self,
        tenant: str | None,
        own: frozenset[str],
        forms: Mapping[str, Callable[[str], str | None]],
        make: Callable[[str, str, str], _Made],
    ) -> None: ...
    def named(self, template: str) -> str:
        """Puts the tenant into a template.

        Args:
            template: Such as ``hubspot.{tenant}.contact``.

        Returns:
            The name.
        """

    def identify(self, item: _Item, known: list[_Made], namespace: str, raw: str, path: str) -> _Made | None:
        """Adds an identifier to those that are known; text that names nobody is noted.

        Args:
            item: What it stands in.
            known: Identifiers of the customer.
            namespace: Template of the namespace.
            raw: As the source writes it.
            path: Where it stands.

        Returns:
            The identifier, which may have been known; None where it names nobody, or the company itself.
        """

    def identify_all(self, item: _Item, known: list[_Made], fields: tuple[tuple[str, _Many], ...]) -> None:
        """Adds the identifiers at many paths.

        Args:
            item: What they stand in.
            known: Identifiers of the customer.
            fields: Paths, each with its namespace and the texts that stand for none.
        """
