"""The REST interface ``/api/v1/``, one module per resource. A view names its action, its selector or pipeline and its serializer; see README.md."""
