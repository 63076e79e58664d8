"""A fake author: what a model would write when it is asked to extend the catalogue. Its worlds are the small pack that new domains begin
with, under other words; by the name of the model it breaks them on purpose."""
