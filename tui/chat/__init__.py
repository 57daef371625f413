"""The program without a screen: conversations, asking, replaying. What the ui and `rillet ask` both drive."""
