"""Checks that the sdist and the wheel hold what they should and nothing else.

Called as ``python contents.py DIST TREE``: the folder of the two, and the tree they were built from, without
what the build itself left there.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

UNSHIPPED = (".ci/", ".git")  # beginnings of paths that belong to the repository alone
GENERATED = {"PKG-INFO", "setup.cfg"}  # what every sdist holds
PACKAGED = (".py", ".pyi", "py.typed")
PAGES = "cxm_sdk/capture/collector/demo/pages/"  # packaged whatever they are


def is_packaged(name: str) -> bool:
    """Whether a file of the package, extension modules apart, belongs into the wheel."""
    return name.endswith(PACKAGED) or name.startswith(PAGES)


def tree_files(root: Path) -> set[str]:
    """The files of the tree that an sdist should hold."""
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {name for name in files if not name.startswith(UNSHIPPED)}


def sdist_files(path: Path) -> set[str]:
    """The files of the sdist, as paths in the checkout."""
    with tarfile.open(path) as archive:
        names = [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]
    return {name for name in names if name not in GENERATED and ".egg-info/" not in name}


def wheel_files(path: Path) -> tuple[set[str], set[str]]:
    """The package files of the wheel, extension modules apart: by their name without the platform."""
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    modules = {name for name in names if name.endswith((".so", ".pyd"))}
    stems = {str(PurePosixPath(name).with_name(PurePosixPath(name).name.split(".")[0])) for name in modules}
    return names - modules, stems


def differences(what: str, got: set[str], expected: set[str]) -> list[str]:
    """Says what is missing and what is too many."""
    missing = [f"{what} lacks {name}" for name in sorted(expected - got)]
    return missing + [f"{what} should not hold {name}" for name in sorted(got - expected)]


def main() -> int:
    """Compares and reports."""
    dist, tree = Path(sys.argv[1]), Path(sys.argv[2])
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    files = tree_files(tree)
    package = {name for name in files if name.startswith("cxm_sdk/")}
    python, modules = wheel_files(wheel)
    wrong = [
        *differences("the sdist", sdist_files(sdist), files),
        *differences("the wheel", python, set(filter(is_packaged, package))),
        *differences("the wheel", modules, {name[:-4] for name in package if name.endswith(".pyx")}),
    ]
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
