"""The checks of the lesson's challenges (21.7), one module a unit."""
