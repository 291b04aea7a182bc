"""Peers measured beside `cxm`; each runs in a process, and if wanted an interpreter, of its own."""
