"""What texts mean to a model, remembered: nobody pays twice for one text."""

from django.db import models

from synthesis.models.endpoint import ModelEndpoint


class TextVector(models.Model):
    """A row is the embedding of one text by one model. It goes when the endpoint is deleted or led elsewhere."""

    endpoint = models.ForeignKey(ModelEndpoint, on_delete=models.CASCADE, related_name="vectors", db_index=False)
    model = models.CharField(max_length=200, help_text="As the endpoint was told.")
    digest = models.CharField(max_length=64, help_text="sha256 of the text.")
    vector = models.BinaryField(help_text="engine.chat.embeddings.packed: of length 1, 32 bits a number.")

    class Meta:
        constraints = [models.UniqueConstraint(name="text_vector_once", fields=["endpoint", "model", "digest"])]

    def __str__(self) -> str:
        return f"{self.digest[:8]} by {self.model}"
