"""A run on points in the plane: its diagram, its planes, its painter."""
