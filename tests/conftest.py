"""Settings that all tests share."""

import signal

from hypothesis import settings

# A loaded machine is slow now and then; that says nothing about an oracle.
settings.register_profile("netgrade", deadline=None)
settings.load_profile("netgrade")

# A shell's background job ignores SIGINT and hands that on to all that it starts, who could then not be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)
