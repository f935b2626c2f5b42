"""Model folders for labelstream of what other libraries have trained."""
