"""The service mall: what market teams offer, for everybody to look at and for enterprises to pick."""
