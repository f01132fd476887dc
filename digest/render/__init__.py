"""From a digest or a paper to what a reader sees.

`digest.py`, `paper.py` and `notices.py` say what there is to read, as blocks (`blocks.py`).
`plain.py`, `markdown.py`, `terminal.py` and `entities.py` say how a place shows blocks; `data.py`
is for programs.
"""
