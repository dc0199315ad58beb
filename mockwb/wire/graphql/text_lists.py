"""Lists of JSON texts are answered as they are, for `engine`.

A page of history is a list of a thousand texts. graphql-core would give each of them a path and
ask the scalar, which takes several times what finding and sending them takes.
"""

from typing import Any

import graphql.execution
from graphql import GraphQLNonNull

# graphql-core 3.2 calls the class and the argument by other names than 3.3.
_NEW = hasattr(graphql.execution, "Executor")
_BASE: Any = getattr(graphql.execution, "Executor" if _NEW else "ExecutionContext")
_ARGUMENT = "executor_class" if _NEW else "execution_context_class"


class _Executor(_BASE):  # type: ignore[misc]
    """Completes values like its base, but for these lists."""

    def complete_list_value(
        self, return_type: Any, fields: Any, info: Any, path: Any, result: Any, *rest: Any
    ) -> Any:
        """The list for the answer."""
        item = return_type.of_type
        if (
            isinstance(item, GraphQLNonNull)
            and getattr(item.of_type, "name", None) == "JSONString"
            and type(result) is list
            and {str}.issuperset(map(type, result))
        ):
            return result
        return super().complete_list_value(return_type, fields, info, path, result, *rest)


HOW: dict[str, Any] = {_ARGUMENT: _Executor}
"""What to call `graphql.execute` with."""
