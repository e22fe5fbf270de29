"""The compiled part: nothing outside this folder is."""
