"""Grafana's dashboard model, as much as the dashboards here use: panels, variables, and where panels lie.

For schema version 38, which Grafana 10 reads as it is and later versions migrate when they load it. Nothing here knows
of Periscope, nor how a datasource is asked: that is said by a dashboard's language, the module `promql` or `influxql`.
"""

SCHEMA_VERSION = 38
# With it Grafana knows that a panel's options are in today's form and leaves them alone.
PLUGIN_VERSION = "10.0.0"
COLUMNS = 24
# What a panel makes of what its queries find.
SERIES, LAST_VALUE, TABLE, HEATMAP = "series", "last", "table", "heatmap"


class Panel:
    """A panel, `width` of the 24 columns wide. `queries` are pairs of a legend and an expression; `answer` is what is made
    of them: a series over the time shown, the last of it, a table, or a heatmap.
    """

    def __init__(self, kind, title, description, queries, unit, width, options, custom=None, answer=SERIES):
        self.width = width
        self.queries = queries
        self.answer = answer
        self.json = {
            "type": kind,
            "title": title,
            "description": description,
            # Filled in by the dashboard, which knows the language.
            "datasource": None,
            "pluginVersion": PLUGIN_VERSION,
            "targets": None,
            "fieldConfig": {"defaults": {"unit": unit, "custom": custom or {}}, "overrides": []},
            "options": options,
        }

    def asking(self, language, labels):
        """The panel with its queries in a language: `labels` take the place of each `@` in them."""
        targets = [
            {
                "refId": chr(ord("A") + index),
                "datasource": language.DATASOURCE,
                **language.target(legend, expression.replace("@", labels), self.answer),
            }
            for index, (legend, expression) in enumerate(self.queries)
        ]
        return {**self.json, "datasource": language.DATASOURCE, "targets": targets}

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
    panel = Panel("stat", title, description, queries, unit, width, options, answer=SERIES if graph else LAST_VALUE)
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
    panel = Panel("bargauge", title, description, queries, unit, width, options, answer=LAST_VALUE)
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
    return Panel("heatmap", title, description, [("{{le}}", expression)], unit, width, options, answer=HEATMAP)


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


def datasource_variable(language):
    return {"name": "datasource", "label": language.NAME, "type": "datasource", "query": language.DATASOURCE["type"]}


def choice(datasource, name, label, query, all_of_them=False):
    """A choice among the values that `query` finds."""
    variable = {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": datasource,
        "query": query,
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


def dashboard(language, uid, title, description, labels, variables, links, rows):
    """`rows` are triples of a title, the height of its panels, and these; a row without a title has no header.
    `labels` choose the targets: they take the place of each `@` in the panels' expressions. `links` are pairs of a
    title and a URL. `variables` follow the choice of a datasource.
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
            panels.append({"id": number, "gridPos": place, **member.asking(language, labels)})
            x += member.width
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
        "templating": {"list": [datasource_variable(language), *variables]},
        "annotations": {"list": []},
        "links": [link(*pair) for pair in links],
        "panels": panels,
    }
