"""Benchmarks as programs, `python -m benchmarks NAME`; the suites `test_*.py` guard single native functions."""
