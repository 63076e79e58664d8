"""What writes: keyword-only, typed, one transaction each."""
