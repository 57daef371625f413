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
therefore:∴ because:∵ triangleq:≜ coloneqq:≔ leqslant:⩽ geqslant:⩾ leqq:≦ geqq:≧ lesssim:≲ gtrsim:≳ lll:⋘ ggg:⋙ preceq:⪯ succeq:⪰ asymp:≍
bigcup:⋃ bigcap:⋂ bigsqcup:⨆ bigoplus:⨁ bigotimes:⨂ bigodot:⨀ bigvee:⋁ bigwedge:⋀ sqcup:⊔ sqcap:⊓ uplus:⊎ boxplus:⊞ boxtimes:⊠
nearrow:↗ searrow:↘ swarrow:↙ nwarrow:↖ rightsquigarrow:⇝ leadsto:⇝ Uparrow:⇑ Downarrow:⇓ updownarrow:↕ longleftrightarrow:⟷
twoheadrightarrow:↠ rightarrowtail:↣ hookleftarrow:↩ leftharpoonup:↼ rightharpoondown:⇁ rightleftarrows:⇄ leftrightarrows:⇆ impliedby:⇐
Longleftarrow:⟸ vDash:⊨ Vdash:⊩ dashv:⊣ nvdash:⊬ nparallel:∦ nmid:∤ nsubseteq:⊈ subsetneq:⊊ supsetneq:⊋ sqsubseteq:⊑ sqsupseteq:⊒
nleq:≰ ngeq:≱ nless:≮ ngtr:≯ ncong:≇ nsim:≁ lhd:⊲ rhd:⊳ trianglelefteq:⊴ ltimes:⋉ rtimes:⋊ bowtie:⋈ wr:≀ amalg:⨿ multimap:⊸
varkappa:ϰ digamma:ϝ beth:ℶ gimel:ℷ hslash:ℏ imath:ı jmath:ȷ complement:∁ measuredangle:∡ sphericalangle:∢ varpropto:∝ intercal:⊺
diamond:⋄ Diamond:◇ lozenge:◊ bigstar:★ clubsuit:♣ diamondsuit:♢ heartsuit:♡ spadesuit:♠ flat:♭ natural:♮ sharp:♯ bigcirc:◯ bigtriangleup:△
triangledown:▽ blacktriangle:▲ copyright:© pounds:£ euro:€ S:§ P:¶ AA:Å aa:å ae:æ AE:Æ oe:œ ss:ß o:ø O:Ø l:ł L:Ł textdegree:° textmu:µ
lt:< gt:> lbrack:[ rbrack:] llbracket:⟦ rrbracket:⟧ dotsc:… dotso:… dotsb:⋯ dotsm:⋯ dotsi:⋯ iddots:⋰ iiiint:⨌ R:ℝ N:ℕ Z:ℤ Q:ℚ
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
left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr limits nolimits operatorname nonumber notag mathop mathbin mathrel mathord mathopen mathclose mathpunct
boxed hline toprule midrule bottomrule allowbreak smash mathstrut strut protect
"""
_LOOKS = """
displaystyle textstyle scriptstyle scriptscriptstyle mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathnormal
boldsymbol bm rm bf it
"""
STYLES = frozenset(_LOOKS.split())
"""Commands that say how the letters that follow look."""
NOTHING = frozenset(_SILENT.split()) | STYLES
"""Commands that only say how to set what follows."""
_WORDS = """
text textbf textit textrm textsf texttt textsc textnormal textup emph mbox hbox
"""
TEXTS = frozenset(_WORDS.split())
"""Commands whose argument is words."""
SPACED = frozenset("·×÷±∓∗⋆∘•⊕⊖⊗⊙∧∨∩∪∖≤≥≠≈≡∼≃≅∝≪≫≺≻≐⊂⊆⊃⊇∈∉∋⊢⊨⊥∥→⟶←⟵↔⇒⟹⇐⟸⇔⟺↦⟼⇌⩽⩾≜≔≲≳⊔⊓⊎")
"""Operators and relations: space on one side of them is space on both."""
PREFIXES = frozenset("∂∇∀∃∄¬∠△∡")
"""Signs that stand right before what they belong to."""

_SPOKEN = """
sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf
det dim ker gcd lcm arg deg hom Pr argmax argmin
"""
SYMBOLS["bmod"] = " mod "
NAMES = frozenset(_SPOKEN.split())
"""Commands that are shown as their name."""

DOUBLE = dict(zip("CNQRZPHEFK1", "ℂℕℚℝℤℙℍ𝔼𝔽𝕂𝟙", strict=True))
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
    "widecheck": "\u030c",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
    "dddot": "\u20db",
    "overrightarrow": "\u20d7",
    "overleftarrow": "\u20d6",
    "cancel": "\u0338",
}
ABOVE = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ′*",
        strict=True,
    )
)
BELOW = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
