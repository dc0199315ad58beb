"""What a query costs before and after it ran, by the model and by the clock."""

import pytest

from mockwb.limits.query_costs import QueryCosts
from mockwb.yaml_file import convert


def costs(**settings: object) -> QueryCosts:
    return convert(settings, QueryCosts)


def test_given_the_model_then_the_base_is_known_before_and_the_items_after() -> None:
    model = costs(default={"base": "5ms", "per_item": "0.2ms"})
    assert model.before("Anything") == 5
    assert model.after("Anything", 0, 9.9) == 0
    assert model.after("Anything", 1, 9.9) == 1
    assert model.after("Anything", 5, 9.9) == 1
    assert model.after("Anything", 1000, 9.9) == 200


def test_given_a_query_without_a_name_then_it_costs_the_default() -> None:
    model = costs(default={"base": "7ms", "per_item": "1ms"})
    assert (model.before(None), model.after(None, 3, 0.0)) == (7, 3)


def test_given_the_table_then_pages_of_runs_and_history_are_dearer_than_a_look() -> None:
    model = costs()
    page, look = (
        model.before(name) + model.after(name, 50, 0.0) for name in ("Runs", "RunStoppedStatus")
    )
    assert page > 50 * look
    assert model.before("HistoryPage") > model.before("Unheard") > model.before("RunStoppedStatus")


def test_given_an_entry_in_the_configuration_then_the_rest_of_the_table_stays() -> None:
    model = costs(operations={"Runs": {"base": "1s"}})
    assert model.before("Runs") == 1000
    assert model.after("Runs", 10, 0.0) == 2  # 0.2 ms each, as an entry has it by default
    assert model.before("HistoryPage") == costs().before("HistoryPage")


def test_given_an_entry_of_no_cost_at_all_then_a_request_is_a_millisecond() -> None:
    model = costs(operations={"Runs": {"base": 0, "per_item": 0}})
    assert (model.before("Runs"), model.after("Runs", 1000, 0.0)) == (1, 0)


@pytest.mark.parametrize(
    ("seconds", "more"), [(0.0, 0), (0.0004, 0), (0.001, 0), (0.0011, 1), (1.5, 1499)]
)
def test_given_measured_time_then_both_charges_add_up_to_it(seconds: float, more: int) -> None:
    measured = costs(time="measured", operations={"Runs": {"base": "9s"}})
    assert measured.before("Runs") == 1
    assert measured.after("Runs", 1000, seconds) == more
