"""The tables that a corridor may hold, declared by subject."""
