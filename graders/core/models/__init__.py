"""Oracles: values in, findings out. No socket, no clock, no process."""
