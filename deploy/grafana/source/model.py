"""Grafana's dashboard model, as much as the dashboards here use: panels, variables, and where panels lie.

For schema version 38, which Grafana 10 reads as it is and later versions migrate when they load it. Nothing here knows
of Periscope.
"""

SCHEMA_VERSION = 38
# With it Grafana knows that a panel's options are in today's form and leaves them alone.
PLUGIN_VERSION = "10.0.0"
COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


class Panel:
    """A panel, `width` of the 24 columns wide. `queries` are pairs of a legend and an expression."""

    def __init__(self, kind, title, description, queries, unit, width, options, custom=None, query_options=None):
        self.width = width
        self.json = {
            "type": kind,
            "title": title,
            "description": description,
            "datasource": DATASOURCE,
            "pluginVersion": PLUGIN_VERSION,
            "targets": [
                {
                    "refId": chr(ord("A") + index),
                    "datasource": DATASOURCE,
                    "editorMode": "code",
                    "expr": expression,
                    "legendFormat": legend,
                    **(query_options or {"range": True, "instant": False}),
                }
                for index, (legend, expression) in enumerate(queries)
            ],
            "fieldConfig": {"defaults": {"unit": unit, "custom": custom or {}}, "overrides": []},
            "options": options,
        }

    def defaults(self, **fields):
        """Sets fields of all series: `min`, `max`, `decimals`, `mappings`, `thresholds`, ..."""
        self.json["fieldConfig"]["defaults"].update(fields)
        return self

    def override(self, matcher, matched, **properties):
        """Sets fields of some series; a property's dots are written as double underscores."""
        self.json["fieldConfig"]["overrides"].append(
            {
                "matcher": {"id": matcher, "options": matched},
                "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
            }
        )
        return self

    def transform(self, *transformations):
        self.json["transformations"] = [{"id": name, "options": options} for name, options in transformations]
        return self


INSTANT = {"range": False, "instant": True}
TABLE = {**INSTANT, "format": "table"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def steps(*colors):
    """Thresholds: a base color, then pairs of a value and the color from there on."""
    first, *rest = colors
    listed = [{"color": first, "value": None}] + [{"color": color, "value": value} for value, color in rest]
    return {"mode": "absolute", "steps": listed}


def words(**texts):
    """Value mappings: `_1=("Up", "green")` shows 1 as a word in a color."""
    options = {
        key.lstrip("_"): {"text": text, "color": color, "index": index}
        for index, (key, (text, color)) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def stat(title, description, expression, unit, thresholds, width=3, legend="", text="auto", graph=True):
    options = {
        "colorMode": "background",
        "graphMode": "area" if graph else "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": LAST,
        "textMode": text,
    }
    queries = [(legend, expression)]
    panel = Panel("stat", title, description, queries, unit, width, options, query_options=None if graph else INSTANT)
    return panel.defaults(thresholds=thresholds)


def graph(title, description, queries, unit, width=8, stacked=False, **fields):
    custom = {
        # Zero is always in sight, so that a flat line near it looks like one.
        "axisSoftMin": 0,
        "drawStyle": "line",
        "fillOpacity": 40 if stacked else 10,
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
    }
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    panel = Panel("timeseries", title, description, queries, unit, width, options, custom)
    return panel.defaults(color={"mode": "palette-classic"}, **fields)


def bars(title, description, queries, unit, thresholds, width=8, **fields):
    options = {
        "displayMode": "basic",
        "minVizHeight": 10,
        "minVizWidth": 0,
        "orientation": "horizontal",
        "reduceOptions": LAST,
        "showUnfilled": True,
        "valueMode": "color",
    }
    panel = Panel("bargauge", title, description, queries, unit, width, options, query_options=INSTANT)
    return panel.defaults(thresholds=thresholds, min=0, **fields)


def heatmap(title, description, expression, unit, width=8):
    """Of a classic histogram's buckets."""
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "mode": "scheme",
            "scheme": "Blues",
            "steps": 64,
            "exponent": 0.5,
            "fill": "dark-blue",
            "reverse": False,
        },
        "filterValues": {"le": 1e-9},
        "legend": {"show": False},
        "rowsFrame": {"layout": "auto"},
        # Two ways to say one thing: Grafana before and since 10.3.
        "tooltip": {"show": True, "mode": "single", "yHistogram": False},
        "yAxis": {"axisPlacement": "left", "unit": unit},
    }
    query_options = {"range": True, "instant": False, "format": "heatmap"}
    return Panel("heatmap", title, description, [("{{le}}", expression)], unit, width, options, None, query_options)


def states(title, description, legend, expression, mappings, width=8):
    options = {
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
        "mergeValues": True,
        "rowHeight": 0.8,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"fillOpacity": 70, "lineWidth": 0}
    panel = Panel("state-timeline", title, description, [(legend, expression)], "none", width, options, custom)
    return panel.defaults(mappings=mappings, thresholds=steps("text"), color={"mode": "thresholds"})


def table(title, description, queries, width=COLUMNS):
    options = {"cellHeight": "sm", "showHeader": True}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False}
    return Panel("table", title, description, queries, "short", width, options, custom, TABLE)


def datasource_variable():
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def label_variable(name, label, metric, all_of_them=False):
    """A choice among the values that the label `name` has on `metric`."""
    query = f"label_values({metric}, {name})"
    variable = {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        # When the time range changes: guests come and go.
        "refresh": 2,
        "sort": 1,
        "multi": all_of_them,
        "includeAll": all_of_them,
    }
    if all_of_them:
        variable["current"] = {"text": ["All"], "value": ["$__all"]}
    return variable


def link(title, url):
    return {
        "title": title,
        "type": "link",
        "url": url,
        "icon": "dashboard",
        "tooltip": "",
        "tags": [],
        "asDropdown": False,
        "includeVars": False,
        "keepTime": True,
        "targetBlank": False,
    }


def dashboard(uid, title, description, labels, variables, links, rows):
    """`rows` are triples of a title, the height of its panels, and these; a row without a title has no header.
    `labels` choose the targets: they take the place of each `@` in the panels' expressions. `links` are pairs of a
    title and a URL.
    """
    panels, y, number = [], 0, 0
    for row_title, height, members in rows:
        if row_title:
            number += 1
            panels.append(
                {
                    "id": number,
                    "type": "row",
                    "title": row_title,
                    "collapsed": False,
                    "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
                    "panels": [],
                }
            )
            y += 1
        x = 0
        for member in members:
            if x + member.width > COLUMNS:
                x, y = 0, y + height
            number += 1
            place = {"x": x, "y": y, "w": member.width, "h": height}
            panels.append({"id": number, "gridPos": place, **member.json})
            x += member.width
            for target in member.json["targets"]:
                target["expr"] = target["expr"].replace("@", labels)
        y += height
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["periscope"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables},
        "annotations": {"list": []},
        "links": [link(*pair) for pair in links],
        "panels": panels,
    }
