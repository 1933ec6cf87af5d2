"""How money is booked, in the transaction of whoever asks; `settle` is the one door."""
