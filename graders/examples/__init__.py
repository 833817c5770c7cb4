"""The checks of the lesson's examples (21.2 to 21.4), one module a unit."""
