// The one thing that a printed paper does with script; without it the browser's own menu prints.
document.querySelector("[data-print]").addEventListener("click", () => window.print());
