"""The grader's ends of connections (peers) and the stories that they record."""
