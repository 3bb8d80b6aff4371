"""axe in a page: WCAG 2.2 at level AA, no violation allowed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

SCRIPT = Path(__file__).parent / "vendor" / "axe.min.js"
# What fades in is pale for a moment, and would be measured as too pale. What turns for ever is not waited for.
NOTHING_MOVES = """() => document.getAnimations().every(animation => {
  const {progress, activeDuration} = animation.effect.getComputedTiming();
  return animation.playState !== "running" || progress === null || activeDuration === Infinity;
})"""
# axe takes seconds: what is to fade later may not begin meanwhile.
RUN = """async tags => {
  const waiting = document.getAnimations().filter(animation => animation.playState === "running");
  waiting.forEach(animation => animation.pause());
  try {
    return await axe.run(document, {runOnly: tags});
  } finally {
    waiting.forEach(animation => animation.play());
  }
}"""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


def violations(page: Page | Frame) -> list[str]:
    """What axe finds on the page as it stands, or in a frame of one, one sentence for each element."""
    page.wait_for_function(NOTHING_MOVES)
    page.evaluate(_script())
    results: dict[str, Any] = page.evaluate(RUN, list(TAGS))
    return [
        f"{violation['id']}: {violation['help']}: {', '.join(map(str, node['target']))}: {node['html'][:200]}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


@cache
def _script() -> str:
    return SCRIPT.read_text()
