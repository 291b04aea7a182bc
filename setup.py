"""Builds the compiled core; everything else about the package is in pyproject.toml."""

import os
import platform

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEBUG = os.environ.get("CXM_BUILD") == "debug"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": DEBUG,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "freethreading_compatible": True,
    "autotestdict": False,
    "embedsignature": False,
}

# What every x86-64 processor since 2009 can do; strings are weighed by counting bits.
X86_FLAGS = ["-msse4.2", "-mpopcnt"] if platform.machine().lower() in ("x86_64", "amd64") else []
UNIX_FLAGS = [
    "-std=c++17",
    "-fvisibility=hidden",
    *X86_FLAGS,
    *(["-O0", "-g", "-UNDEBUG"] if DEBUG else ["-O3", "-g0"]),
]
MSVC_FLAGS = ["/std:c++17", "/EHsc", "/Od" if DEBUG else "/O2"]

MODULES = [
    "text",
    "words",
    "written",
    "numbers",
    "codes",
    "pairs",
    "buckets",
    "strings",
    "compare",
    "joint",
    "score",
    "cluster",
    "profiles",
    "shapes",
    "jsonbytes",
    "envelopes",
    "waiting",
    "contents",
    "plain",
    "pair_model",
    "weighing",
    "few",
    "people",
    "evidence",
    "items",
    "contacts",
    "paths",
    "moments",
    "fields",
    "names",
    "calls",
    "keys",
    "packing",
    "noted",
    "bloom",
    "links",
    "feed",
    "filing",
    "settling",
    "naming",
    "wire",
    "marks",
]


class BuildExt(build_ext):
    """Picks flags by the compiler that is really used, and compiles on all cores."""

    def finalize_options(self) -> None:
        """Asks for as many compilers at a time as there are cores."""
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self) -> None:
        """Sets the flags of every C++ extension, then builds."""
        flags = MSVC_FLAGS if self.compiler.compiler_type == "msvc" else UNIX_FLAGS
        for extension in self.extensions:
            if extension.language == "c++":
                extension.extra_compile_args = flags
        super().build_extensions()


setup(
    ext_modules=cythonize(
        [
            Extension(f"cxm_sdk._native.{name}", [f"cxm_sdk/_native/{name}.pyx"], language="c++")
            for name in MODULES
        ],
        compiler_directives=DIRECTIVES,
    ),
    cmdclass={"build_ext": BuildExt},
)
