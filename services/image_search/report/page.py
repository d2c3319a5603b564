"""A report as one HTML file that stands alone: pictures within, no script, nothing fetched."""

import base64
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.image_search.preview import MEDIA_TYPE, Preview
from services.image_search.report.contents import Report

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(report: Report) -> bytes:
    """Write a report as HTML in UTF-8."""
    # The macros see what is global alone.
    template = _TEMPLATES.get_template("page.html", globals={"source": _source})
    return template.render(report=report, say=report.wording).encode()


def _source(preview: Preview) -> str:
    return f"data:{MEDIA_TYPE};base64,{base64.b64encode(preview.data).decode()}"
