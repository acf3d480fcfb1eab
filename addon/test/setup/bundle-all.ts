/** Global setup of the end-to-end tests: they run what ships. */
import { bundle } from '../../tools/bundle.mjs';

export default async function setup(): Promise<void> {
  await bundle();
}
