"""What the four HTTP clients of lesson 21.3 have in common: how they are called, and checks that they share.

As in `graders/core/common.py` a unit registers each check with its own points, so that its file shows its whole rubric.
"""
