"""Pictures of the document as bytes for the gateway, and images of marks as pictures for a dialog."""

from __future__ import annotations

from typing import Any

import uno
from com.sun.star.uno import Exception as UnoException

from examkit_office.office import Office, properties

_LONGEST_SIDE = 1024
_PNG = "image/png"


def exported(office: Office, picture: Any) -> bytes:
    """Give a picture or a drawing as PNG, small enough to be sent quickly."""
    output = office.service("com.sun.star.comp.MemoryStream")
    if picture.supportsService("com.sun.star.drawing.ShapeCollection"):
        exporter = office.service("com.sun.star.drawing.GraphicExportFilter")
        exporter.setSourceDocument(picture)
        exporter.filter(properties(FilterName="PNG", MediaType=_PNG, OutputStream=output))
    else:
        graphic = picture.Graphic
        told = properties(MimeType=_PNG, OutputStream=output, FilterData=_size(graphic))
        office.service("com.sun.star.graphic.GraphicProvider").storeGraphic(graphic, told)
    output.seek(0)
    _, content = output.getInputStream().readBytes(None, output.getLength())
    return bytes(content.value)


def shown(office: Office, content: bytes) -> Any:
    """Read an image for a dialog; what cannot be read is no picture."""
    stream = office.service("com.sun.star.io.SequenceInputStream", uno.ByteSequence(content))
    try:
        return office.service("com.sun.star.graphic.GraphicProvider").queryGraphic(properties(InputStream=stream))
    except UnoException:
        return None


def _size(graphic: Any) -> Any:
    """Bound the sides of what is exported; a picture without pixels of its own keeps the size that it is drawn at."""
    pixels = graphic.SizePixel
    scale = min(1.0, _LONGEST_SIDE / max(1, pixels.Width, pixels.Height))
    width, height = (max(1, round(side * scale)) for side in (pixels.Width, pixels.Height))
    return uno.Any("[]com.sun.star.beans.PropertyValue", properties(PixelWidth=width, PixelHeight=height))
