"""What a reader sees of the TeX in titles, abstracts and names."""

from __future__ import annotations

import pytest

from digest.text.tex import readable


def see(tex: str, shown: str) -> None:
    assert readable(tex) == shown


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"M\'endez", "Méndez"),
        (r"Schr\"odinger and K\"{a}hler", "Schrödinger and Kähler"),
        (r"{\L}ukasz, Micha{\l}, Stra\ss e, \O rsted", "Łukasz, Michał, Straße, Ørsted"),
        (r"\c{C}elik, Dvo\v{r}\'ak, Erd\H{o}s, Ha\v cek", "Çelik, Dvořák, Erdős, Haček"),
        (r"na\"{\i}ve, Mart\'{\i}n, \^{\i}le", "naïve, Martín, île"),
        (r"Tom\'a\v{s} \AA ngstr\"om", "Tomáš Ångström"),
        (r"a \"quoted\" word", 'a "quoted" word'),  # no language has q with two dots
        (r"\d{abc} and \b x", "d abc and b x"),  # an author's own macros
    ],
)
def test_names_carry_their_accents(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        ("$x^2 + y_1$", "x² + y₁"),
        ("$2^{n-1}$, $\\mathbb{R}^d$, $A^T$, $A^\\top$", "2ⁿ⁻¹, ℝᵈ, Aᵀ, Aᵀ"),
        ("$x_{max}$ but $T_{\\rm eff}$", "xₘₐₓ but T_eff"),
        ("$E_{total}$", "E_total"),  # small letters in a row are hard to read
        ("$x_{ij,k}$ and $x_{b}y$", "x_{ij,k} and x_{b}y"),
        ("$\\mathbb{R}^{n \\times d}$", "ℝ^{n×d}"),
        ("$O(n^{3/2})$, $10^{11.5}$", "O(n^{3/2}), 10^11.5"),
        ("$e^{-x^2/2}$", "e^{−x²/2}"),
        ("$90^\\circ$, $90^{\\circ}$C, $f''$, $x^*$, $\\pi^\\pm$", "90°, 90°C, f″, x*, π±"),
        ("$0.1^{\\prime\\prime}$", "0.1″"),
        ("the 5$^{th}$ and 1\\textsuperscript{st}", "the 5th and 1st"),
        ("the $i^{th}$", "the iᵗʰ"),
        ("$^{12}$CO and H$_2$O", "¹²CO and H₂O"),
        ("$10^10$ and $x^-1$", "10¹⁰ and x⁻¹"),  # what the authors meant
        ("$M_\\odot yr^{-1}$", "M_⊙ yr⁻¹"),
        ("$v = 235.3^{+2.8}_{-3.7}$ km", "v = 235.3 (+2.8/−3.7) km"),
        ("$4^{+2}_{-1}$ and $4_{-1}^{+2}$", "4⁺²₋₁ and 4₋₁⁺²"),
        ("$x^{+1}_{a}$", "x⁺¹ₐ"),
        ("$0.15 ^ {+0.17} _ {-0.08}$", "0.15 (+0.17/−0.08)"),
        ("$φ^(t)$ and $x^$", "φ^(t) and x^"),
    ],
)
def test_scripts_are_unicode_where_unicode_has_them(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"$\frac{1}{2}$, $\frac12$", "1/2, 1/2"),
        (r"$\frac{a+b}{c-d}$", "(a+b)/(c−d)"),
        (r"$\frac{1}{2\pi}$, $\frac{2\pi}{3}$", "1/(2π), 2π/3"),
        (r"$\frac{dx}{dt}$, $\frac{\partial u}{\partial t}$", "dx/dt, ∂u/∂t"),
        (r"$\frac{1}{f(x)}$, $\frac{1}{n(n+1)}$", "1/f(x), 1/(n(n+1))"),
        (r"$\frac{(2i-1)^2}{4}$", "(2i−1)²/4"),
        (r"$2\frac{1}{3}$, $\frac{1}{2}x$, $\frac12\alpha$", "2(1/3), (1/2)x, (1/2)α"),
        (r"${a+1 \over b}$, $a \over b$, ${n \choose k}$", "(a+1)/b, a/b, (n choose k)"),
        (r"$\binom{n}{k}$", "(n choose k)"),
        (r"$\sqrt{n}$, $\sqrt{x+1}$, $\sqrt[3]{x}$", "√n, √(x+1), ³√x"),
        (r"$\sqrt{d}L$, $2\sqrt3$", "√d L, 2√3"),
        (r"$\sqrt[\alpha]{x}$, \cite[as \beta]{knuth}", "^α√x, [as β, knuth]"),
        (r"it is over \over here", "it is over over here"),
        (r"\frac", "frac"),
    ],
)
def test_fractions_and_roots_have_the_brackets_they_need(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"$\alpha \leq \beta$ and $\alpha\leq\beta$", "α ≤ β and α≤β"),
        (r"$x \leq 5$, $x\leq 5$, $\leq 5$", "x ≤ 5, x≤5, ≤5"),
        (r"$10 \pm 5$ and $x = \pm 5$", "10 ± 5 and x = ±5"),
        (r"10$\times$ faster, $\sim$5, $z\sim5-6$", "10× faster, ∼5, z∼5−6"),
        (r"$n \log n$, $O(n\log\log n)$, $\log(n)$", "n log n, O(n log log n), log(n)"),
        (r"$\log_2 n$, $\lim_{n\to\infty}$", "log₂ n, lim_{n→∞}"),
        (r"$\operatorname*{argmax}_x f$", "argmaxₓ f"),
        (r"$\sum_{i=1}^n x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"$\|x\|_2$, $\langle x, y\rangle$, $\lceil x\rceil$", "‖x‖₂, ⟨x, y⟩, ⌈x⌉"),
        (r"$\left( \frac{1}{2} \right]$, $\left. x \right|$", "(1/2], x|"),
        (r"$\left< x \right>$, $\big( x \big)$", "⟨x⟩, (x)"),
        (r"$\not= \not\in$, $a \not\equiv b$", "≠ ∉, a ≢ b"),
        (r"$p(x \mid y)$, $\{0, 1\}$", "p(x | y), {0, 1}"),
        (r"$\partial_t u - \Delta u = 0$", "∂ₜ u − Δu = 0"),
        (r"$5\,{\rm km\,s^{-1}}$, $10{,}000$, $20~\mathrm{kg}$", "5 km s⁻¹, 10,000, 20 kg"),
        (r"$\mathrm{pre-train}$ and $-0.5$ and $1--2$", "pre-train and −0.5 and 1–2"),
        (r"$\stackrel{d}{=}$, $\overset{d}{=}$, $\underset{x}{\max}$", "=ᵈ, =ᵈ, maxₓ"),
        (r"$A \xrightarrow[b]{a} B$, $5 \pmod{p}$", "A →ᵦᵃ B, 5 (mod p)".replace("ᵦ", "_b")),
        (r"$\abs{x}$, $\norm{x}$, $\ket{x}$", "|x|, ‖x‖, |x⟩"),
    ],
)
def test_operators_and_functions_are_spaced_as_their_authors_did(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"$\mathbb{R}, \mathbb E, \mathbb{1}$", "ℝ, 𝔼, 𝟙"),
        (r"$\mathcal{L}$, $\mathfrak{g}$, $\mathcal{NP}$", "ℒ, 𝔤, 𝒩𝒫"),
        (r"$\mathcal{O}(n)$, $\tilde{\mathcal{O}}(n)$", "O(n), Õ(n)"),
        (r"$\mathcal{ALC}$, $\mathcal{+}$", "ALC, +"),
        (r"$\mathbf{x}$, $\boldsymbol\theta$, $\mathrm{Var}(x)$", "x, θ, Var(x)"),
        (r"$\hat{x}_i$, $\vec v$, $\dot{M}$, $\hat\theta$", "x̂ᵢ, v⃗, Ṁ, θ̂"),
        (r"$\hat{x_i}$, $\overline{AB}$, $\hat{\imath}$", "x̂ᵢ, AB, î"),
        (r"\textbf{bold}, \emph{slanted}, \texttt{a_b}", "bold, slanted, a_b"),
        (r"{\bf old} and {\em style}", "old and style"),
        (r"$\text{if $x$ is odd}$", "if x is odd"),
        (r"\ensuremath{x^2}", "x²"),
        (r"\unicode{x2013}, \ding{51}, \LaTeX", "–, ✓, LaTeX"),
        (r"\unicode{xD800}, \unicode{zz}, \ding{7}", "unicode xD800, unicode zz, ding 7"),
    ],
)
def test_alphabets_and_accents(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\begin{equation} a &= b \\ c &= d \end{equation}", "a = b; c = d"),
        (r"$\begin{pmatrix} a & b \\[2pt] c & d \end{pmatrix}$", "(a b; c d)"),
        (r"$\begin{array}{cc} a & b \end{array}$", "a b"),
        (r"$f = \begin{cases} 1, \\ 0 \end{cases}$", "f = { 1, 0"),
        (r"\begin{itemize} \item one \item[2.] two \end{itemize}", "• one 2. two"),
        (r"a \\ b, R\&D, 50\%, 50% off, \#1, \_x", "a b, R&D, 50%, 50% off, #1, _x"),
        (r"\[ x = 1 \] and \( y \) and $$z$$", "x = 1 and y and z"),
        (r"$\sim$$150$ kpc", "∼150 kpc"),
        (r"\begin{equation}\label{eq:a_b}\tag{3} x \end{equation}", "(3) x"),
        (r"\textcolor{red}{hot}, \color{blue} cold, a\hspace{1cm}b", "hot, cold, ab"),
        (r"$\mathcal{E\mkern-2mu L}$", "E L"),
        (r"\SI{5}{\kilo\meter}, \ion{H}{ii}, \enquote{so}", "5 km, H II, “so”"),
        (r"\texorpdfstring{$x^2$}{x2} and \gls{llm}", "x² and llm"),
        (r"\textsubscript{2}", "₂"),
    ],
)
def test_environments_and_layout(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"code: \href{https://a.example/b_c}{this https URL}", "code: https://a.example/b_c"),
        (r"\href{https://a.example}{the page}", "the page (https://a.example)"),
        (r"\href{https://www.a.example/}{a.example}", "https://www.a.example/"),
        (r"\href{}{the page}", "the page"),
        (r"at \url{http://a.example/~doe/x_y--z}", "at http://a.example/~doe/x_y--z"),
        (r"at https://a.example/x\_y_z^2", "at https://a.example/x_y_z^2"),
        (r"\cite{doe2020,roe}, \citep[p.~3]{poe}", "[doe2020, roe], [p. 3, poe]"),
        (r"see\footnote{a note} \cite{}", "see (a note)"),
    ],
)
def test_links_and_notes_stay_readable(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        ("costs $10 to $20 a month", "costs $10 to $20 a month"),
        ("$5 million, or $x^2$", "$5 million, or x²"),
        ("about $500-$780 in total", "about $500-$780 in total"),
        ("under $50 in all", "under $50 in all"),
        (r"only \$0.07, \textbf{\$3}", "only $0.07, $3"),
        ("a $900 bounty; losses of $384M, and $x$", "a $900 bounty; losses of $384M, and x"),
        ("costs 5$ per day here. With $y$ too", "costs 5$ per day here. With y too"),
        ("up to $269M$ vertices, $4B$ edges", "up to 269M vertices, 4B edges"),
        ("$10$ and $20$, $10 mm$", "10 and 20, 10 mm"),
        (r"of $e^{-V} under strict convexity on $V$ .", "of e⁻ⱽ under strict convexity on V."),
        ("half $M_x", "half M_x"),
        ("$$", ""),
    ],
)
def test_money_is_not_mathematics(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"we propose \method, \Ours{}, and \method outperforms", None),
        (r"\eg \kv-cache, \ie it", "e.g. kv-cache, i.e. it"),
        (r"\foo{bar} $\foo{bar}$", "foo bar foo bar"),
        (r"$\R^n$, $\cstar \approx 7$", "ℝⁿ, cstar ≈ 7"),
        (r"\abs and \ket", "abs and ket"),
    ],
)
def test_an_unknown_macro_keeps_its_name(tex: str, shown: str | None) -> None:
    see(tex, shown or "we propose method, Ours, and method outperforms")


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        ("``quoted'' and `single' and ``half\"", "“quoted” and ‘single’ and “half”"),
        ("1--2 and so --- on", "1–2 and so — on"),
        ("38~MB of ~90% (~5)", "38 MB of ~90% (~5)"),
        ("10^6, m^{-2}, 90^\\circ, CO_2, H_2O", "10⁶, m⁻², 90°, CO₂, H₂O"),
        ("file_name, pass^k, x_1, GPT_a", "file_name, pass^k, x_1, GPT_a"),
        ("Hawai`i and `code`", "Hawai`i and `code`"),
        ("in {0, 1} and {GPT}, a {\\bf b, c}", "in {0, 1} and GPT, a b, c"),
        ("it's a word , then .", "it's a word, then."),
        ("AT&T", "AT&T"),
    ],
)
def test_text_outside_mathematics(tex: str, shown: str) -> None:
    see(tex, shown)


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        ("${a$ b}", "a b"),
        (r"{unbalanced $\alpha", "unbalanced α"),
        (r"} \end{x} \right) \\", ")"),
        (r"{a \over", "a over"),
        (r"\label{never closed, so it shows", "never closed, so it shows"),
        ("ends with \\", "ends with"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_broken_tex_is_read_as_far_as_it_goes(tex: str, shown: str) -> None:
    see(tex, shown)
