"""Enterprise code (企业码): a signed, short-lived QR by which others open what they may see of a firm."""
