"""A run on images: what lies on its pad, what is measured of it, its painter."""
