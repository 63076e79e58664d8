"""The REST interface ``/api/v1/``, one module per resource; see README.md of this folder."""
