"""Whole jobs measured as programs, `python -m benchmarks NAME`; suites `test_*.py` guard native functions."""
