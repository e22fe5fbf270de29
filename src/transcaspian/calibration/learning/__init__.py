"""What a run would give at any setting: designs of runs, screening, and what is learned."""
