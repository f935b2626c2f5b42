"""Makes model folders for labelstream from models of other libraries."""
