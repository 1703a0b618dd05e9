"""Express, with the ``cors`` package."""

from corsage.layers.express.behave import behave
from corsage.layers.express.fidelity import fidelity
from corsage.layers.express.write import files
from corsage.layers.target import Target, Version, Versions

TARGET = Target(
    name="express",
    title="Express",
    family="application",
    proven="Express 5.3.0 with cors 2.8.6 and on-headers 1.1.0, Node.js 20",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Express",
        proven="5.3.0",
        rows=(Version("4.22", "the oldest release that the output has been run on"),),
    ),
)
