"""Celery tasks, one module per kind of work. Tasks take ids, are short and may run twice."""
