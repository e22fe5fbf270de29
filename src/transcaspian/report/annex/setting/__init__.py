"""How the annex is set: as a page of HTML and as sheets of PDF, from the same blocks."""
