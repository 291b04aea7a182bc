"""Runs ``python -m cxm_sdk.cli`` as ``cxm``, for where the script is not on the path."""

from cxm_sdk.cli.process import command

command()
