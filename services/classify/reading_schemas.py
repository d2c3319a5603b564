"""The wire of reading documents: what a client gets of one."""

from pydantic import Field

from examkit.web.wire import WireModel
from services.classify.reading.document import DocumentFormat


class DocumentText(WireModel):
    """The text of a document by its parts, as `classify` takes them; read by a machine, which may err."""

    format: DocumentFormat = Field(description="what the file is, by what is in it")
    title: str = Field(description="empty where it is not sure what the title is")
    abstract: str
    claims: str
    description: str
    text: str = Field(description="what stands under no heading that tells its part")
    language: str | None = Field(description="as the document says, else as detected; null where it is not clear")
    pages: int | None = Field(description="how many a PDF has")
    truncated: bool = Field(description="whether there is more text in the document than in this answer")
