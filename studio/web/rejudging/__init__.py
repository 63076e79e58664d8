"""Judging again: asking for it, cost first; how far it is; both sides; adopting and putting back."""
