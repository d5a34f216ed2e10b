"""The corner cases of the law, one sentence of it to one scenario, argued from the text."""

from support.scenarios.corners import brakes, landings, picks, registrations, strandings

CORNERS = [
    *picks.CORNERS,
    *landings.CORNERS,
    *strandings.CORNERS,
    *registrations.CORNERS,
    *brakes.CORNERS,
]
