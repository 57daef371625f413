"""The page without a screen: messages, blocks, calls and the wire log as lines of styled runs; no Textual."""
