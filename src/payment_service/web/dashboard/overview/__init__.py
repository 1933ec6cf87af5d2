"""The first pages: how it stands, what needs somebody, and the one search of everything."""
