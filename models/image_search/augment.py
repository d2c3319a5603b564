"""Change a view as imitators and other hands do: what the image network learns to see through."""

from collections.abc import Callable
from typing import Final

import mahotas
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from services.image_search.views import VIEW_SIDE

Pixels = NDArray[np.uint8]
Random = np.random.Generator
Change = Callable[[Pixels, Random], Pixels]

_MARGIN: Final = 6
_INK: Final = 60
_LETTERS: Final = "ABCDEFGHIKLMNOPRSTUVXZ"


def augment(view: Pixels, random: Random) -> Pixels:
    """Apply each change to a view (128 x 128, ink at 255) with its own chance; ink is never all lost."""
    changed = view
    for chance, change in _CHANGES:
        if random.random() < chance:
            after = change(changed, random)
            changed = after if (after > _INK).any() else changed
    return changed


def outline(view: Pixels, random: Random) -> Pixels:
    """Draw the borders of ink, 2 to 6 pixels wide."""
    width = int(random.choice([3, 5]))
    return _filtered(view, ImageFilter.MaxFilter(width)) - _filtered(view, ImageFilter.MinFilter(width))


def fill(view: Pixels, random: Random) -> Pixels:
    """Draw the silhouette: gaps closed, holes filled."""
    closed = _filtered(_filtered(view, ImageFilter.MaxFilter(5)), ImageFilter.MinFilter(5))
    return np.asarray(mahotas.close_holes(closed > 127) * 255, np.uint8)


def change_weight(view: Pixels, random: Random) -> Pixels:
    """Draw everything thicker or thinner."""
    width = int(random.choice([3, 5]))
    thinner = _filtered(view, ImageFilter.MinFilter(3))
    is_kept = random.random() < 0.4 and (thinner > 127).sum() > 0.4 * (view > 127).sum()
    return thinner if is_kept else _filtered(view, ImageFilter.MaxFilter(width))


def change_tones(view: Pixels, random: Random) -> Pixels:
    """Make half-tones lighter or darker."""
    levels = 255 * (np.arange(256) / 255) ** np.exp(random.uniform(-0.9, 0.9))
    return np.asarray(levels.round().astype(np.uint8)[view])


def mirror(view: Pixels, random: Random) -> Pixels:
    """Mirror left to right."""
    return view[:, ::-1]


def turn_quarter(view: Pixels, random: Random) -> Pixels:
    """Turn by a quarter either way."""
    return np.rot90(view, int(random.choice([1, 3])))


