"""The match model of a graph that was given none: sensible for people, and written down so that it can be checked.

Every m, u and h is a probability as ``model.Level`` defines it. Train a model where there is data; until then:

* u of an exact agreement is the chance that two strangers share the value, the sum of squared frequencies: about 1 in
  1,000 for surnames and 1 in 200 for given names, after the frequencies of the United States census of 2010; a birth
  date spread over seventy years gives 1 in 25,000. An e-mail address belongs to one mailbox and a random pair of people
  out of some ten million shares none, hence 1e-8; landlines and switchboards make phones thirty times as common.
  Strangers whose first and last names are each other's share two names at once, 1 in 200,000, and few names are both.
* m is an assumption in the range that trained models come to (see ``cxm train``): nine in ten names and birth dates are
  written alike, four in ten customers have another phone, three in ten use another e-mail address.
* h is an assumption too: of two people of one home most share the address and more than half the surname, every
  second the phone, one in eight a mailbox, and in 300 one is a twin.
* The prior is one true pair in a million, as many as there are in a file of a million records with one duplicate for
  every second record. It makes one shared mailbox enough to join, and one shared phone alone not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from cxm_sdk.identity.comparisons import (
    ADDRESS_LEVELS,
    CODE_LEVELS,
    DATE_LEVELS,
    EMAIL_LEVELS,
    EQUAL_LEVELS,
    NAME_LEVELS,
)
from cxm_sdk.identity.model import (
    BlockingRule,
    Comparison,
    Constraint,
    Frequency,
    Frozen,
    Kind,
    Level,
    MatchModel,
    Prior,
)
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, SOURCE_ID, IdentifierClass, Namespace

__all__ = ["default_model", "live_model"]

#: Rules on names, dates and places; each identifier has a rule of its own.
_RULES = (
    ("birth_date", "last_name.sound"),
    ("birth_date", "first_name.root"),
    ("last_name.sound", "first_name.root", "postcode"),
    ("last_name.sound", "first_name.root", "city"),
    ("street", "house_number", "postcode"),
)

#: Keys that are not known before all records are: they ask which words and names others have.
_OF_ALL = frozenset(("company.rarest_word", "names.unordered"))

#: Share of people with a common surname or given name: United States census of 2010, Social Security given names.
_COMMON_LAST = {
    "smith": 0.0083, "johnson": 0.0066, "williams": 0.0055, "brown": 0.0049, "jones": 0.0048, "garcia": 0.0040,
    "miller": 0.0039, "davis": 0.0038, "rodriguez": 0.0037, "martinez": 0.0036, "hernandez": 0.0035,
    "lopez": 0.0030, "gonzalez": 0.0029, "wilson": 0.0027, "anderson": 0.0027, "thomas": 0.0026, "taylor": 0.0026,
    "moore": 0.0025, "jackson": 0.0024, "martin": 0.0024, "lee": 0.0024, "perez": 0.0023, "thompson": 0.0023,
    "white": 0.0022, "harris": 0.0021, "clark": 0.0019, "lewis": 0.0018, "robinson": 0.0018, "walker": 0.0018,
    "hall": 0.0017, "young": 0.0017, "allen": 0.0016, "king": 0.0016, "wright": 0.0016, "scott": 0.0015,
}  # fmt: skip
_COMMON_FIRST = {
    "james": 0.0165, "john": 0.0160, "robert": 0.0157, "michael": 0.0150, "william": 0.0125, "david": 0.0120,
    "mary": 0.0130, "richard": 0.0090, "joseph": 0.0085, "thomas": 0.0080, "charles": 0.0075, "patricia": 0.0060,
    "jennifer": 0.0055, "linda": 0.0055, "elizabeth": 0.0055, "barbara": 0.0052, "christopher": 0.0070,
    "daniel": 0.0070, "matthew": 0.0060, "susan": 0.0045, "jessica": 0.0045, "sarah": 0.0045, "karen": 0.0042,
    "anna": 0.0040, "maria": 0.0045, "paul": 0.0045, "mark": 0.0050, "peter": 0.0035,
}  # fmt: skip


def _levels(
    names: Sequence[str], m: Sequence[float], u: Sequence[float], h: Sequence[float]
) -> tuple[Level, ...]:
    return tuple(Level(name=n, m=a, u=b, h=c) for n, a, b, c in zip(names, m, u, h, strict=True))


def _compare(
    name: str,
    kind: Kind,
    names: Sequence[str],
    m: Sequence[float],
    u: Sequence[float],
    h: Sequence[float],
    *,
    shared: bool = False,
    common: tuple[dict[str, float], float, float] | None = None,
    roles: tuple[str, ...] = (),
) -> Comparison:
    """A comparison whose first level, missing, says nothing."""
    frequencies: tuple[Frequency, ...] = ()
    if common is not None:
        values, average, rest = common
        frequencies = (Frequency(role=name, levels=("exact",), average=average, rest=rest, values=values),)
    levels = _levels(names, (0, *m), (0, *u), (0, *h))
    return Comparison(
        name=name, kind=kind, roles=roles or (name,), shared=shared, levels=levels, frequencies=frequencies
    )


# Levels of streets and places, as ``comparisons.ADDRESS_LEVELS`` combines them; nothing known says nothing.
_STREETS = (
    (1, 0.25, 0.05, 0.05, 0.10, 0.55),
    (1, 0.9968, 0.002, 0.001, 0.0001, 0.0001),
    (1, 0.06, 0.03, 0.05, 0.11, 0.75),
)
_PLACES = (
    (1, 0.15, 0.07, 0.13, 0.65),
    (1, 0.93, 0.03, 0.035, 0.005),
    (1, 0.03, 0.03, 0.09, 0.85),
)


def _address() -> Comparison:
    m, u, h = (
        [street * place for street, place in product(streets, places)][1:]
        for streets, places in zip(_STREETS, _PLACES, strict=True)
    )
    roles = ("street", "house_number", "postcode", "city")
    return _compare("address", "address", ADDRESS_LEVELS, m, u, h, shared=True, roles=roles)


def _described() -> list[Comparison]:
    first = _compare(
        *("first_name", "name", (*NAME_LEVELS, "swapped")),
        (0.01, 0.03, 0.03, 0.06, 0.08, 0.78, 0.01),
        (0.96299, 0.02, 0.004, 0.004, 0.004, 0.005, 0.00001),
        (0.9625, 0.015, 0.004, 0.004, 0.004, 0.0104, 0.0001),
        common=(_COMMON_FIRST, 0.005, 0.0002),
    )
    last = _compare(
        *("last_name", "name", NAME_LEVELS),
        (0.05, 0.02, 0.005, 0.015, 0.06, 0.85),
        (0.985, 0.012, 0.0005, 0.0005, 0.001, 0.001),
        (0.36, 0.02, 0.005, 0.015, 0.04, 0.56),
        shared=True,
        common=(_COMMON_LAST, 0.001, 0.00002),
    )
    suffix = _compare("suffix", "equal", EQUAL_LEVELS, (0.0005, 0.9995), (0.3, 0.7), (0.6, 0.4))
    born = _compare(
        *("birth_date", "date", DATE_LEVELS),
        (0.03, 0.01, 0.03, 0.06, 0.87),
        (0.94996, 0.045, 0.004, 0.001, 0.00004),
        (0.917, 0.07, 0.008, 0.002, 0.003),
    )
    return [first, last, suffix, born, _address()]


_EMAIL = ((0.3, 0.05, 0.05, 0.6), (0.99749999, 0.002, 0.0005, 1e-8), (0.78, 0.05, 0.05, 0.12))
_PHONE = ((0.4, 0.02, 0.02, 0.56), (0.9999877, 1e-5, 2e-6, 3e-7), (0.5, 0.02, 0.02, 0.46))


def _identifier(namespace: Namespace) -> Comparison:
    """The comparison of an identifier: how strong an agreement is follows from what it names."""
    name = namespace.name
    if name == "email":
        return _compare(name, "email", EMAIL_LEVELS, *_EMAIL, shared=True)
    if name == "phone":
        return _compare(name, "code", CODE_LEVELS, *_PHONE, shared=True)
    if name == SOURCE_ID:
        # Two systems never give the same id, so that a difference says next to nothing.
        return _compare(name, "equal", EQUAL_LEVELS, (0.9, 0.1), (1 - 1e-9, 1e-9), (0.998, 0.002))
    if name == "national_id":
        m, u, h = (0.03, 0.02, 0.0, 0.95), (0.999989999, 1e-5, 0.0, 1e-9), (0.999979, 2e-5, 0.0, 1e-6)
        return _compare(name, "code", CODE_LEVELS, m, u, h)
    if name.endswith("_sha256"):
        clear = _EMAIL if name.startswith("email") else _PHONE
        sides = [(sum(side[:-1]), side[-1]) for side in clear]
        return _compare(name, "equal", EQUAL_LEVELS, *sides, shared=True)
    if namespace.kind in (IdentifierClass.ACCOUNT, IdentifierClass.HOUSEHOLD):
        # It says as much for a home as for one person, and so never joins people by itself.
        return _compare(name, "equal", EQUAL_LEVELS, (0.1, 0.9), (1 - 1e-7, 1e-7), (0.05, 0.95), shared=True)
    if namespace.unique:
        return _compare(name, "equal", EQUAL_LEVELS, (0.05, 0.95), (1 - 1e-9, 1e-9), (0.9995, 0.0005))
    return _compare(name, "equal", EQUAL_LEVELS, (0.25, 0.75), (1 - 1e-9, 1e-9), (0.98, 0.02))


def default_model(namespaces: Iterable[Namespace] = DEFAULT_NAMESPACES) -> MatchModel:
    """Makes the model of a graph that was given none.

    Args:
        namespaces: The identifiers it weighs; devices and cookies, which never join people, are left out.

    Returns:
        The model, frozen.

    Example:
        >>> exact = {c.name: c.levels[-1].bits for c in default_model().comparisons}
        >>> round(exact["email"]), round(exact["phone"]), round(exact["birth_date"])
        (26, 21, 14)
    """
    prior = Prior(match=1e-6, household=2e-6)
    base = MatchModel(
        comparisons=tuple(_described()),
        rules=tuple(BlockingRule(keys=keys) for keys in _RULES),
        within=prior,
        across=prior,
        threshold=0.5,
        records=0,
    )
    return live_model(base, namespaces)


def live_model(model: MatchModel, namespaces: Iterable[Namespace]) -> MatchModel:
    """Makes a model fit for a live graph.

    It is frozen, weighs every identifier of the namespaces and no device or cookie, blocks on each of them, and lets a
    profile hold one value of each unique one, and no more of the others than they say.

    Args:
        model: Trained or not.
        namespaces: The identifiers of the graph.

    Returns:
        The model; one that is fit already comes back as it is.

    Example:
        >>> model = default_model()
        >>> live_model(model, DEFAULT_NAMESPACES) == model
        True
    """
    listed = sorted(namespaces, key=lambda namespace: (namespace.priority, namespace.name))
    owned = {namespace.name for namespace in listed if namespace.kind.owned}
    weighed = [namespace for namespace in listed if not namespace.kind.owned]
    compared = [comparison for comparison in model.comparisons if comparison.roles[0] not in owned]
    known = {comparison.roles[0] for comparison in compared}
    compared += [_identifier(namespace) for namespace in weighed if namespace.name not in known]
    single = [BlockingRule(keys=(namespace.name,)) for namespace in weighed]
    joint = [
        rule
        for rule in model.rules
        if rule not in single and not any(k.partition(".")[0] in owned or k in _OF_ALL for k in rule.keys)
    ]
    names = {namespace.name for namespace in listed}
    constraints = [c for c in model.constraints if c.kind == "one_record" or c.name not in names]
    constraints += [Constraint(kind="one_value", name=n.name) for n in weighed if n.unique]
    limited = [(n.name, n.most_values) for n in weighed if n.most_values is not None]
    constraints += [Constraint(kind="few_values", name=name, most=most) for name, most in limited]
    return model.model_copy(
        update={
            "comparisons": tuple(compared),
            "rules": (*single, *joint),
            "constraints": tuple(constraints),
            "frozen": model.frozen or Frozen(),
        }
    )
