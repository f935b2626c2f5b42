"""Pipelines of scikit-learn that classify texts."""
