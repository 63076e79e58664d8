"""Export formats: pure functions from a record to a row, and what makes a row valid."""
