"""Reading aids: TeX to Unicode, sentences, display width, dates in words, arXiv's own noise.

All of it is pure. `tex.readable` for titles, abstracts and model output; `clean.abstract` before it
for anything that comes from arXiv.
"""
