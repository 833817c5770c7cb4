"""The terminal: progress while units are graded, then for every unit its table and the stories of what failed.

Renders a result document (`graders/results.schema.json`) and decides nothing. Readable without colour and at 80
columns, east-asian widths counted; whatever came from a submission is escaped. The report file has everything; here
each unit tells its first few stories in full and gives one line to the rest.
"""

from graders.sinks.console.progress import Progress
from graders.sinks.console.report import ConsoleReport

__all__ = ["ConsoleReport", "Progress"]
