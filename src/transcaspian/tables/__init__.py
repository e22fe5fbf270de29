"""What a table is: schema, check, store."""
