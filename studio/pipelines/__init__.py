"""What spans both rooms. Every step is safe to call again."""
