"""Injected faults: what can go wrong with a call and what it then looks like."""
