/**
 * Lets Node 20 import TypeScript: `node --import ./addon/bench/typescript.mjs file.ts`. Files keep their place, so that
 * what the tests' support finds next to itself is found here too.
 */
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
