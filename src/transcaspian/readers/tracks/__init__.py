"""Positions of trackers: CSV, GPX, GeoJSON and MF-JSON, and the zones they are held against."""
