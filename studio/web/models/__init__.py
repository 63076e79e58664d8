"""Pages of the area Models: endpoints and their checks, the default cast, usage and cost, prompts."""
