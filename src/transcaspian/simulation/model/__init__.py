"""A corridor compiled to arrays: steps, carriers, calendars, weather, traffic."""
