"""What the macros of titles and abstracts mean, beside the symbols of `symbols.json`.

Only names are here; how a macro with arguments is read is told in `tex.py`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The name vanishes; a group that follows is read as it is.
DROPPED = _names("""
    bf it rm em sc sf tt sl cal bfseries itshape mdseries normalfont rmfamily sffamily ttfamily
    scshape upshape slshape boldmath unboldmath mit
    tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits
    nonumber notag noindent indent centering raggedright hfill hfil vfill newline linebreak
    protect xspace null relax allowbreak nobreak noalign hline par leavevmode strut mathstrut
    boldsymbol bm pmb mathbf mathversion mathnormal mathord mathbin mathrel mathopen mathclose
    mathpunct smash uline underline ul sout xout hl textst MakeUppercase uppercase lowercase
    MakeLowercase makebox fbox raisebox gls Gls glspl Glspl ac acs acl acf acp acsp aclp Ac Acp
    acrshort acrlong acrfull
    textlf DeclareMathOperator ref eqref cref Cref autoref url path nolinkurl verb
    big Big bigg Bigg
    bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm
    red blue green orange purple magenta cyan teal gray
    underbrace overbrace eqalign num si unit romannumeral uppercaseroman
    """)

# The argument is read as text, even inside mathematics.
TEXT = _names("""
    text textrm textbf textit textsf texttt textsc textsl textup textmd textnormal emph mbox hbox
    vbox
    """)

# The argument is a word in a formula: its hyphen is no minus.
ROMAN = _names("mathrm operatorname operatornamewithlimits mathsf mathtt mathit mathop")

# Functions, set apart from letters beside them.
FUNCTIONS = _names("""
    arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg
    lim liminf limsup ln log max min Pr projlim sec sin sinh sup tan tanh argmax argmin sgn sign
    tr Tr rank diag span supp div curl grad Hom End Aut Ext Tor Spec GL SL SU SO Var Cov poly
    polylog bmod mod
    """)

# No part of what is printed: the macro and its argument vanish.
INVISIBLE = _names("""
    label color hspace vspace phantom hphantom vphantom vskip hskip kern mkern mskip setlength
    bibliographystyle pagestyle thispagestyle index usepackage
    """)

# Arguments of which the first says how the second looks: the first vanishes.
LOOKS = _names("textcolor colorbox scalebox fontsize resizebox")

# A length instead of an argument in braces: \kern-2mu.
LENGTHS = _names("kern mkern hskip vskip mskip")

ACCENTS: Mapping[str, str] = {
    "hat": "\u0302", "widehat": "\u0302", "Hat": "\u0302", "check": "\u030c", "tilde": "\u0303",
    "widetilde": "\u0303", "Tilde": "\u0303", "bar": "\u0304", "Bar": "\u0304",
    "overline": "\u0305", "acute": "\u0301", "grave": "\u0300", "breve": "\u0306",
    "dot": "\u0307", "Dot": "\u0307", "ddot": "\u0308", "dddot": "\u20db", "mathring": "\u030a",
    "vec": "\u20d7", "Vec": "\u20d7", "overrightarrow": "\u20d7", "underbar": "\u0331",
}  # fmt: skip

# Accents of text; the named ones are letters that authors also use for macros of their own.
TEXT_ACCENTS: Mapping[str, str] = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip

# Letters, which swallow the space behind their name even in text.
LETTERS: Mapping[str, str] = {
    "i": "ı", "j": "ȷ", "imath": "ı", "jmath": "ȷ", "l": "ł", "L": "Ł", "o": "ø", "O": "Ø",
    "ss": "ß", "SS": "ẞ", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ", "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip

ESCAPES: Mapping[str, str] = {
    "%": "%", "#": "#", "_": "_", "&": "&", "{": "{", "}": "}", " ": " ", ",": " ", ";": " ",
    ":": " ", ">": " ", "<": "<", "!": "", "/": "", "-": "", "@": "", "|": "‖", "*": "",
}  # fmt: skip

OWN_SYMBOLS: Mapping[str, str] = {
    "quad": " ", "qquad": " ", "enspace": " ", "thinspace": " ", "space": " ", "nobreakspace": " ",
    "negthinspace": "", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "colon": ":",
    "prime": "′", "ne": "≠", "neg": "¬", "land": "∧", "lor": "∨", "iff": "⟺", "implies": "⟹",
    "impliedby": "⟸", "leadsto": "⇝", "gets": "←", "owns": "∋", "models": "⊨", "vDash": "⊨",
    "bot": "⊥", "Re": "Re", "Im": "Im", "Box": "□", "Diamond": "◇", "hslash": "ħ", "thicksim": "∼",
    "thickapprox": "≈", "coloneqq": "≔", "eqqcolon": "≕", "coloneq": "≔", "ddagger": "‡",
    "dag": "†", "ddag": "‡", "P": "¶", "S": "§", "checkmark": "✓", "cmark": "✓", "xmark": "✗",
    "copyright": "©", "pounds": "£", "euro": "€", "degree": "°", "arcdeg": "°", "degr": "°",
    "arcmin": "′", "arcsec": "″", "farcs": ".″", "fdg": ".°", "farcm": ".′", "celsius": "°C",
    "degC": "°C", "micron": "µm", "um": "µm", "sun": "☉", "Sun": "☉", "earth": "⊕",
    "lambdabar": "ƛ", "angstrom": "Å", "percent": "%", "R": "ℝ", "C": "ℂ", "N": "ℕ", "Z": "ℤ",
    "Q": "ℚ", "RR": "ℝ", "CC": "ℂ", "NN": "ℕ", "ZZ": "ℤ", "QQ": "ℚ", "E": "𝔼",
    "LaTeX": "LaTeX", "TeX": "TeX",
    "BibTeX": "BibTeX", "eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.",
    "textquotedbl": '"', "textunderscore": "_", "textbar": "|", "textless": "<",
    "textgreater": ">", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\",
    "textdollar": "$", "textpercent": "%", "lvert": "|", "rvert": "|", "vert": "|", "mid": " | ",
    "cdotp": "·", "ldotp": ".", "varTheta": "Θ", "varOmega": "Ω", "varGamma": "Γ", "upmu": "µ",
    "micro": "µ", "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "milli": "m", "nano": "n",
    "pico": "p", "centi": "c", "meter": "m", "metre": "m", "second": "s", "gram": "g",
    "hertz": "Hz", "watt": "W", "volt": "V", "joule": "J", "kelvin": "K", "electronvolt": "eV",
    "hour": "h", "per": "/", "llbracket": "⟦", "rrbracket": "⟧", "lrcorner": "⌟", "bigstar": "★",
    "star": "⋆", "ast": "∗", "Vert": "‖", "square": "□", "blacksquare": "■", "qed": "∎",
    "aleph": "ℵ", "complement": "∁", "gtrapprox": "⪆", "upalpha": "α", "upbeta": "β",
    "textalpha": "α", "textbeta": "β", "textgamma": "γ", "mod": "mod", "bmod": "mod",
    "hdots": "…", "vartriangle": "△", "triangle": "△", "bigtriangleup": "△", "dotsc": "…",
}  # fmt: skip

# What stands for an operation or a relation takes the space that its author put before it on both
# sides; these signs are things, not operations.
THINGS = frozenset("∞∂∇∀∃∄∅√∑∏∫∬∭∮¬ℓ∁∠△□◇…⋯⋮⋱†‡°′″%#⟨⟩⌈⌉⌊⌋⟦⟧{}[]|‖‘’“”☉⊙★✓✗§¶ħ")

MATH_ENVIRONMENTS = _names("""
    equation align aligned alignat eqnarray multline gather gathered displaymath math dmath split
    cases array matrix pmatrix bmatrix vmatrix Bmatrix Vmatrix smallmatrix subarray dcases
    """)
FENCES: Mapping[str, tuple[str, str]] = {
    "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|"), "Bmatrix": ("{", "}"),
    "Vmatrix": ("‖", "‖"), "cases": ("{ ", ""), "dcases": ("{ ", ""),
}  # fmt: skip
WITH_COLUMNS = _names("array tabular alignat minipage")


@cache
def symbols() -> Mapping[str, str]:
    """Every macro that is one sign or word: pylatexenc's, then ours, then functions and letters."""
    table = resources.files("digest.text").joinpath("symbols.json").read_text(encoding="utf-8")
    return {**json.loads(table), **OWN_SYMBOLS}
