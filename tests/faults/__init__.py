"""Gateway faults in many seeds: whatever goes wrong, each payment counts once."""
