"""Formulas in Unicode: what is multiplied stays apart, what is not known stays as it was written."""

import pytest

from tests.typeset.reference import document_of
from tui.typeset.document import Document
from tui.typeset.formula import unicode_formula
from tui.typeset.line import line_text


def page(text, width=60):
    return [line_text(line) for block in document_of(text).blocks for line in block.lines(width)]


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"2\frac{1}{3}", "2 1/3"),
        (r"\frac{1}{2}mv^2", "1/2 mv²"),
        (r"x\frac{a}{b}(c+d)", "x a/b (c+d)"),
        (r"\frac{a}{b}^2", "(a/b)²"),
        (r"-\frac{b}{2a} + \frac{1}{2}", "-b/2a + 1/2"),
        (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
        (r"\frac{n!}{k!(n-k)!}", "n!/(k!(n-k)!)"),
        (r"\sqrt{\frac{a}{b}}", "√(a/b)"),
        (r"{n \choose k} = {a \over b}", "C(n, k) = a/b"),
        (r"x_\text{max} + y_\mathrm{min}", "xₘₐₓ + yₘᵢₙ"),
        (r"25^\circ\text{C}, A^\top, 90^{\circ}", "25°C, Aᵀ, 90°"),
        (r"a\cdot b\times c\le5", "a · b × c≤5"),
        (r"\forall x \in A, \nabla f", "∀x ∈ A, ∇f"),
        (r"\langle x, y \rangle \left( z \right)", "⟨x, y⟩ (z)"),
        (r"\overline{AB} \widehat{ABC} \vec{CD}", "A\u0305B\u0305 AB\u0302C CD\u20d7"),
        (r"\underbrace{a+b}_{n} \overset{!}{=} \underset{x}{\max}", "(a+b)ₙ =^! maxₓ"),
        (r"A \xrightarrow{f} B", "A ─ f → B"),
        (r"x \equiv a \pmod{n}, a \bmod b", "x ≡ a (mod n), a mod b"),
        (r"\text{snake_case and $x^2$}", "snake_case and x²"),
        (r"\sum_{\substack{i<n \\ j<m}} 1", "∑_(i<n, j<m) 1"),
        (r"\bigcup_i A_i \leqslant \mathbb{1}", "⋃ᵢ Aᵢ ⩽ 𝟙"),
        (r"\nosuch{x}{y_1}[z] \other", r"\nosuch{x}{y_1}[z] \other"),
        (r"\ce{2H2 + O2 -> 2H2O}", "2H₂ + O₂ → 2H₂O"),
        (r"\ce{SO4^2-}, \ce{Na+}, \ce{Fe^{3+}}, \ce{^{14}_{6}C}", "SO₄²⁻, Na⁺, Fe³⁺, ¹⁴₆C"),
        (r"\ce{A <=> B}, \ce{A ->[\text{heat}] B v}", "A ⇌ B, A ─ heat → B ↓"),
        (r"\ce{CuSO4.5H2O}, \ce{Ca(OH)2}", "CuSO₄·5H₂O, Ca(OH)₂"),
        (r"\SI{9.8}{\meter\per\second\squared} \qty{5}{kg} \unit{\kilo\watt\hour} \ang{30}", "9.8 m/s² 5 kg kW·h 30°"),
        (r"\abs{x} \norm{v} \dv{f}{x} \pdv{f}{x}", "|x| ‖v‖ df/dx ∂f/∂x"),
    ],
)
def test_a_formula_in_a_line(latex, shown):
    assert unicode_formula(latex) == shown


def test_a_bar_between_columns_is_drawn():
    latex = r"\left[\begin{array}{cc|c} 1 & 2 & 3 \\ 4 & 5 & 6 \end{array}\right]"
    assert page(f"$$\n{latex}\n$$") == ["⎡1  2 │ 3⎤", "⎣4  5 │ 6⎦"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("\\begin{align*}\na &= b\\\\\nc &= d\n\\end{align*}", ["a = b", "c = d"]),
        ("- so:\n  \\begin{equation}\n  E = mc^2\n  \\end{equation}\n- b", [" • so:", "   E = mc²", " • b"]),
        ("$$\n\\begin{align}\na &= b \\\\\n\nc &= d\n\\end{align}\n$$", ["a = b", "c = d"]),
        ("We get $$\nx^2\n- y\n$$\nand go on.", ["We get x² - y", "", "and go on."]),
        ("我们有：\\[\nx\n= 1\n\\]", ["我们有：x = 1"]),
        ("a\n\n$$x^2$$\nwhere x is", ["a", "", "x²", "where x is"]),
        ("\\[ x=1 \\]\n\\[ y=2 \\]", ["x=1", "y=2"]),
        ("$$\nx = 1\n\nSo much for that.\n\n- a", ["$$ x = 1", "", "So much for that.", "", " • a"]),
        ("$$\nProfit = Revenue - Cost\n$$", ["Profit = Revenue - Cost"]),
        ("$$\nx = 1 % one\n$$", ["x = 1"]),
        ("The PID is $$\n\n- a", ["The PID is $$", "", " • a"]),
    ],
)
def test_formulas_stand_where_models_put_them(text, rows):
    assert page(text) == rows
    document = Document()
    for letter in text:
        document.feed(letter)
        for block in document.all_blocks()[-2:]:
            block.lines(60)
    document.finish()
    assert [line_text(line) for block in document.all_blocks() for line in block.lines(60)] == rows
