"""From a study to what the page says."""
