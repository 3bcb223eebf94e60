"""Writes the dashboards: `python3 deploy/grafana/source`. With `--check` it only says which files are not what it would
write, and fails if any is.
"""

import json
import sys
from pathlib import Path

import fleet
import guest
import influx_fleet
import influx_guest

DASHBOARDS = {
    "dashboards/guest.json": guest.DASHBOARD,
    "dashboards/fleet.json": fleet.DASHBOARD,
    "dashboards-influxdb/guest.json": influx_guest.DASHBOARD,
    "dashboards-influxdb/fleet.json": influx_fleet.DASHBOARD,
}


def main():
    directory = Path(__file__).resolve().parent.parent
    stale = []
    for name, dashboard in DASHBOARDS.items():
        text = json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"
        file = directory / name
        if "--check" not in sys.argv[1:]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            stale.append(str(file))
    if stale:
        sys.exit("not what their source says (run python3 deploy/grafana/source): " + " ".join(stale))


main()
