/**
 * The page a browser gets on a stream nobody speaks on: it asks every two seconds and plays by itself once somebody
 * does. Complete in itself, no external resource; its policy allows exactly its own script and style.
 */
import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f4f6f8, #14181c);
  color: light-dark(#1c2127, #e8ebee); }
main { box-sizing: border-box; width: min(26rem, 100vw - 2rem); padding: 2.5rem 2rem; text-align: center; border-radius: 1rem;
  background: light-dark(#fff, #1e2429); box-shadow: 0 1px 4px rgb(0 0 0 / .2); }
h1 { font-size: 1.25rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
p { margin: 0; color: light-dark(#55606b, #a3adb7); }
svg { width: 4rem; fill: light-dark(#78838e, #8a949e); }
.playing svg { fill: light-dark(#0277bd, #4fc3f7); }
audio { display: none; width: 100%; margin-top: 1.25rem; }
.playing audio { display: block; }
button { display: none; margin: 1.25rem auto 0; padding: .6rem 1.4rem; border: 0; border-radius: 2rem; font: inherit;
  background: light-dark(#0277bd, #4fc3f7); color: light-dark(#fff, #10222c); cursor: pointer; }
.blocked button { display: block; }
button:focus-visible { outline: 3px solid currentColor; outline-offset: 3px; }
`;

const SCRIPT = `
const audio = document.querySelector('audio');
const main = document.querySelector('main');
const status = document.querySelector('p');
const say = (name, text) => { main.className = name; status.textContent = text; };
const wait = () => {
  audio.removeAttribute('src');
  audio.load();
  say('', 'Nobody speaks here right now. It plays by itself as soon as somebody does.');
  setTimeout(ask, 2000);
};
const play = () => audio.play().then(
  () => say('playing', 'Live'),
  (error) => {
    if (error.name === 'NotAllowedError') say('blocked', 'Somebody speaks. Your browser wants a click before it plays sound.');
  },
);
const ask = async () => {
  try {
    const response = await fetch(location.href, { method: 'HEAD', cache: 'no-store' });
    if (response.ok) {
      audio.src = location.href;
      await play();
      return;
    }
    status.textContent = 'Nobody speaks here right now. It plays by itself as soon as somebody does.';
  } catch {
    status.textContent = 'The server does not answer. Trying again.';
  }
  setTimeout(ask, 2000);
};
audio.addEventListener('ended', wait);
audio.addEventListener('error', () => { if (audio.hasAttribute('src')) wait(); });
document.querySelector('button').addEventListener('click', play);
setTimeout(ask, 1000);
`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const WAITING_PAGE_POLICY =
  `default-src 'none'; script-src ${hash(SCRIPT)}; style-src ${hash(STYLE)}; media-src 'self'; connect-src 'self'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** `id` is a stream id: letters, digits and hyphens, so nothing to escape. */
export function waitingPage(id: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${id} · Voice Streaming</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.92V21h2v-3.08A7 7 0 0 0 19 11Z"/></svg>
<h1>${id}</h1>
<p role="status">Nobody speaks here right now. It plays by itself as soon as somebody does.</p>
<audio controls></audio>
<button type="button">Listen</button>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
