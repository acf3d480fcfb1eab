/** Stand-in for the document as far as it hides. */
export class FakeDocument extends EventTarget {
  hidden = false;

  /** The page was hidden or shown. */
  look(): void {
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
