"""Names that `vulture` finds no use of, and who uses them. A name that belongs in no group here is cut instead.

Read by vulture only: an attribute that is read here counts as used.
"""

_ = object()

# The standard library calls or reads them: enum, html.parser, asyncio's protocols, sqlite3.
_._value_
_.__class__
_.handle_starttag
_.handle_endtag
_.handle_data
_.connection_made
_.data_received
_.get_buffer
_.buffer_updated
_.eof_received
_.connection_lost
_.pause_writing
_.resume_writing
_.pipe_data_received
_.pipe_connection_lost
_.process_exited
_.text_factory
exc
help

# Whoever reads the JSON of a report of the doctor.
_.after_cancel_seconds

# The MCP SDK calls them, its storage of tokens, or reads what is set.
_.get_tokens
_.set_tokens
_.get_client_info
_.set_client_info
_.DISCOVER_TIMEOUT_SECONDS

# llama.cpp's parameters: set on an object that xllamacpp reads.
_.model_alias
_.n_ctx
_.n_parallel
_.n_threads
_.hostnames
_.api_keys
_.cors_origins
_.cors_origins_explicit
_.ui
_.endpoint_slots
_.offline
_.cache_ram_mib
_.verbosity
_.warmup
_.use_jinja
_.enable_chat_template
_.chat_template

# Fields of a fast first parse: their presence sends a frame to the whole decoder (`wire/text_frame`).
_.reasoning_details
_.function_call
_.search_results
_.x_groq
_.reasoning_text
_.reasoning_opaque
_.thinking_blocks

# Textual calls them, or reads what is set.
_._styles_cache
_._full_map_invalidated
_.control
_.get_theme_variable_defaults
_.get_default_screen
_._fatal_error
_.copy_to_clipboard
_._clipboard
_._themes
_.animation_level
_._disable_notifications
_._disable_tooltips
_.attrs_before
_.render_segments
_.border_left
_.border_right
_.border_title
_.border_subtitle
_.cursor_blink
_.cursor_position
_.match_cursor_bracket
_._progress
_._inherit_bindings
_._inherit_component_classes
_._inherit_css
_.FOCUS_ON_CLICK
_._sigtstp_application
_._sigcont_application
_._must_signal_resume
_._query_in_band_window_resize
_._request_terminal_sync_mode_support
_._open_app_process
_._stdin
_.run_input_thread
tui  # imported so that a thread need not import it a second time
callback
_._matching_bracket_location
_.last_x_offset

# Tests rely on them, as callers of the floor below the screen do.
_.exhaust
_.has_unsaved
indexing_left
_.epoch

# Textual lays out by it.
_.max_height

# argparse writes by it.
_._print_message
# Textual reads what a strip keeps.
_._segments
_._cell_length
_._divide_cache
_._crop_cache
_._style_cache
_._filter_cache
_._line_length_cache
_._crop_extend_cache
_._offsets_cache
_._render_cache
_._link_ids
_._cell_count
