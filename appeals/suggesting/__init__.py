"""Who should handle an appeal: rules first, then a linear classifier over words, always with reasons.

`words` cuts texts (jieba) and `training` fits weights (scikit-learn): both for workers only, so both import
their library where they use it. `model` reads the weights with NumPy alone, `rules` applies what officials
wrote, `suggest` puts it together and keeps it, `overrides` counts how often dispatchers knew better.
"""
