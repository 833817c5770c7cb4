"""Graders of the network programming lesson: real traffic, oracles without I/O, verdicts that can be trusted."""

__version__ = "0.1.0"
