"""Settings that all tests share."""

from hypothesis import settings

# A loaded machine is slow now and then; that says nothing about an oracle.
settings.register_profile("netgrade", deadline=None)
settings.load_profile("netgrade")
