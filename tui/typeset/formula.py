"""LaTeX formulas as plain Unicode: an approximation that can be read in a line of text."""

from __future__ import annotations

import re

_SYMBOLS = dict(
    pair.split(":", 1)
    for pair in """
alpha:α beta:β gamma:γ delta:δ epsilon:ε varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ mu:μ
nu:ν xi:ξ omicron:ο pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:φ varphi:φ chi:χ psi:ψ omega:ω
Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω
sum:∑ prod:∏ coprod:∐ int:∫ iint:∬ iiint:∭ oint:∮ partial:∂ nabla:∇ infty:∞ hbar:ℏ ell:ℓ Re:ℜ Im:ℑ aleph:ℵ wp:℘
leq:≤ le:≤ geq:≥ ge:≥ neq:≠ ne:≠ approx:≈ equiv:≡ sim:∼ simeq:≃ cong:≅ propto:∝ ll:≪ gg:≫ prec:≺ succ:≻ doteq:≐
pm:± mp:∓ times:× div:÷ cdot:· ast:∗ star:⋆ circ:∘ bullet:• oplus:⊕ ominus:⊖ otimes:⊗ odot:⊙ wedge:∧ land:∧ vee:∨
lor:∨ neg:¬ lnot:¬ cap:∩ cup:∪ setminus:∖ subset:⊂ subseteq:⊆ supset:⊃ supseteq:⊇ in:∈ notin:∉ ni:∋ emptyset:∅
varnothing:∅ forall:∀ exists:∃ nexists:∄ top:⊤ bot:⊥ vdash:⊢ models:⊨ perp:⊥ parallel:∥ mid:| angle:∠ triangle:△
to:→ rightarrow:→ longrightarrow:⟶ leftarrow:← gets:← longleftarrow:⟵ leftrightarrow:↔ Rightarrow:⇒ implies:⇒
Longrightarrow:⟹ Leftarrow:⇐ Leftrightarrow:⇔ iff:⇔ Longleftrightarrow:⟺ mapsto:↦ longmapsto:⟼ uparrow:↑
downarrow:↓ hookrightarrow:↪ rightharpoonup:⇀ rightleftharpoons:⇌ ldots:… dots:… cdots:⋯ vdots:⋮ ddots:⋱
prime:′ dagger:† ddagger:‡ langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lVert:‖ rVert:‖ Vert:‖ lvert:| rvert:|
vert:| lbrace:{ rbrace:} backslash:\\ degree:° square:□ blacksquare:■ qed:∎ checkmark:✓ colon:: ,: ;: !: :: >:
""".split()
)
_SYMBOLS |= {",": " ", ";": " ", ":": " ", ">": " ", "!": "", " ": " ", "quad": "  ", "qquad": "    ", "\\": "\n"}
_SYMBOLS |= {"{": "{", "}": "}", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_", "|": "‖", "colon": ":", "newline": "\n"}
_NOTHING = frozenset(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits "
    "mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak boldsymbol bm text textbf textit textrm texttt "
    "operatorname mbox hbox rm bf it tfrac_ nonumber notag label_ mathop mathbin mathrel mathord boxed underbrace "
    "overbrace phantom hline".split()
)
_NAMES = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf det dim "
    "ker gcd arg deg hom Pr argmax argmin mod bmod".split()
)
_DOUBLE = dict(zip("CNQRZPHEF", "ℂℕℚℝℤℙℍ𝔼𝔽", strict=True))
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0305",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "underline": "\u0332",
}
_ABOVE = dict(zip("0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ′*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ′*", strict=True))
_BELOW = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|[{}^_&~]|[^\\{}^_&~]", re.DOTALL)
_SIMPLE = re.compile(r"√?[\w.′∞]+$|.$")
_DEPTH = 40


def unicode_formula(latex: str) -> str:
    """The formula in Unicode; commands that are not known stay as they were written."""
    reader = _Reader(latex)
    text = reader.read_group(until_end=True)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.replace("\r", "").split("\n")]
    return "\n".join([line for line in lines if line])


class _Reader:
    __slots__ = ("at", "depth", "tokens")

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex.replace("\n", " "))
        self.at = 0
        self.depth = 0

    def read_group(self, *, until_end: bool = False) -> str:
        """Everything up to the closing brace, or to the end."""
        parts: list[str] = []
        while self.at < len(self.tokens):
            if self.tokens[self.at] == "}":
                self.at += 1
                if until_end:
                    continue
                break
            parts.append(self._read_one())
        return "".join(parts)

    def _argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        if self.at >= len(self.tokens) or self.tokens[self.at] == "}":
            return ""
        return self._read_one()

    def _read_one(self) -> str:
        token = self.tokens[self.at]
        self.at += 1
        if self.depth >= _DEPTH:
            return token
        self.depth += 1
        try:
            if token == "{":
                return self.read_group()
            if token == "^":
                return _script(self._argument(), _ABOVE, "^")
            if token == "_":
                return _script(self._argument(), _BELOW, "_")
            if token in "&~":
                return " "
            return self._command(token[1:]) if token[0] == "\\" and len(token) > 1 else token
        finally:
            self.depth -= 1

    def _command(self, name: str) -> str:
        name = name.removesuffix("*") if len(name) > 1 else name
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _NAMES:
            following = self.tokens[self.at] if self.at < len(self.tokens) else " "
            return name + (" " if following.isalnum() or following[0] == "\\" else "")
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            above, below = self._argument(), self._argument()
            return f"{_wrap(above)}/{_wrap(below)}"
        if name in ("binom", "dbinom"):
            above, below = self._argument(), self._argument()
            return f"C({above}, {below})"
        if name == "sqrt":
            degree = self._option()
            return _script(degree, _ABOVE, "^") * bool(degree) + "√" + _wrap(self._argument())
        if name == "mathbb":
            inside = self._argument()
            return _DOUBLE.get(inside, inside)
        if name in _ACCENTS:
            inside = self._argument()
            return inside + _ACCENTS[name] if len(inside) == 1 else inside
        if name in ("begin", "end"):
            kind = self._argument()
            if kind.startswith("array"):
                self._argument()
            return "\n" if name == "end" else ""
        if name == "not":
            return self._argument() + "\u0338"
        if name in ("left", "right"):
            if self.at < len(self.tokens) and self.tokens[self.at] == ".":
                self.at += 1
            return ""
        if name == "tag":
            return f"  ({self._argument()})"
        if name in ("color", "textcolor", "hspace", "vspace", "label"):
            self._argument()
            return ""
        if name in _NOTHING:
            return ""
        if self.at < len(self.tokens) and self.tokens[self.at] == "{":
            return f"\\{name}{{{self._argument()}}}"
        return f"\\{name}"

    def _option(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at] != "[":
            return ""
        try:
            end = self.tokens.index("]", self.at)
        except ValueError:
            return ""
        inside = "".join(self.tokens[self.at + 1 : end])
        self.at = end + 1
        return inside


def _wrap(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.match(text) else f"({text})"


def _script(text: str, table: dict[str, str], mark: str) -> str:
    text = text.strip()
    plain = text.replace(" ", "")
    if plain and all(character in table for character in plain):
        return "".join([table[character] for character in plain])
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})" if text else mark
