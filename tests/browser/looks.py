"""What eyes would find on a page: what sticks out, what is broken, what a finger would miss."""

WIDTHS = (320, 390, 768, 1024, 1100, 1280)
FEWER = (320, 390, 1100, 1280)
"""In the second language: the first has shown that the pages hold at the others."""
TOUCHED = 390
"""Where the targets are measured."""
OPEN_ALL = "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
SEEN = r"""
const seen = (element) => element.checkVisibility({ visibilityProperty: true })
    && !element.closest('.sr-only, svg, script, style, noscript, option, pre')
    && (element.closest('thead')?.clientWidth ?? 9) > 1;
"""
LOOKS = (
    "() => {"
    + SEEN
    + r"""
    const found = [];
    const panels = '.panel, .slip, .note, .card, .confirm-box';
    const told = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 40);
    // What scrolls or ends in an ellipsis keeps to its place by itself.
    const cut = (element, panel) => {
        for (let up = element; up !== panel; up = up.parentElement)
            if (getComputedStyle(up).overflowX !== 'visible') return true;
        return false;
    };
    const outOf = (panel, box) => {
        const edge = panel.getBoundingClientRect();
        const out = Math.max(box.right - edge.right, edge.left - box.left);
        return out > 1 ? `out by ${Math.round(out)}: ` : '';
    };
    const words = /[\p{L}\p{N}]{2,24}/gu;
    // An address or an id that is longer than its line has to break somewhere.
    const whole = (text, at) =>
        text.slice(0, at).split(/\s/).at(-1) + text.slice(at).split(/\s/)[0];
    const mayBreak = /@|:\/\/|^[a-z]+_[0-9a-z]{6,}/;
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walk.nextNode());) {
        const element = text.parentElement;
        if (!text.data.trim() || !seen(element)) continue;
        const range = document.createRange();
        for (const word of element.closest('code') ? [] : text.data.matchAll(words)) {
            if (mayBreak.test(whole(text.data, word.index))) continue;
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const lines = [...range.getClientRects()].filter((one) => one.width > 0);
            if (lines.length > 1 && lines.at(-1).top - lines[0].top > 4)
                found.push(`broken: ${word[0]} in «${told(text.data)}»`);
        }
        const panel = element.closest(`${panels}, .button`);
        if (!panel || cut(element, panel)) continue;
        range.selectNodeContents(text);
        const out = [...range.getClientRects()].map((box) => outOf(panel, box)).find(Boolean);
        if (out) found.push(`${out}«${told(text.data)}»`);
    }
    const things = 'input, select, textarea, button, a.button, summary, svg, img';
    for (const one of document.querySelectorAll(`main :is(${things})`)) {
        const panel = one.parentElement.closest(panels);
        const box = one.getBoundingClientRect();
        if (!panel || box.width < 8 || !one.checkVisibility() || one.closest('.sr-only')) continue;
        if (one.parentElement.closest('svg') || cut(one.parentElement, panel)) continue;
        const out = outOf(panel, box);
        if (out) found.push(`${out}${one.outerHTML.slice(0, 80)}`);
    }
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) found.push(`scrolls to ${wide}`);
    return found;
}"""
)
SMALL_TARGETS = (
    "() => {"
    + SEEN
    + r"""
    const controls = 'a, button, summary, select, label:has(input), '
        + 'input:not([type=hidden], [type=radio], [type=checkbox])';
    const high = (one) => {
        const after = getComputedStyle(one, '::after');
        const reach = after.position === 'absolute' ? parseFloat(after.height) : 0;
        return Math.max(one.getBoundingClientRect().height, reach || 0);
    };
    return [...document.querySelectorAll(controls)]
        .filter((one) => seen(one) && !one.matches('.skip') && high(one) < 43.5)
        .map((one) => `${Math.round(high(one))} ${one.outerHTML.slice(0, 120)}`);
}"""
)
