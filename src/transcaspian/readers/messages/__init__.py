"""Messages between systems: EPCIS, DCSA, IFTSTA, and CSV profiles of notes and carnets."""
