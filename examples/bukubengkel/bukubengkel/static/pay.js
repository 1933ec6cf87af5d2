// Counts down, and asks each second whether the news has come; the server draws the new page.
const countdown = document.getElementById("countdown");
let runsOutAt = performance.now() + Number(countdown.dataset.seconds) * 1000;
let asking = false;

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch("/status", { signal: AbortSignal.timeout(5000) });
    const { state, seconds_left } = await answer.json();
    if (state !== "waiting") return location.replace("/pay");
    runsOutAt = performance.now() + seconds_left * 1000;
  } catch {
    // Out of reach for a moment: the next second asks again.
  } finally {
    asking = false;
  }
}

function tick() {
  const left = Math.max(0, Math.round((runsOutAt - performance.now()) / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  countdown.textContent = `${pad(Math.floor(left / 60))}:${pad(left % 60)}`;
  ask();
}

setInterval(tick, 1000);
addEventListener("visibilitychange", ask);
