"""From inputs to records that can be compared: reading, roles, canonical forms, shared values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cxm_sdk.identity.comparisons import Template, templates
from cxm_sdk.identity.copies import Copies, equal_rows, find_copies, no_copies, same_names
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.records import Ahead, Records, build_records
from cxm_sdk.identity.roles.all_sources import SourceRoles, infer_all_roles
from cxm_sdk.identity.running import Engine, Found, Options, Stages
from cxm_sdk.identity.sharing import Sharing, find_sharing
from cxm_sdk.identity.sources import Rejected

__all__ = ["Prepared", "make_comparable", "prepare"]


@dataclass
class Prepared:
    """Records and all that is known of them before any pair is compared.

    Attributes:
        records: The records.
        features: What is known of their values; values shared by too many people are muted.
        templates: Comparisons that their roles allow.
        sharing: How many people share each value.
        copies: Records that say the same as others.
        roles: Roles of each source.
        rows: Input rows of each source, by name.
        rejected: Input rows that did not become records.
        warnings: What a user should know.
    """

    records: Records
    features: Features
    templates: list[Template]
    sharing: Sharing
    copies: Copies
    roles: list[SourceRoles]
    rows: dict[str, int]
    rejected: list[Rejected]
    warnings: list[str] = field(default_factory=list)

    @property
    def identifiers(self) -> list[str]:
        """Roles whose values name one person."""
        return [template.roles[0] for template in self.templates if template.identifying]


def prepare(
    engine: Engine,
    inputs: Sequence[object],
    options: Options,
    stages: Stages,
    frozen: Frozen | None = None,
) -> Prepared:
    """Reads inputs and makes them comparable.

    Args:
        engine: Where it runs.
        inputs: Paths and tables.
        options: How they are read.
        stages: Clock and progress.
        frozen: What the model to be used fixes; None reads it off the records.

    Returns:
        The records.

    Raises:
        InputError: When the inputs cannot be used.
    """
    with stages("read"):
        found = engine.read(inputs)
    return make_comparable(engine, found, options, stages, frozen)


def make_comparable(
    engine: Engine, found: Found, options: Options, stages: Stages, frozen: Frozen | None = None
) -> Prepared:
    """Makes what was read comparable.

    Args:
        engine: Where it runs.
        found: What it read; the list of sources is emptied, so that tables are freed as soon as they are used up.
        options: How the columns are understood.
        stages: Clock and progress.
        frozen: What the model to be used fixes; None reads it off the records.

    Returns:
        The records.

    Raises:
        InputError: When the sources cannot be used.
    """
    sources, rejected, warnings = found
    rows = {source.name: source.table.num_rows for source in sources}
    for row in rejected:
        rows[row.source] = rows.get(row.source, 0) + 1
    with stages("roles"):
        ahead = Ahead(sources)

        def infer() -> list[SourceRoles]:
            try:
                return infer_all_roles(
                    sources, mapping=options.map, ignore=options.ignore, id_column=options.id_column
                )
            finally:
                ahead.end()

        # Roles are inferred by one worker; another goes ahead with what most columns need whatever they are, and has
        # one in hand when they are known.
        works: list[Callable[[], Any]] = [infer, ahead.work]
        working = iter(engine.run(lambda work: work(), works))
        roles = next(working)
    with stages("normalise"):
        records, refused = build_records(
            sources, roles, engine.run, release=True, ahead=ahead, alone=frozen is not None
        )
        list(working)
        chosen = templates(records)
        if frozen is None:
            makes: list[Callable[[], Any]] = [
                partial(equal_rows, records, roles, engine.run),
                partial(find_sharing, records, chosen, engine.run),
                partial(same_names, records),
            ]
            equal, sharing, alike = engine.run(lambda make: make(), makes)
            copies = find_copies(records, roles, chosen, sharing.muted, (equal, alike), engine.run)
        else:
            sharing = find_sharing(records, chosen, engine.run, frozen)
            copies = no_copies(len(records))
        features = Features(records, sharing.muted, copies, frozen=frozen)
    return Prepared(
        records,
        features,
        chosen,
        sharing,
        copies,
        roles,
        rows,
        [*rejected, *refused],
        [*warnings, *records.warnings],
    )
