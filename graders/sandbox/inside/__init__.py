"""What runs inside a sandbox. Standard library only, and nothing here imports from the rest of the graders."""
