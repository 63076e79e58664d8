"""Plain Python: no Django, no workers, no network. Same inputs, same bytes out."""
