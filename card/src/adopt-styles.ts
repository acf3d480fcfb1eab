/** Styles of a fetched page, as Lit does it: constructed, as the page's policy allows none in the markup. */

/** Named as Lit's, so that the build makes it smaller, too. */
export const css = String.raw;

const adopted = new WeakMap<Node, Set<string>>();

export function adoptStyles(root: HTMLElement | DocumentFragment, styles: string): void {
  let known = adopted.get(root);
  if (!known) adopted.set(root, (known = new Set()));
  if (known.has(styles)) return;
  known.add(styles);
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    // A list that cannot be added to, in older browsers.
    const adopting = root as ShadowRoot;
    adopting.adoptedStyleSheets = [...adopting.adoptedStyleSheets, sheet];
  } else {
    const element = document.createElement('style');
    element.textContent = styles;
    root.append(element);
  }
}
