"""Comparisons behind the figures of the docs; run by make bench."""
