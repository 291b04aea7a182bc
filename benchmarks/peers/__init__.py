"""Peers measured beside `cxm resolve`; each runs in a process, and if wanted an interpreter, of its own."""
