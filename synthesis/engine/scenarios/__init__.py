"""Scenarios: concrete tasks generated from execution and proven to discriminate."""
