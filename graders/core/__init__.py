"""What a check is made of: rubric, traffic, models, wire, session. Imports the sandbox, never the other way round."""
