"""The environment manager: isolated worlds for episodes, refolding, verification."""
