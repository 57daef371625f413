"""Every conformance case through the wire alone, in every cut."""

import pytest

from tests.conformance.compare import differences
from tests.conformance.harness import CASES, cut, reads_of, result


def test_the_cases_are_all_there():
    assert len(CASES) >= 111


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_ends_as_expected_in_every_cut(case):
    reads = reads_of(case)
    body = b"".join(reads)
    for way in (reads, [body], cut(body, 7), cut(body, 1)):
        assert differences(case["expect"], result(case, way)) == []
