import pytest

from tui.wire.usage import read_usage


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        (
            {
                "prompt_tokens": 12,
                "completion_tokens": 2,
                "total_tokens": 334,
                "completion_tokens_details": {"reasoning_tokens": 320},
            },
            (12, None, 322, 320, 334),
        ),
        (
            {
                "prompt_tokens": 190,
                "completion_tokens": 379,
                "total_tokens": 569,
                "completion_tokens_details": {"reasoning_tokens": 320},
            },
            (190, None, 379, 320, 569),
        ),
        (
            {
                "input_tokens": 216,
                "input_tokens_details": {"cached_tokens": 192},
                "output_tokens": 863,
                "output_tokens_details": {"reasoning_tokens": 237},
                "total_tokens": 1079,
            },
            (216, 192, 863, 237, 1079),
        ),
        ({"prompt_tokens": 5, "completion_tokens": None, "prompt_tokens_details": None}, (5, None, None, None, None)),
        (
            {"prompt_tokens": 5.0, "completion_tokens": -1, "total_tokens": True, "prompt_cache_hit_tokens": 3},
            (5, 3, None, None, None),
        ),
        ({"prompt_tokens": "5", "completion_tokens": [], "total_tokens": 1.5}, (None, None, None, None, None)),
        ({}, (None, None, None, None, None)),
    ],
)
def test_the_counts_of_chat_and_responses_are_comparable(raw, tokens):
    usage = read_usage(raw)
    assert (usage.input, usage.cached, usage.output, usage.reasoning, usage.total) == tokens
    assert usage.raw == raw


@pytest.mark.parametrize(
    ("raw", "cost"),
    [
        ({"cost_in_usd_ticks": 790000}, 7.9e-05),
        ({"cost": 0.25}, 0.25),
        ({"estimated_cost": 0.5}, 0.5),
        ({"cost": "much"}, None),
        ({}, None),
    ],
)
def test_the_cost_is_what_the_endpoint_says(raw, cost):
    assert read_usage(raw).cost_usd == cost


def test_the_timings_of_llama_cpp_stand_in_for_usage():
    usage = read_usage({}, {"cache_n": 10, "prompt_n": 5, "predicted_n": 7, "predicted_per_second": 120.8})
    assert (usage.input, usage.cached, usage.output, usage.rate) == (15, 10, 7, 120.8)
    assert read_usage({"prompt_tokens": 3}, {"predicted_n": 7, "predicted_per_second": 1}).output is None


@pytest.mark.parametrize(
    ("raw", "calls", "sources"),
    [
        ({"num_server_side_tools_used": 3, "num_sources_used": 12}, 3, 12),
        ({"server_side_tool_usage_details": {"web_search_calls": 2, "x_search_calls": 1, "odd": "x"}}, 3, None),
        ({"server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1}}, 3, None),
        ({"num_sources_used": 0}, None, 0),
        ({"num_sources_used": "many", "server_tool_use": {}}, None, None),
    ],
)
def test_what_the_endpoint_ran_itself_is_counted(raw, calls, sources):
    usage = read_usage(raw)
    assert (usage.server_calls, usage.sources) == (calls, sources)
