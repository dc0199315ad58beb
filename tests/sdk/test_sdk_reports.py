"""Reports, workspaces and custom charts, by the real SDK and wandb-workspaces."""

from typing import Any

import pytest

from tests.sdk.conftest import USER, Sdk

pytestmark = pytest.mark.sdk


def save_reports(project: str) -> Any:
    import json

    import wandb
    import wandb_workspaces.reports.v2 as wr

    run = wandb.init(project=project, id="r1", config={"lr": 0.1})
    run.log({"loss": 0.5})
    run.finish()
    entity = run.entity
    grid = wr.PanelGrid(
        runsets=[wr.Runset(entity=entity, project=project, filters="Config('lr') >= 0")],
        panels=[
            wr.LinePlot(x="Step", y=["loss"], title="Loss, ünïcode"),
            wr.BarPlot(metrics=["loss"]),
            wr.ScalarChart(metric="loss"),
        ],
    )
    report = wr.Report(
        entity=entity,
        project=project,
        title="First report",
        description="What we saw.",
        blocks=[
            wr.H1("Heading"),
            wr.P('Some *text* with "quotes" and \\ and NaN.'),
            wr.CodeBlock("print(1)", language="python"),
            wr.TableOfContents(),
            grid,
        ],
    )
    sent = []
    execute = wr.interface.execute_graphql

    def watched(api: Any, query: str, variables: Any = None) -> Any:
        if variables and "spec" in variables:
            sent.append(variables["spec"])
        return execute(api, query, variables)

    wr.interface.execute_graphql = watched
    report.save()
    loaded = wr.Report.from_url(report.url)
    stored = execute(wandb.Api(), wr.gql.view_report, {"reportId": report.id})["view"]["spec"]
    found = {
        "title": loaded.title,
        "description": loaded.description,
        "blocks": [type(block).__name__ for block in loaded.blocks],
        "same_blocks": loaded._to_model().spec.blocks == report._to_model().spec.blocks,
        "same_spec": stored == sent[0],
    }
    report.title = "Changed title"
    report.blocks = [*report.blocks, wr.P("One more.")]
    first_id = report.id
    report.save()
    found["kept_id"] = report.id == first_id
    draft = wr.Report(entity=entity, project=project, title="A draft").save(draft=True)
    report.save(clone=True)
    found["cloned"] = report.id != first_id

    listed = wandb.Api().reports(f"{entity}/{project}")
    found["listed"] = [view.display_name for view in listed]
    found["user"] = [listed[0].user[key] for key in ("username", "email")]
    found["listed_spec"] = listed[0].spec == json.loads(sent[-1])
    found["by_pages"] = len(list(wandb.Api().reports(f"{entity}/{project}", per_page=1)))
    found["by_name"] = len(list(wandb.Api().reports(f"{entity}/{project}", name="Changed title")))
    found["by_other"] = len(list(wandb.Api().reports(f"{entity}/{project}", name="Nothing")))
    found["deleted"] = [report.delete(), draft.delete()]
    found["left"] = len(list(wandb.Api().reports(f"{entity}/{project}")))
    try:
        wr.Report.from_url(report.url)
    except TypeError as error:
        found["gone"] = str(error)
    return found


def test_reports_come_back_as_they_were_saved(sdk: Sdk, project: str) -> None:
    pytest.importorskip("wandb_workspaces")
    found = sdk.run(save_reports, project=project)
    assert (found["title"], found["description"]) == ("First report", "What we saw.")
    kinds = ["H1", "P", "CodeBlock", "TableOfContents", "PanelGrid"]
    assert found["blocks"] == kinds
    assert found["same_blocks"]
    assert found["same_spec"]
    assert found["kept_id"]
    assert found["cloned"]
    assert found["listed"] == ["Changed title", "Changed title"]
    assert found["user"] == [USER, f"{USER}@mockwb.invalid"]
    assert found["listed_spec"]
    assert (found["by_pages"], found["by_name"], found["by_other"]) == (2, 2, 0)
    assert found["deleted"] == [True, True]
    assert found["left"] == 1
    assert "NoneType" in found["gone"]


