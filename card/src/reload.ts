/** Loads the page anew, with this bundle as the server has it now: browsers keep it for a month. */
const LIMIT_MS = 5_000;

export async function reloadPage(): Promise<void> {
  try {
    // Puts the answer in the place of what the browser keeps.
    await fetch(import.meta.url, { cache: 'reload', signal: AbortSignal.timeout(LIMIT_MS) });
  } catch {
    // The server is away or of another origin: a plain reload is what there is.
  }
  location.reload();
}
