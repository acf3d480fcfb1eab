/** `npm run bench [-- name …] [--json file]`: see README.md. */
import './typescript.mjs';

await import('./main.ts');