def share_report(project: str) -> Any:
    import wandb
    import wandb_workspaces.reports.v2 as wr

    entity = wandb.Api().default_entity
    report = wr.Report(entity=entity, project=project, title="Shared").save()
    before = report.get_share_url()
    link = report.enable_share_link()
    wandb.Api().create_project(f"{project}-2", entity)
    report.blocks = [wr.PanelGrid(runsets=[wr.Runset(entity=entity, project=f"{project}-2")])]
    again = report.enable_share_link()
    (token,) = report._get_active_share_token_objects()
    shown = sorted(shown["name"] for shown in token["projects"])
    return {
        "before": before,
        "link": link == again == report.get_share_url() and token["token"] in link,
        "shown": shown,
        "ended": [report.disable_share_link(), report.disable_share_link()],
        "after": report.get_share_url(),
    }


def test_a_report_is_shared_by_a_link_until_that_is_revoked(sdk: Sdk, project: str) -> None:
    pytest.importorskip("wandb_workspaces")
    assert sdk.run(share_report, project=project) == {
        "before": None,
        "link": True,
        "shown": [project, f"{project}-2"],
        "ended": [True, False],
        "after": None,
    }


def save_workspaces(project: str) -> Any:
    import wandb
    import wandb_workspaces.reports.v2 as wr
    import wandb_workspaces.workspaces as ws

    entity = wandb.Api().default_entity
    wandb.Api().create_project(project, entity)
    workspace = ws.Workspace(
        entity=entity,
        project=project,
        name="Overview",
        sections=[
            ws.Section(name="Losses", panels=[wr.LinePlot(x="Step", y=["loss"])], is_open=True),
            ws.Section(name="Rest", panels=[wr.ScalarChart(metric="acc")]),
        ],
        settings=ws.WorkspaceSettings(x_min=0, x_max=75, smoothing_type="gaussian"),
        runset_settings=ws.RunsetSettings(query="r", filters="Config('lr') >= 0.1"),
    )
    workspace.save()
    loaded = ws.Workspace.from_url(workspace.url)
    found = {
        "same": loaded._to_model().spec == workspace._to_model().spec,
        "sections": [section.name for section in loaded.sections],
        "name": loaded.name,
    }
    loaded.name = "Renamed"
    loaded.save()
    again = ws.Workspace.from_url(workspace.url)
    found["renamed"] = again.name
    found["same_view"] = again._internal_id == loaded._internal_id
    copy = again.save_as_new_view()
    found["copied"] = ws.Workspace.from_url(copy.url)._internal_id != loaded._internal_id
    found["reports"] = len(list(wandb.Api().reports(f"{entity}/{project}")))
    return found


def test_workspaces_come_back_as_they_were_saved(sdk: Sdk, project: str) -> None:
    pytest.importorskip("wandb_workspaces")
    assert sdk.run(save_workspaces, project=project) == {
        "same": True,
        "sections": ["Losses", "Rest"],
        "name": "Overview",
        "renamed": "Renamed",
        "same_view": True,
        "copied": True,
        "reports": 0,
    }


