"""Role x URL: see README.md."""
