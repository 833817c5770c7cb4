"""What `python -m graders` can do, one command a module."""
