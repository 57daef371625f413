"""Lists the benchmarks and what each is for: `python -m tests.bench`."""

BENCHMARKS = {
    "page": "what a person feels: keys, start, memory and bytes to the terminal, beside bare Textual apps",
    "stall": "how long no key is taken, thing by thing, in a session of very many turns",
    "growth": "what grows with the length of a reply, of a session, of the list of sessions",
    "before": "this build beside an earlier checkout, by turns, and beside itself",
    "hostile": "keys and memory while a stream is hostile, scenario by scenario",
    "wire": "events a second of one core, and how fast a key is looked for in a stream",
    "typeset": "processor time of typesetting a reply of any length, and its growth with the length",
    "store": "bytes on disk a turn, and lists, search and opening at scale, beside the bare query",
    "tape": "a saved tape of a million frames: opening its wire at the end, scrolling, memory",
    "faults": "thousands of randomly faulted streams below the screen: no hang, no crash, no silent ending",
}
"""Module of this package, and what it is for; its own docstring says how to call it."""


def main() -> None:
    """Print a line for each."""
    width = max(map(len, BENCHMARKS))
    for name, purpose in BENCHMARKS.items():
        print(f"python -m tests.bench.{name:<{width}}  {purpose}")
    print("They measure and never fail. Give a quiet machine, and compare runs of two builds in turns.")


if __name__ == "__main__":
    main()
