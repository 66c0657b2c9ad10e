"""Makes pages that need nothing else: styles and scripts inside, and every other source forbidden by the page itself.

So nothing in a name or a value of a stack could fetch or run anything.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from policypack import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATES: Final = Path(__file__).parent / "templates"


def page(template: str, *, styles: Sequence[str], script: str, **values: object) -> str:
    """Render a page.

    Args:
        template: Its template.
        styles: Files of its styles, in the order in which they apply.
        script: File of its script.
        values: What the template shows; text is escaped.
    """
    style, code = "".join(_asset(name) for name in styles), _asset(script)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(
        version=__version__,
        style=Markup(style),
        script=Markup(code),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        **values,
    )


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