def turn_and_stretch(view: Pixels, random: Random) -> Pixels:
    """Turn by up to 17 degrees and change the proportions."""
    angle = np.deg2rad(random.uniform(-17, 17) if random.random() < 0.6 else 0)
    stretch = np.exp(random.uniform(np.log(0.72), np.log(1.35)) if random.random() < 0.6 else 0)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = 1.15 * turn @ np.diag([stretch**-0.5, stretch**0.5])
    middle = np.full(2, VIEW_SIDE / 2)
    shift = middle - matrix @ middle
    coefficients = (*matrix[0], shift[0], *matrix[1], shift[1])
    turned = Image.fromarray(view).transform(
        (VIEW_SIDE, VIEW_SIDE), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(turned)


def remove_part(view: Pixels, random: Random) -> Pixels:
    """Leave out a band of 15 to 45 % at one side of the ink."""
    left, top, right, bottom = _box(view)
    share = random.uniform(0.15, 0.45)
    across, down = round(share * (right - left)), round(share * (bottom - top))
    cut = view.copy()
    side = int(random.integers(4))
    if side < 2:
        cut[:, (slice(left, left + across), slice(right - across, right))[side]] = 0
    else:
        cut[(slice(top, top + down), slice(bottom - down, bottom))[side - 2]] = 0
    return cut


def add_element(view: Pixels, random: Random) -> Pixels:
    """Set a disc, square, triangle or ring at a corner of the ink."""
    left, top, right, bottom = _box(view)
    x, y = (left, right)[int(random.integers(2))], (top, bottom)[int(random.integers(2))]
    half = random.uniform(0.10, 0.20) * VIEW_SIDE
    image, pen = _canvas(view)
    box = (x - half, y - half, x + half, y + half)
    match int(random.integers(4)):
        case 0:
            pen.ellipse(box, 255)
        case 1:
            pen.rectangle(box, 255)
        case 2:
            pen.polygon(((x, y - half), (x + half, y + half), (x - half, y + half)), 255)
        case _:
            pen.ellipse(box, None, 255, max(2, round(half / 3)))
    return np.asarray(image)


def add_word(view: Pixels, random: Random) -> Pixels:
    """Make the mark smaller and set a word under it."""
    word = "".join(random.choice(list(_LETTERS), int(random.integers(3, 9))))
    image = Image.new("L", (VIEW_SIDE, VIEW_SIDE))
    side = round(random.uniform(0.6, 0.75) * VIEW_SIDE)
    image.paste(Image.fromarray(view).resize((side, side), Image.Resampling.BOX), ((VIEW_SIDE - side) // 2, 0))
    font = ImageFont.load_default(int(random.integers(16, 27)))
    place = (VIEW_SIDE / 2, (VIEW_SIDE + side) / 2)
    ImageDraw.Draw(image).text(place, word, 255, font, anchor="mm", stroke_width=int(random.integers(2)))
    return np.asarray(image)


def add_frame(view: Pixels, random: Random) -> Pixels:
    """Set the mark in a ring or square of lines, or knock it out of a filled disc or square."""
    is_round, is_line = random.random() < 0.5, random.random() < 0.5
    image, pen = _canvas(np.zeros_like(view))
    box = (_MARGIN, _MARGIN, VIEW_SIDE - _MARGIN, VIEW_SIDE - _MARGIN)
    paint = (None, 255, int(random.integers(2, 6))) if is_line else (255, None, 0)
    if is_round:
        pen.ellipse(box, *paint)
    else:
        pen.rounded_rectangle(box, random.uniform(0, 0.25) * VIEW_SIDE, *paint)
    side = round(random.uniform(0.5, 0.65) * VIEW_SIDE)
    small = Image.fromarray(view).resize((side, side), Image.Resampling.BOX)
    image.paste(255 if is_line else 0, ((VIEW_SIDE - side) // 2,) * 2, small)
    return np.asarray(image)


def refit(view: Pixels, random: Random) -> Pixels:
    """Fit the ink into the view again, as the views of other images are."""
    cut = Image.fromarray(view).crop(_box(view))
    scale = (VIEW_SIDE - 2 * _MARGIN) / max(cut.size)
    size = max(1, round(cut.width * scale)), max(1, round(cut.height * scale))
    fitted = cut.resize(size, Image.Resampling.BILINEAR)
    image = Image.new("L", (VIEW_SIDE, VIEW_SIDE))
    image.paste(fitted, ((VIEW_SIDE - fitted.width) // 2, (VIEW_SIDE - fitted.height) // 2))
    return np.asarray(image)


def blur(view: Pixels, random: Random) -> Pixels:
    """Blur a little."""
    return _filtered(view, ImageFilter.GaussianBlur(float(random.uniform(0.4, 1.6))))


def add_noise(view: Pixels, random: Random) -> Pixels:
    """Add the grain of a scan."""
    grain = random.normal(scale=random.uniform(3, 18), size=view.shape)
    return (view + grain).clip(0, 255).astype(np.uint8)


_CHANGES: Final[tuple[tuple[float, Change], ...]] = (
    (0.12, outline),
    (0.10, fill),
    (0.14, change_weight),
    (0.10, remove_part),
    (0.12, add_element),
    (0.12, add_word),
    (0.10, add_frame),
    (0.10, mirror),
    (0.04, turn_quarter),
    (0.50, turn_and_stretch),
    (0.90, refit),
    (0.25, change_tones),
    (0.25, blur),
    (0.20, add_noise),
)


def _filtered(view: Pixels, filter: ImageFilter.Filter) -> Pixels:
    return np.asarray(Image.fromarray(np.ascontiguousarray(view)).filter(filter))


def _canvas(view: Pixels) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.fromarray(view).copy()
    return image, ImageDraw.Draw(image)


def _box(view: Pixels) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the ink."""
    ink = view > _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
