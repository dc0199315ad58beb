from mockwb.limits.freeze import FREEZE
from mockwb.limits.scopes import SCOPES
from mockwb.target import FROZEN, LIMITED


def test_given_every_scope_then_its_name_and_surface_are_what_accounts_and_scenarios_call_it() -> (
    None
):
    assert {f"{scope.name}.{scope.limit}": scope.surface for scope in SCOPES} == LIMITED
    assert ".".join(FREEZE) == FROZEN
