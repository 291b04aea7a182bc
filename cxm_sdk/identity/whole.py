"""Files and folders that are written whole or not at all. Imports nothing large: it is asked before inputs are read."""

from __future__ import annotations

import os
from pathlib import Path

from cxm_sdk.errors import InputError

__all__ = ["RESULT_FILES", "check_free", "write_whole"]

RESULT_FILES = (
    *("assignments.parquet", "links.parquet", "profiles.parquet"),
    *("model.json", "summary.json", "rejected.jsonl"),
)
"""What the folder of a result holds."""


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text file, whole or not at all.

    Args:
        path: File to write; an existing one is replaced.
        text: What it will hold, as UTF-8.

    Raises:
        OSError: The file cannot be written; what was there is there still.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(f"{folder}/file", "whole")
        ...     Path(folder, "file").read_text()
        'whole'
    """
    target = Path(path)
    draft = target.with_name(f"{target.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def check_free(folder: str | os.PathLike[str]) -> Path:
    """Tells where a result goes, if it may go there.

    Args:
        folder: Folder to make: a new one, an empty one, or an earlier result, which is replaced.

    Returns:
        Its absolute path.

    Raises:
        InputError: There is a file, or a folder that holds anything else.

    Example:
        >>> check_free("stitched").name
        'stitched'
    """
    target = Path(folder).resolve()
    if target.exists() and not (target.is_dir() and _replaceable(target)):
        raise InputError(
            f"expected {target.name} to be a new folder, an empty one or an earlier result.",
            hint="choose another --output",
        )
    return target


def _replaceable(folder: Path) -> bool:
    # A folder that holds anything else too is somebody's work.
    held = {entry.name for entry in folder.iterdir()}
    return not held or ("summary.json" in held and held <= set(RESULT_FILES))
