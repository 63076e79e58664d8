"""What reads: typed, never writes."""
