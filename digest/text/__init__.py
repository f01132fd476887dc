"""Reading aids: TeX to Unicode, sentences, display width, dates in words, arXiv's own noise.

All of it is pure. `clean` for what comes from arXiv, when it comes; `tex.readable` once for each
title, abstract and answer, when it is read: what is readable already is not TeX.
"""