def make_charts(project: str) -> Any:
    import json

    import wandb

    api = wandb.Api()
    entity = api.default_entity
    spec = {"mark": "bar", "data": {"name": "wandb"}, "encoding": {"x": {"field": "${field:x}"}}}
    kind = {"spec_type": "vega2", "access": "private", "spec": spec}
    chart_id = api.create_custom_chart(entity, "bars", "My bars", **kind)
    refused = []
    for name, wrong in (("bars", {}), ("b", {"spec": "no JSON"}), ("c", {"access": "secret"})):
        try:
            api.create_custom_chart(entity, name, "My bars", **{**kind, **wrong})
        except Exception as error:
            refused.append(str(error))
    table = wandb.Table(columns=["step", "height"], data=[[0, 1.0], [1, 2.0]])
    run = wandb.init(project=project)
    fields = {"x": "step", "y": "height"}
    run.log({"own": wandb.plot_table(chart_id, table, fields)})
    presets = {
        "line": wandb.plot.line(table, "step", "height", title="Line"),
        "bar": wandb.plot.bar(table, "step", "height"),
        "histogram": wandb.plot.histogram(table, "height"),
        "scatter": wandb.plot.scatter(table, "step", "height"),
        "line_series": wandb.plot.line_series(xs=[0, 1], ys=[[1, 2], [3, 4]], keys=["a", "b"]),
        "confusion_matrix": wandb.plot.confusion_matrix(
            y_true=[0, 1, 1], preds=[0, 1, 0], class_names=["cat", "dog"]
        ),
    }
    run.log(presets)
    run.finish()
    loaded = wandb.Api().run(run.path)
    tables = {}
    for name in presets:
        path = loaded.summary[f"{name}_table"]["path"]
        with loaded.file(path).download(root="charts", replace=True) as content:
            tables[name] = json.load(content)["data"]
    query = "query Chart($id: ID!) { customChart(id: $id) { displayName type access spec } }"
    return {
        "id": [entity, chart_id],
        "refused": refused,
        "chart": api._service_api.execute_graphql(query, {"id": chart_id})["customChart"],
        "shown": loaded.rawconfig["_wandb"]["visualize"],
        "tables": tables,
    }


def test_a_custom_chart_is_kept_and_shown_by_its_id(sdk: Sdk, project: str) -> None:
    found = sdk.run(make_charts, project=project, expected="40[0-9]")
    assert found["id"] == [USER, f"{USER}/bars"]
    taken, no_json, access = found["refused"]
    assert "already exists" in taken
    assert "chart spec is not valid JSON" in no_json
    assert "chart access must be one of PRIVATE, PUBLIC, got 'SECRET'" in access
    assert found["chart"]["displayName"] == "My bars"
    assert (found["chart"]["type"], found["chart"]["access"]) == ("vega2", "PRIVATE")
    panels = {key: entry["panel_config"]["panelDefId"] for key, entry in found["shown"].items()}
    assert panels == {
        "own": f"{USER}/bars",
        "line": "wandb/line/v0",
        "bar": "wandb/bar/v0",
        "histogram": "wandb/histogram/v0",
        "scatter": "wandb/scatter/v0",
        "line_series": "wandb/lineseries/v0",
        "confusion_matrix": "wandb/confusion_matrix/v1",
    }
    rows = [[0, 1.0], [1, 2.0]]
    assert found["tables"] == {
        **dict.fromkeys(("line", "bar", "histogram", "scatter"), rows),
        "line_series": [[0, "a", 1], [1, "a", 2], [0, "b", 3], [1, "b", 4]],
        "confusion_matrix": [
            ["cat", "cat", 1],
            ["cat", "dog", 0],
            ["dog", "cat", 1],
            ["dog", "dog", 1],
        ],
    }


def raise_alerts(project: str) -> Any:
    import wandb

    run = wandb.init(project=project)
    run.alert("Low accuracy", "It is 0.1", level=wandb.AlertLevel.ERROR, wait_duration=300)
    run.alert("Low accuracy", "It is 0.2", level="WARN", wait_duration=300)
    run.alert("Plain", "Nothing")
    run.finish()
    return run.id


def test_alerts_are_kept_and_a_repeat_within_its_wait_is_not_delivered(
    sdk: Sdk, project: str
) -> None:
    name = sdk.run(raise_alerts, project=project)
    account = sdk.account(name)
    assert account["operations"]["NotifyScriptableRunAlert"] == 3
    assert account["requests"]["graphql"].keys() == {"200"}
    (found,) = sdk.ask(f"alerts?run={name}")["runs"]
    assert (found["entity"], found["project"]) == (USER, project)
    told = ("title", "text", "severity", "wait", "delivered")
    assert sorted([alert[key] for key in told] for alert in found["alerts"]) == [
        ["Low accuracy", "It is 0.1", "ERROR", 300.0, True],
        ["Low accuracy", "It is 0.2", "WARN", 300.0, False],
        ["Plain", "Nothing", "INFO", 60.0, True],
    ]
