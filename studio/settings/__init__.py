"""Settings: ``embedded`` (the default), ``production``, ``test``. What differs comes from the environment: docs/settings.md."""
