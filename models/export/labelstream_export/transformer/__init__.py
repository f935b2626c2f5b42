"""Text classifiers of Hugging Face's transformers as model folders."""
