"""Writing: every change of the tables of synthesis, keyword-only and typed, one transaction each."""
