"""Trip forms as people fill them in: CSV and XLSX, wide and long, in many languages."""
