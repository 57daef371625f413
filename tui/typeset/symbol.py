"""What LaTeX commands look like in Unicode."""

from __future__ import annotations

_TABLE = """
alpha:α beta:β gamma:γ delta:δ epsilon:ε varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ
mu:μ nu:ν xi:ξ omicron:ο pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:φ varphi:φ chi:χ
psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω sum:∑ prod:∏
coprod:∐ int:∫ iint:∬ iiint:∭ oint:∮ partial:∂ nabla:∇ infty:∞ hbar:ℏ ell:ℓ Re:ℜ Im:ℑ aleph:ℵ wp:℘ leq:≤ le:≤
geq:≥ ge:≥ neq:≠ ne:≠ approx:≈ equiv:≡ sim:∼ simeq:≃ cong:≅ propto:∝ ll:≪ gg:≫ prec:≺ succ:≻ doteq:≐ pm:± mp:∓
times:× div:÷ cdot:· ast:∗ star:⋆ circ:∘ bullet:• oplus:⊕ ominus:⊖ otimes:⊗ odot:⊙ wedge:∧ land:∧ vee:∨ lor:∨
neg:¬ lnot:¬ cap:∩ cup:∪ setminus:∖ subset:⊂ subseteq:⊆ supset:⊃ supseteq:⊇ in:∈ notin:∉ ni:∋ emptyset:∅
varnothing:∅ forall:∀ exists:∃ nexists:∄ top:⊤ bot:⊥ vdash:⊢ models:⊨ perp:⊥ parallel:∥ mid:| angle:∠
triangle:△ to:→ rightarrow:→ longrightarrow:⟶ leftarrow:← gets:← longleftarrow:⟵ leftrightarrow:↔ Rightarrow:⇒
implies:⇒ Longrightarrow:⟹ Leftarrow:⇐ Leftrightarrow:⇔ iff:⇔ Longleftrightarrow:⟺ mapsto:↦ longmapsto:⟼
uparrow:↑ downarrow:↓ hookrightarrow:↪ rightharpoonup:⇀ rightleftharpoons:⇌ ldots:… dots:… cdots:⋯ vdots:⋮
ddots:⋱ prime:′ dagger:† ddagger:‡ langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lVert:‖ rVert:‖ Vert:‖
lvert:| rvert:| vert:| lbrace:{ rbrace:} backslash:\\ degree:° square:□ blacksquare:■ qed:∎ checkmark:✓ colon::
"""
SYMBOLS = dict([pair.split(":", 1) for pair in _TABLE.split()])
SYMBOLS |= {",": " ", ";": " ", ":": " ", ">": " ", "!": "", " ": " ", "quad": "  ", "qquad": "    ", "\\": "\n"}
SYMBOLS |= {
    "{": "{",
    "}": "}",
    "%": "%",
    "$": "$",
    "#": "#",
    "&": "&",
    "_": "_",
    "|": "‖",
    "colon": ":",
    "newline": "\n",
}

_SILENT = """
left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits
nolimits mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak boldsymbol bm text textbf textit textrm
texttt operatorname mbox hbox rm bf it nonumber notag mathop mathbin mathrel mathord boxed underbrace
overbrace phantom hline
"""
NOTHING = frozenset(_SILENT.split())
"""Commands that only say how to set what follows."""

_SPOKEN = """
sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf
det dim ker gcd arg deg hom Pr argmax argmin mod bmod
"""
NAMES = frozenset(_SPOKEN.split())
"""Commands that are shown as their name."""

DOUBLE = dict(zip("CNQRZPHEF", "ℂℕℚℝℤℙℍ𝔼𝔽", strict=True))
ACCENTS = {
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
ABOVE = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ′*",
        strict=True,
    )
)
BELOW = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
