"""A bank's drawdowns and repayments as Excel: `columns` is the format, `reading` finds every mistake with its
row and column, `taking` keeps the file and books it whole, `giving` writes the same columns back.
"""
