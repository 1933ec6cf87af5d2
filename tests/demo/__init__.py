"""The demo, run as people run it: the command, from a folder that is not the checkout."""
