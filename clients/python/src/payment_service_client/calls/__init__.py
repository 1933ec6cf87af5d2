"""Each call of the API once, as what is to be sent; the faces send it."""
