from textwrap import dedent

from graphql import print_ast

from mockwb.coverage.documents import Document, Unreadable
from mockwb.coverage.python_documents import documents_in


def found(**modules: str) -> list[Document | Unreadable]:
    sources = {f"wandb/{name}.py": dedent(code).encode() for name, code in modules.items()}
    return list(documents_in(sources))


def texts(**modules: str) -> list[str]:
    """The documents, white space made even; complains of what could not be read."""
    ones = found(**modules)
    assert not [one for one in ones if isinstance(one, Unreadable)]
    return [" ".join(print_ast(one.node).split()) for one in ones if isinstance(one, Document)]


def test_given_constants_then_each_is_a_document_with_its_name_and_place() -> None:
    (one,) = found(operations='VIEWER = """query Viewer { viewer { id } }"""')
    assert isinstance(one, Document)
    assert (one.name, one.found_in) == ("Viewer", "wandb/operations.py")


def test_given_prose_that_begins_like_an_operation_then_it_is_no_document() -> None:
    code = 'def run():\n    "query the server"\n    log("mutation: done", "query: {x}")\n'
    assert found(prose=code) == []


def test_given_a_fragment_of_another_module_then_it_is_filled_in() -> None:
    listing = """
        from wandb.parts import PARTS
        class Runs:
            QUERY = gql('''query Runs { runs { ...Parts } } %s''' % PARTS)
            OTHER = gql('query Others {{ others {{ ...Parts }} }} {}'.format(PARTS))
    """
    parts = "PARTS = 'fragment Parts on Run { id }'"
    fragment = "fragment Parts on Run { id }"
    assert texts(listing=listing, parts=parts) == [
        f"query Runs {{ runs {{ ...Parts }} }} {fragment}",
        f"query Others {{ others {{ ...Parts }} }} {fragment}",
    ]


def test_given_choices_that_depend_on_one_condition_then_they_stay_together() -> None:
    code = """
        A = 'fragment A on Run { id }'
        B = 'fragment B on Run { name }'
        def query(lazy):
            part = A if lazy else B
            name = 'A' if lazy else 'B'
            return f'query Runs {{ runs {{ ...{name} }} }} {part}'
    """
    assert texts(runs=code) == [
        "query Runs { runs { ...A } } fragment A on Run { id }",
        "query Runs { runs { ...B } } fragment B on Run { name }",
    ]


def test_given_a_template_filled_in_by_branches_then_all_ends_count_and_no_step() -> None:
    code = """
        def push(self, priority):
            types = '$name: String'
            values = 'name: $name'
            if priority:
                types += ', $priority: Int'
                values += ', priority: $priority'
            template = 'mutation Push(_TYPES_) { push(input: {_VALUES_}) { id } }'
            return self.execute(gql(template.replace('_TYPES_', types).replace('_VALUES_', values)))
    """
    assert texts(launch=code) == [
        "mutation Push($name: String, $priority: Int) "
        "{ push(input: { name: $name, priority: $priority }) { id } }",
        "mutation Push($name: String) { push(input: { name: $name }) { id } }",
    ]


def test_given_a_document_that_is_sent_whole_and_shortened_then_both_count() -> None:
    code = """
        class Files:
            QUERY = gql('query Files { files { id path } }')
            def old(self):
                self.QUERY = gql(self.QUERY.loc.source.body.replace('path', ''))
    """
    assert texts(files=code) == [
        "query Files { files { id path } }",
        "query Files { files { id } }",
    ]


def test_given_a_helper_with_parameters_then_its_callers_fill_them_in() -> None:
    code = """
        PARTS = 'fragment Parts on Run { id }'
        class Run:
            def load(self):
                return self._load(PARTS, 'Parts')
            def _load(self, part, name):
                return self._exec(f'query Run {{ run {{ ...{name} }} }} {part}')
    """
    assert texts(run=code) == ["query Run { run { ...Parts } } fragment Parts on Run { id }"]


def test_given_a_nested_function_that_changes_the_template_then_it_is_followed() -> None:
    code = """
        def link(by_id):
            template = 'mutation Link(TYPE) { link(id: $id) { id } }'
            def replace(a, b):
                nonlocal template
                template = template.replace(a, b)
            if by_id:
                replace('TYPE', '$id: ID')
            else:
                replace('TYPE', '$id: String')
            return gql(template)
    """
    assert texts(artifacts=code) == [
        "mutation Link($id: ID) { link(id: $id) { id } }",
        "mutation Link($id: String) { link(id: $id) { id } }",
    ]


def test_given_a_document_that_only_a_running_program_knows_then_it_is_reported() -> None:
    code = "def find(fields):\n    return gql(f'query Find {{ find {{ {fields()} }} }}')\n"
    (one,) = found(find=code)
    assert isinstance(one, Unreadable)
    assert (one.found_in, one.reason) == ("wandb/find.py:2", "composed while it runs")
    assert one.start.startswith("query Find")


def test_given_a_document_in_code_that_is_not_followed_then_it_is_reported() -> None:
    code = "async def f():\n    async for x in y:\n        gql('query Viewer { viewer { id } }')\n"
    assert found(viewer=code) == [
        Unreadable(
            "wandb/viewer.py:3", "query Viewer { viewer { id } }", "in code that is not followed"
        )
    ]


def test_given_more_branches_than_can_be_followed_then_that_is_reported() -> None:
    branches = [f"    if fields[{n}]:\n        text += ' f{n}'\n" for n in range(11)]
    code = "def f(fields):\n    text = 'query Q { a'\n" + "".join(branches)
    ones = found(fields=code + "    return gql(text + ' }')\n")
    assert len([one for one in ones if isinstance(one, Document)]) == 1024
    (unreadable,) = [one for one in ones if isinstance(one, Unreadable)]
    assert unreadable.found_in == "wandb/fields.py:23"
    assert "too many ways" in unreadable.reason


def test_given_a_document_with_a_mistake_then_it_is_reported() -> None:
    (one,) = found(bad="BAD = 'query Bad { bad( }'")
    assert isinstance(one, Unreadable)
    assert one.found_in == "wandb/bad.py:1"
    assert "Syntax Error" in one.reason


def test_given_a_file_that_is_no_python_then_it_is_reported() -> None:
    (one,) = found(bad="QUERY = gql('query Viewer { viewer { id } }'")
    assert isinstance(one, Unreadable)
    assert one.found_in == "wandb/bad.py"
    assert "no Python" in one.reason
