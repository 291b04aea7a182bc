"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

A key is the first eight bytes of the BLAKE2b digest (RFC 7693) of its name, with eight bytes asked for, as a signed
number, the first byte lowest.
"""

from collections.abc import Callable, Container, Mapping

from cxm_sdk._native.contents import Packed

def key_of(name: str) -> int:
    """The key of a name.

    Args:
        name: The name.

    Returns:
        A signed number of 64 bits.
    """

def digests_of(role: str, form: str, written: str) -> list[str]:
    """SHA-256 digests under which others may know a contact.

    Args:
        role: ``email`` or ``phone``.
        form: Its canonical form.
        written: As it is written.

    Returns:
        Of an address the digest of the canonical form and, where it differs, of the trimmed one in lower case, which is
        how advertising platforms hash it. Of a number that of its digits and, where it is written with the prefix of a
        country, with a plus sign.

    Example:
        >>> from hashlib import sha256
        >>> len(digests_of("email", "adal@gmail.com", "Ada.L@gmail.com"))
        2
        >>> digests_of("phone", "7700900123", "0044 7700 900123")[1] == sha256(b"+447700900123").hexdigest()
        True
    """

def identify(
    record: Packed, roles: Container[str], clear: Mapping[str, str], written: Mapping[str, list[str]]
) -> tuple[list[int], list[str]]:
    """The keys of a record's identifiers, those that are derived behind the others.

    Args:
        record: What it says.
        roles: Roles that are identifiers.
        clear: Of roles of digests the role of what was hashed. Digests of what the record knows in clear are its own
            too.
        written: By role how values are written, in their order; roles that are written in canonical form may be left
            out.

    Returns:
        The keys, and for each of them its role.
    """

def block_keys(
    content: dict[str, list[str]],
    rules: tuple[
        tuple[str, tuple[tuple[str, dict[str, str | None], Callable[[str, str], str | None]], ...]], ...
    ],
    muted: Container[tuple[str, str]],
    most: int,
) -> list[int]:
    """The keys of a record.

    Args:
        content: Values by role.
        rules: Of each its name and the parts of its key: role, what is remembered of values (filled here), and what
            makes a part of a role and value, None for nothing.
        muted: Roles and values that count as missing.
        most: Combinations of values that are looked at for each rule.

    Returns:
        Distinct keys, those of a rule together.
    """
