"""How money is booked: steps in the transaction of whoever takes them, and the one door, `settle`."""
