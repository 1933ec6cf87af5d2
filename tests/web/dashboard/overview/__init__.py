"""The first pages: figures, what needs somebody, tonight, the search."""
