"""A test app's time, played through: its clock moved on, and what falls due on the way done."""
