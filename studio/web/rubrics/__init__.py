"""Pages on which rubrics are read, compared, written and published."""
