"""The model in Mesa's viewer, for a server of your own. On your own machine use `crossings mesa`.

uv run --extra viz solara run examples/mesa_viz.py --production --no-check-version

`solara run` has no guard: any web page that is open in a browser of this machine can use the
viewer. It offers the shipped scenarios only, so that no page can have a file read.
"""

from simulation.app.mesa_viewer import Viewer, stay_local

NOTICE = (
    "This server has no guard: any web page that is open in this browser can run models here. "
    "`crossings mesa` serves the same viewer with a guard."
)

stay_local()
page = Viewer(NOTICE)
