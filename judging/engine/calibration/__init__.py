"""How far a judge can be trusted: what it said beside what is true, criterion by criterion."""
