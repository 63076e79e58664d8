"""The audit: what a pack must show before it becomes a release (design page domain-packs.md, section Audit)."""
