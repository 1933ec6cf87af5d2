"""BukuBengkel, driven over real HTTP beside a small Payment Service of our own making."""
