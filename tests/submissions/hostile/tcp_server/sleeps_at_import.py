"""Sleeps for ever when it is imported."""

import time

time.sleep(10**9)
