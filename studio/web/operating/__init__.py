"""For whoever keeps the studio running: probes, figures, and a line in the log for every request."""
