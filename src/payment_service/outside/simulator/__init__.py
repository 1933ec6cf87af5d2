"""A Pakasir look-alike: the codes it made, in process or behind its own HTTP server."""
