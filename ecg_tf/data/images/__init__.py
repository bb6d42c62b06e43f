"""Images of ECGs: computing them, and image trees on disk."""
