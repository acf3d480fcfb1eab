/** Global setup of the integration tests: they run the transcoder's real worker, which exists only bundled. */
import { bundle } from '../../tools/bundle.mjs';

export default async function setup(): Promise<void> {
  await bundle(['worker']);
}
