"""The dashboard of one guest: what it is doing, what it is waiting for, whether it is healthy."""

import promql
from guest_health import HEALTH, PROGRAM
from guest_now import DOING, OVERVIEW, WAITING
from model import dashboard
from promql import label_variable

DASHBOARD = dashboard(
    promql,
    "periscope-guest",
    "Periscope guest",
    "One Periscope guest: what it is doing, what it is waiting for, whether it is healthy.",
    'job="$job", instance="$instance"',
    [
        label_variable("job", "Job", "uk_build_info"),
        label_variable("instance", "Guest", 'uk_build_info{job="$job"}'),
    ],
    [("The fleet", "/d/periscope-fleet?${datasource:queryparam}")],
    [
        (None, 4, OVERVIEW),
        ("What is it doing?", 8, DOING),
        ("What is it waiting for?", 8, WAITING),
        ("Is it healthy?", 8, HEALTH),
        ("The program: web", 8, PROGRAM),
    ],
)
