"""Compiled functions on flat buffers: text, pairs, score, cluster. Imports nothing from the rest of the package."""
