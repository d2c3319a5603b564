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
    output = office.service("com.sun.star.io.SequenceOutputStream")
    if picture.supportsService("com.sun.star.drawing.ShapeCollection"):
        exporter = office.service("com.sun.star.drawing.GraphicExportFilter")
        exporter.setSourceDocument(picture)
        exporter.filter(properties(FilterName="PNG", MediaType=_PNG, OutputStream=output, FilterData=_size(picture)))
    else:
        provider = office.service("com.sun.star.graphic.GraphicProvider")
        graphic = picture.Graphic
        provider.storeGraphic(graphic, properties(MimeType=_PNG, OutputStream=output, FilterData=_size(graphic)))
    content: bytes = output.getWrittenBytes().value
    return content


def shown(office: Office, content: bytes) -> Any:
    """Read an image for a dialog; what cannot be read is no picture."""
    stream = office.service("com.sun.star.io.SequenceInputStream", uno.ByteSequence(content))
    try:
        return office.service("com.sun.star.graphic.GraphicProvider").queryGraphic(properties(InputStream=stream))
    except UnoException:
        return None


def _size(picture: Any) -> Any:
    """Bound the sides of what is exported; a drawing, which has no pixels, gets as many as a printed page needs."""
    pixels = getattr(picture, "SizePixel", None)
    if pixels is None or not pixels.Width:
        return uno.Any("[]com.sun.star.beans.PropertyValue", ())
    scale = min(1.0, _LONGEST_SIDE / max(pixels.Width, pixels.Height))
    width, height = (max(1, round(side * scale)) for side in (pixels.Width, pixels.Height))
    return uno.Any("[]com.sun.star.beans.PropertyValue", properties(PixelWidth=width, PixelHeight=height))
