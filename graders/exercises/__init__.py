"""The checks of the lesson's exercises (21.6), one module a unit."""
