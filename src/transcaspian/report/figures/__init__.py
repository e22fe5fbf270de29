"""Pictures: maps, strips, bars and ranges as SVG, coloured by the style of the page."""
