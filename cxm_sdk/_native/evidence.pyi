from typing import Any, Final

__pyx_capi__: Final[dict[str, Any]]

def canonical_json(value: object) -> str | None:
    """Writes a value as JSON with sorted keys and without spaces, as ``json.dumps`` does.

    Args:
        value: What to write.

    Returns:
        The text; None where there is more in it than plain texts, numbers, lists, tuples and mappings of texts, or
        anything in doubt, such as a number that JSON does not know: that is left to ``json``.

    Example:
        >>> canonical_json({"b": [1, 2.5, None], "a": "é"})
        '{"a":"é","b":[1,2.5,null]}'
        >>> canonical_json({"a": float("nan")})
    """

def name_of_item(source: str, record_id: str) -> bytes:
    """Names an item by 16 bytes.

    Args:
        source: Its source.
        record_id: Its id there.

    Returns:
        The BLAKE2b digest of the number of characters of the source, a colon, the source and the id.

    Raises:
        UnicodeEncodeError: When there is half of a surrogate pair in them.

    Example:
        >>> name_of_item("crm", "17").hex()
        '13f05ec79646785b94b08c21870ef5df'
    """

def forms_and_writing(
    said: dict[str, list[tuple[str, str]]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Parts canonical values from how they are written.

    Args:
        said: Canonical and written values by role.

    Returns:
        Canonical values by role, and written ones of the roles in which any is written in another way.

    Example:
        >>> forms_and_writing({"city": [("ulm", "Ulm")], "user_id": [("u-1", "u-1")]})
        ({'city': ['ulm'], 'user_id': ['u-1']}, {'city': ['Ulm']})
    """

def listed_texts(value: object) -> list[str] | None:
    """Lists the texts of a field, where that is all there is in it.

    Args:
        value: A text, or a list.

    Returns:
        A new list of the texts; none of a text of spaces alone. None where the value is something else, or holds
        anything but texts that say something.

    Example:
        >>> listed_texts("Ada"), listed_texts(["Ada", "Lovelace"]), listed_texts(" "), listed_texts(["Ada", 1])
        (['Ada'], ['Ada', 'Lovelace'], [], None)
    """

def said_of(
    values: dict[str, list[str]],
    known: dict[str, dict[str, dict[str, str]]],
    derived: tuple[tuple[str, tuple[str, ...]], ...],
    most: int,
) -> dict[str, list[tuple[str, str]]]:
    """Puts together what a record says.

    Args:
        values: For each role the raw values.
        known: By role and raw value what that becomes, by role. How a part of a full name is written, where not as
            its title, stands under its role with "written " before it; all of a street line under ``street_line``.
        derived: What roles yield besides themselves, in the order in which gaps are filled.
        most: Most values of a role.

    Returns:
        By role canonical values, each once, and how they are written. What is derived fills gaps only. The number in a
        street line is the house number, unless the record has another one of its own: then it stays in the street.

    Raises:
        KeyError: When a value is not known.
    """
