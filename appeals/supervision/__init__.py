"""The supervisor's room: what each department has open, late, returned and badly rated, down to the order."""
