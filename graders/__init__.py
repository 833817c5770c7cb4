"""The graders of the lesson: checks, engine, sandbox and sinks."""
