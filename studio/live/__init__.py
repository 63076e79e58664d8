"""Sockets: doors that stay open. A consumer authenticates, reads through selectors and forwards."""
