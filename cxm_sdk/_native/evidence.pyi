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
